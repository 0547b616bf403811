"""Postgres, Valkey and Dagster are killed one at a time under load: 503 with a reason, and nothing lost.

Nobody starts them again but the supervisor. Callers get an answer to every request: what needs nothing that is away
succeeds, the rest is told so; never a 500, never a broken connection.
"""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx
import psutil
import pytest

from orchestration.commands.access import OPERATOR, connect_control_plane
from orchestration.control_plane.intent import Intent
from orchestration.control_plane.passwords import hash_password
from orchestration.embedded.state import read_state
from orchestration.resources.onboarding import Onboarding
from orchestration.resources.settings import Settings
from tests.end_to_end.running import running_stack

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stacks of their own")]
CALLERS = 8
RECOVERS_WITHIN_S = 10.0
PASSWORD = "a long enough password"
DAGSTER = ("webserver", "daemon", "dispatcher", "worker", "code-server")


@dataclass(frozen=True)
class Answered:
    """One answer: when, of what kind of request, with which status and, unless it succeeded, which reason."""

    at: float
    kind: str
    status: int
    reason: str


@dataclass
class Load:
    """Callers that read, write and ask for syncs until told to stop, and remember what they were told."""

    base_url: str
    token: str
    connection: UUID
    answers: list[Answered] = field(default_factory=list)
    written: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Load":
        self._threads = [threading.Thread(target=self._call) for _ in range(CALLERS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _call(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        with httpx.Client(base_url=self.base_url, headers=headers, timeout=20) as client:
            while not self._stop.is_set():
                number = next(self._numbers)
                kind = ("write", "read", "history", "sync")[number % 4]
                try:
                    answer = self._ask(client, kind, number)
                except httpx.TransportError as error:
                    self.broken.append(f"{kind}: {type(error).__name__}")
                    continue
                reason = "" if answer.is_success else str(answer.json().get("detail", ""))
                self.answers.append(Answered(time.monotonic(), kind, answer.status_code, reason))
                if kind == "write" and answer.is_success:
                    self.written.add(f"secret-{number}")
                time.sleep(0.1)  # below the rate limits

    def _ask(self, client: httpx.Client, kind: str, number: int) -> httpx.Response:
        match kind:
            case "write":
                return client.put(f"/api/v1/aam/secrets/secret-{number}", json={"value": "x" * 20})
            case "read":
                return client.get("/api/v1/aam/connections")
            case "history":
                return client.get("/api/v1/events/history")
        return client.post(f"/api/v1/aam/connections/{self.connection}/sync")

    def since(self, moment: float) -> list[Answered]:
        return [answer for answer in list(self.answers) if answer.at > moment]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The whole stack in a home of its own."""
    with running_stack(tmp_path_factory.mktemp("outages")) as running:
        yield running


@pytest.fixture(scope="module")
def company(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, UUID]]:
    """Base URL of the app, a token of its owner, and a connection of theirs."""
    folder = tmp_path_factory.mktemp("crm")
    (folder / "people.csv").write_text("id,first_name,email\n1,Ann,ann@x.example\n")
    control_plane = connect_control_plane(settings)
    with control_plane.operator_session() as session:
        tenant_id = session.create_tenant("Outage", "owner@outage.example", hash_password(PASSWORD)).id
    intent = Intent(name="crm", kind="files", config={"path": str(folder)})
    outcome = Onboarding(control_plane, settings.outbound).connect(tenant_id, intent, OPERATOR)
    assert outcome.connection is not None, outcome.refusal
    control_plane.dispose()
    base_url = f"http://127.0.0.1:{read_state(settings.home).ports['app']}"
    given = {"email": "owner@outage.example", "password": PASSWORD}
    answer = httpx.post(f"{base_url}/api/v1/auth/login", json=given, timeout=20)
    yield base_url, answer.json()["access_token"], outcome.connection.id


def kill(home: Path, name: str) -> int:
    """SIGKILL a process of the stack with all it started; how often it had been started again before."""
    process = read_state(home).processes[name]
    assert process.identity is not None
    parent = psutil.Process(process.identity.pid)
    for one in [parent, *parent.children(recursive=True)]:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue
    return process.restarts


def until_ready_again(home: Path, restarts: dict[str, int], timeout_s: float = 60) -> float:
    """The moment at which the supervisor had all of them healthy once more."""
    deadline = time.monotonic() + timeout_s
    while True:
        processes = read_state(home).processes
        if all(
            processes[name].restarts > before and processes[name].status == "ready" for name, before in restarts.items()
        ):
            return time.monotonic()
        assert time.monotonic() < deadline, {name: processes[name].status for name in restarts}
        time.sleep(0.05)


def until_all_succeed(load: Load, since: float, timeout_s: float = 30) -> float:
    """The moment from which every kind of request was answered well, by two rounds of all callers."""
    deadline = time.monotonic() + timeout_s
    while True:
        answers = load.since(since)
        failed = [answer.at for answer in answers if answer.status >= 400]
        last = max(failed, default=since)
        good = Counter(answer.kind for answer in answers if answer.at > last)
        if min(good[kind] for kind in ("write", "read", "history", "sync")) >= 4:
            return last
        assert time.monotonic() < deadline, Counter((a.kind, a.status, a.reason) for a in answers)
        time.sleep(0.1)


def until_named(base_url: str, name: str, timeout_s: float = 10) -> None:
    """Readiness says no, and why."""
    deadline = time.monotonic() + timeout_s
    while True:
        answer = httpx.get(f"{base_url}/ready", timeout=20)
        if answer.status_code == 503 and name in answer.json()["problems"]:
            return
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.05)


def test_what_is_killed_is_named_and_nothing_acknowledged_is_lost(
    settings: Settings, company: tuple[str, str, UUID], measured: Callable[[str], None]
) -> None:
    base_url, token, connection = company
    home = settings.home
    with Load(base_url, token, connection) as load:
        time.sleep(1)
        assert not [answer for answer in load.since(0) if answer.status >= 400]
        for killed, named in ((("postgres",), "database"), (("valkey",), "redis"), (DAGSTER, "dagster")):
            began = time.monotonic()
            restarts = {name: kill(home, name) for name in killed}
            until_named(base_url, named)
            back = until_ready_again(home, restarts)
            recovered = max(0.0, until_all_succeed(load, back) - back)
            answers = load.since(began)
            refused = [answer for answer in answers if answer.status >= 400]
            measured(
                f"{named} killed: away {back - began:.1f} s, recovered {recovered:.1f} s after it was back;"
                f" {len(answers)} answers, {len(refused)} refused"
            )
            assert {answer.status for answer in refused} <= {503}, Counter((a.kind, a.status) for a in refused)
            assert all(answer.reason for answer in refused)
            assert recovered < RECOVERS_WITHIN_S
            if named == "dagster":  # a request for a sync is a row: it waits for Dagster, its caller does not
                assert refused == []
    assert load.broken == []
    assert len(load.written) > 20
    with httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {token}"}, timeout=20) as client:
        assert load.written <= secrets_of(client)
        wanted = client.post(f"/api/v1/aam/connections/{connection}/sync").json()["id"]
        deadline = time.monotonic() + 60
        while (status := client.get(f"/api/v1/aam/syncs/{wanted}").json()["status"]) != "succeeded":
            assert status in ("requested", "queued", "running") and time.monotonic() < deadline, status
            time.sleep(0.2)
        unfinished = [
            sync
            for sync in client.get("/api/v1/aam/syncs", params={"limit": 500}).json()["items"]
            if sync["status"] == "failed"
        ]
        assert unfinished == []


def secrets_of(client: httpx.Client) -> set[str]:
    found: set[str] = set()
    cursor: dict[str, str] = {}
    while True:
        page = client.get("/api/v1/aam/secrets", params={"limit": 500, **cursor}).json()
        found |= {secret["name"] for secret in page["items"]}
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}
