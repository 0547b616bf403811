"""`bench api`: a view read for the first time and again, and live events, beside a bare FastAPI application."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from statistics import median
from uuid import UUID, uuid4

import httpx
import redis

from orchestration.bench.api.load import LoadResult, drive, get_request
from orchestration.bench.api.published_view import BENCH_VIEW, publish_bench_view
from orchestration.bench.api.served import serving_app, serving_hello
from orchestration.bench.api.streams import StreamFigures, measure_streams
from orchestration.bench.figures import Figure, in_fresh_process
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.passwords import hash_password
from orchestration.resources.events import Events
from orchestration.resources.settings import Settings

FIRST_READ_P50_MS = 40.0
AGAIN_SHARE_OF_HELLO = 0.4
AGAIN_P99_MS = 100.0
EVENTS_P99_MS = 60.0
CLIENTS = 32
STREAM_CLIENTS, EVENTS_PER_S = 500, 20
_ROWS_PATH = f"/api/v1/dcl/views/{BENCH_VIEW}/rows"
_ROUNDS = 3  # hello and ours in turn, so that a slow moment of the machine hits both


@dataclass(frozen=True, slots=True)
class BenchMember:
    """Somebody who is logged in to a tenant with a large view."""

    tenant_id: UUID
    email: str
    password: str


def measure_api(
    settings: Settings, control_plane: ControlPlane, rows: int, seconds: float, stream_seconds: float
) -> list[Figure]:
    """Every figure of the bench; `seconds` of load a round, `stream_seconds` of events."""
    member = _member(control_plane)
    publish_bench_view(settings, control_plane, member.tenant_id, rows)
    with serving_app(settings.home) as port, serving_hello() as hello:
        token = _log_in(port, member)
        first = _first_reads(port, token, rows)
        again = _reads_again(port, hello, token, seconds)
        streams = _streams(settings, port, token, member.tenant_id, stream_seconds)
    return [*first, *again, *_stream_figures(streams)]


def _member(control_plane: ControlPlane) -> BenchMember:
    email, password = f"{uuid4().hex[:10]}@bench.test", uuid4().hex
    with control_plane.operator_session() as session:
        tenant = session.create_tenant(f"bench {uuid4().hex[:10]}", email, hash_password(password))
    return BenchMember(tenant.id, email, password)


def _log_in(port: int, member: BenchMember) -> str:
    answer = httpx.post(
        f"http://127.0.0.1:{port}/api/v1/auth/login",
        json={"email": member.email, "password": member.password},
        trust_env=False,
    )
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def _first_reads(port: int, token: str, rows: int) -> list[Figure]:
    """Pages nobody asked for before: each another filter and order."""
    took = []
    with _client(port, token) as client:
        client.get(_ROWS_PATH, params={"limit": 1}).raise_for_status()  # opens the snapshot
        for query in _different_queries():
            began = time.perf_counter()
            answer = client.get(_ROWS_PATH, params=query)
            took.append(1000 * (time.perf_counter() - began))
            answer.raise_for_status()
    return [
        Figure(
            f"50 of {rows:,} rows, filtered and sorted, first read, p50", median(took), "ms", limit=FIRST_READ_P50_MS
        ),
        Figure("the same, slowest", max(took), "ms"),
    ]


def _different_queries() -> Iterator[httpx.QueryParams]:
    stages, sorts = ("open", "won", "lost"), ("-amount", "close_date", "name", "-created_at", "probability")
    for stage, sort, above in product(stages, sorts, (10, 50_000, 250_000, 900_000)):
        filters = [("where", f"stage:eq:{stage}"), ("where", f"amount:gt:{above}")]
        yield httpx.QueryParams([*filters, ("sort", sort), ("limit", "50")])


def _reads_again(port: int, hello: int, token: str, seconds: float) -> list[Figure]:
    """One page again and again by many clients: its bytes, and the answer that it is the same still."""
    path = f"{_ROWS_PATH}?where=stage:eq:won&sort=-amount&limit=50"
    headers = {"Authorization": f"Bearer {token}"}
    with _client(port, token) as client:
        answer = client.get(path)
        answer.raise_for_status()
    whole, unchanged = (
        get_request(path, headers),
        get_request(path, {**headers, "If-None-Match": answer.headers["ETag"]}),
    )
    plain = get_request("/")
    loads = {"hello": (hello, plain), "whole": (port, whole), "unchanged": (port, unchanged)}
    runs: dict[str, list[LoadResult]] = {name: [] for name in loads}
    for _ in range(_ROUNDS):
        for name, (where, request) in loads.items():
            runs[name].append(in_fresh_process(drive, where, [request], CLIENTS, seconds)[0])
    _expect(runs, {"hello": 200, "whole": 200, "unchanged": 304})
    per_s = {name: median(run.per_second for run in found) for name, found in runs.items()}
    p99 = {name: median(run.quantile_ms(0.99) for run in found) for name, found in runs.items()}
    size = f"{len(answer.content):,} bytes"
    named = "bare FastAPI hello"
    return [
        Figure(f"read again by {CLIENTS} clients, unchanged by ETag", per_s["unchanged"], "requests/s",
               per_s["hello"], named, AGAIN_SHARE_OF_HELLO, at_least=True),
        Figure("its p99", p99["unchanged"], "ms", limit=AGAIN_P99_MS),
        Figure(f"read again whole, {size}", per_s["whole"], "requests/s",
               per_s["hello"], named, AGAIN_SHARE_OF_HELLO, at_least=True),
        Figure("its p99", p99["whole"], "ms", limit=AGAIN_P99_MS),
        Figure("hello's p99", p99["hello"], "ms"),
    ]  # fmt: skip


def _expect(runs: dict[str, list[LoadResult]], statuses: dict[str, int]) -> None:
    for name, found in runs.items():
        seen = {status for run in found for status in run.statuses}
        if seen != {statuses[name]}:
            raise RuntimeError(f"{name} was answered with {sorted(seen)}, not {statuses[name]} alone")


def _streams(settings: Settings, port: int, token: str, tenant_id: UUID, seconds: float) -> StreamFigures:
    with redis.Redis.from_url(settings.redis_url) as client:
        return measure_streams(
            ("127.0.0.1", port), token, Events(client), tenant_id, clients=STREAM_CLIENTS, per_s=EVENTS_PER_S,
            seconds=seconds,
        )  # fmt: skip


def _stream_figures(found: StreamFigures) -> list[Figure]:
    pace = f"{found.clients} streams, {EVENTS_PER_S} events/s"
    return [
        Figure(f"{pace}: arrived", found.arrived, "events", found.expected, "told, times streams", 1.0, at_least=True),
        Figure(f"{pace}: told to read, p99", found.p99_ms, "ms", limit=EVENTS_P99_MS),
        Figure("the same, p50", found.p50_ms, "ms"),
    ]


@contextmanager
def _client(port: int, token: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False, timeout=60) as client:
        yield client
