"""The process that serves ends without breaking anything off: readiness, streams, requests, exit code."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from orchestration.embedded.ports import free_port
from orchestration.resources.settings import REPOSITORY
from tests.api.serving import ServedApi, ServedTenant

pytestmark = pytest.mark.servers


class Served:
    """`python -m api.serve` beside the shared application: the same servers, a process of its own."""

    def __init__(self, api: ServedApi, log: Path, **settings: str) -> None:
        self.port = free_port()
        given = {"HOME": str(log.parent), "DRAIN_S": "1", "SHUTDOWN_GRACE_S": "8", **settings}
        shared = api.settings.as_environment()
        environment = {**os.environ, **shared, **{f"AUTONOMOS_{name}": value for name, value in given.items()}}
        environment.pop("AUTONOMOS_OPERATOR_URL", None)
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api.serve", "--host", "127.0.0.1", "--port", str(self.port)],
                cwd=REPOSITORY, env=environment, stdout=output, stderr=output,
            )  # fmt: skip
        self.base_url = f"http://127.0.0.1:{self.port}"

    def until_alive(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text()
            try:
                assert httpx.get(f"{self.base_url}/health", timeout=5).status_code == 200
                return
            except httpx.TransportError:
                time.sleep(0.1)


@pytest.fixture
def served(shared_api: ServedApi, tmp_path: Path) -> Iterator[Served]:
    process = Served(shared_api, tmp_path / "app.log")
    try:
        process.until_alive()
        yield process
    finally:
        process.process.kill()
        process.process.wait()


def test_told_to_end_it_finishes_what_it_began(served: Served, shared_api: ServedApi, tmp_path: Path) -> None:
    tenant = shared_api.new_tenant()
    operator = tenant.headers("owner", operator=True)
    outcome: dict[str, object] = {}
    with history_held(shared_api, tenant) as release:
        stream = threading.Thread(target=lambda: outcome.update(stream=read_stream(served, tenant)))
        stream.start()
        slow = threading.Thread(target=lambda: outcome.update(slow=put_flag(served, operator)))
        slow.start()
        time.sleep(1)
        assert slow.is_alive(), outcome
        served.process.send_signal(signal.SIGTERM)
        time.sleep(0.4)
        ready = httpx.get(f"{served.base_url}/ready", timeout=5)
        assert (ready.status_code, ready.json()["problems"].keys()) == (503, {"process"})
        time.sleep(1.2)
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{served.base_url}/health", timeout=2)
        assert served.process.poll() is None
        release()
        slow.join(10)
        stream.join(10)
    assert outcome["slow"] == 200
    assert "closing" in str(outcome["stream"]) and "shutting_down" in str(outcome["stream"])
    assert served.process.wait(10) == 0
    assert all(line.startswith("{") for line in served.log.read_text().splitlines()), served.log.read_text()


def test_a_request_that_takes_too_long_does_not_hold_the_end_up(shared_api: ServedApi, tmp_path: Path) -> None:
    served = Served(shared_api, tmp_path / "app.log", DRAIN_S="0", SHUTDOWN_GRACE_S="1")
    served.until_alive()
    tenant = shared_api.new_tenant()
    operator = tenant.headers("owner", operator=True)
    with history_held(shared_api, tenant):
        slow = threading.Thread(target=lambda: put_flag(served, operator))
        slow.start()
        time.sleep(1)
        served.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        time.sleep(2.5)
    assert served.process.wait(10) == 0
    assert time.monotonic() - began < 8
    slow.join(10)


def test_what_is_unsafe_in_production_is_not_served(shared_api: ServedApi, tmp_path: Path) -> None:
    served = Served(shared_api, tmp_path / "app.log", ENVIRONMENT="production")
    assert served.process.wait(30) == 2
    assert "AUTONOMOS_PUBLIC_URL" in served.log.read_text() or "secret" in served.log.read_text()
    assert "test-app_password-4711" not in served.log.read_text()


class history_held:
    """Nobody adds to the tenant's history meanwhile: what does so waits."""

    def __init__(self, api: ServedApi, tenant: ServedTenant) -> None:
        url = sa.make_url(api.settings.database_url).set(username="postgres", password="test-postgres-password")
        self._engine = sa.create_engine(url, poolclass=sa.NullPool)
        self._key = f"audit {tenant.id}"

    def __enter__(self) -> object:
        self._connection = self._engine.connect()
        self._connection.execute(sa.text("SELECT pg_advisory_lock(hashtextextended(:key, 0))"), {"key": self._key})
        return self._connection.close

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def put_flag(served: Served, headers: dict[str, str]) -> int:
    try:
        answer = httpx.put(
            f"{served.base_url}/api/v1/admin/platform-flags/draining-test", json={"percentage": 1}, headers=headers,
            timeout=30,
        )  # fmt: skip
    except httpx.TransportError:
        return 0
    return answer.status_code


def read_stream(served: Served, tenant: ServedTenant) -> str:
    with httpx.stream(
        "GET", f"{served.base_url}/api/v1/events/stream", headers=tenant.headers("viewer"), timeout=30
    ) as answer:
        return "".join(answer.iter_text())
