"""Open snapshots under many threads: shared, bounded, stopped at the deadline, and large views laid out as rows."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest

from api.problems import NotFound
from api.published.answers import answer_rows
from api.published.pages import AnsweredPage, PageCache
from api.published.problems import QueryTimeout
from api.published.readers import PublishedReaders
from api.schemas.views import RowsQuery
from orchestration.bench.api.published_view import publish_bench_view, publish_views
from orchestration.resources.publishing import NotAQuery
from tests.api.serving import ServedApi, ServedTenant

pytestmark = pytest.mark.servers

LARGE = 50_000
SLOW = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 7"
MakeReaders = Callable[..., PublishedReaders]


@pytest.fixture
def make_readers(shared_api: ServedApi) -> Iterator[MakeReaders]:
    """Readers with settings of a test's own."""
    made = []

    def make(**changed: object) -> PublishedReaders:
        settings = shared_api.settings.model_copy(update=changed)
        made.append(PublishedReaders(settings, shared_api.control_plane))
        return made[-1]

    yield make
    for one in made:
        one.close()


def publish(api: ServedApi, tenant: ServedTenant, rows: int, snapshot: int = 1) -> None:
    select = f"SELECT 'x' AS _entity_id, i::UBIGINT AS _entity FROM range({rows}) t(i)"
    publish_views(api.settings, api.control_plane, tenant.id, {"things": select}, snapshot)


def count(readers: PublishedReaders, tenant: ServedTenant) -> int:
    with readers.open(tenant.id) as snapshot:
        return int(snapshot.value("SELECT count(*) FROM lake.unified.things"))


def test_many_threads_read_many_tenants_through_few_open_snapshots(
    shared_api: ServedApi, make_readers: MakeReaders
) -> None:
    tenants = [shared_api.new_tenant() for _ in range(4)]
    for number, tenant in enumerate(tenants):
        publish(shared_api, tenant, 10 + number)
    readers = make_readers(view_readers=2)
    with ThreadPoolExecutor(8) as pool:
        asked = [number % 4 for number in range(24)]
        assert list(pool.map(lambda number: count(readers, tenants[number]), asked)) == [10 + n for n in asked]
    assert len(readers._open) <= 2
    assert all(one.users == 0 for one in readers._open.values())


def test_a_query_is_stopped_at_its_deadline_and_the_snapshot_goes_on(
    shared_api: ServedApi, make_readers: MakeReaders
) -> None:
    tenant = shared_api.new_tenant()
    publish(shared_api, tenant, 3)
    readers = make_readers(view_query_timeout_s=0.2)
    with readers.open(tenant.id) as snapshot:
        began = time.monotonic()
        with pytest.raises(QueryTimeout) as stopped:
            snapshot.rows(SLOW)
        assert time.monotonic() - began < 5
        assert (stopped.value.status, stopped.value.slug) == (503, "query-timeout")
        assert snapshot.value("SELECT 1") == 1
    assert count(readers, tenant) == 3


def test_a_snapshot_only_reads(shared_api: ServedApi, make_readers: MakeReaders) -> None:
    tenant = shared_api.new_tenant()
    publish(shared_api, tenant, 3)
    with make_readers().open(tenant.id) as snapshot:
        for text in (
            "DELETE FROM lake.unified.things",
            "SET threads = 8",
            "SELECT 1; SELECT 2",
            "ATTACH ':memory:' AS x",
        ):
            with pytest.raises(NotAQuery):
                snapshot.rows(text)


def test_what_was_never_published_cannot_be_opened(shared_api: ServedApi, make_readers: MakeReaders) -> None:
    readers = make_readers()
    tenant = shared_api.new_tenant()
    with pytest.raises(NotFound), readers.open(tenant.id):
        pass
    publish(shared_api, tenant, 3)
    with pytest.raises(NotFound), readers.open(tenant.id, as_of=99):
        pass


def test_pages_of_a_large_view_are_the_same_once_its_rows_are_laid_out(
    shared_api: ServedApi, make_readers: MakeReaders
) -> None:
    tenant = shared_api.new_tenant()
    publish_bench_view(shared_api.settings, shared_api.control_plane, tenant.id, LARGE)
    readers, plain = make_readers(), make_readers(view_rows_mb=0)
    queries = [
        RowsQuery(limit=50),
        RowsQuery(sort="-amount,name", where=["stage:eq:won"], limit=500),
        RowsQuery(sort="close_date", columns="name,_sources,close_date"),
        RowsQuery(where=["quantity:eq:-1"]),
    ]

    def pages(of: PublishedReaders) -> list[object]:
        return [orjson.loads(answer_rows(of, tenant.id, "opportunities", query)[1]) for query in queries]

    expected = pages(plain)
    assert pages(readers) == expected
    deadline = time.monotonic() + 30
    while not (made := [store for store in readers._stores._stores.values() if store]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert pages(readers) == expected
    path = made[0].path
    assert path.exists()
    readers.close()
    assert not path.exists()


def test_pages_are_kept_within_their_bytes() -> None:
    cache = PageCache(100_000)
    for number in range(50):
        cache.keep(number, AnsweredPage(b"x" * 9_500, f"{number}"))
    kept = [number for number in range(50) if cache.get(number)]
    assert kept == list(range(40, 50))
    cache.keep("huge", AnsweredPage(b"x" * 90_000, "huge"))
    assert cache.get("huge") is None
    assert cache.get(49) == AnsweredPage(b"x" * 9_500, "49")
