"""Landing side by side and in sequence: of two writers one wins, and any sequence of files gives what a model says."""

import json
import threading
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.extract.state import SyncSuperseded
from orchestration.resources.lake import Lake, LakeLocation
from orchestration.resources.lake_session import LakeSession
from tests.assets.extract.batches import (
    ROWS,
    batch_of,
    counts,
    land,
    landing_on,
    rejects_of,
    removed,
    rows_of,
    table_of,
    tombstones_of,
)

pytestmark = pytest.mark.servers


def test_the_second_of_two_syncs_of_a_stream_is_superseded(lake: Lake, location: LakeLocation, tenant_id: UUID) -> None:
    other = Lake(location)
    with lake.session(tenant_id) as mine, other.session(tenant_id) as theirs:
        first = landing_on(mine)
        land(first, ROWS)
        late = landing_on(theirs, first.connection_id)
        land(first, [("1", "Ada L.")])
        with pytest.raises(SyncSuperseded):
            late.land(batch_of([("1", "stale"), ("7", "ghost")], unreadable=[(1, "x", "bad")]))
        assert rows_of(first) == [("1", "Ada L."), ("2", "Bob"), ("3", None)]
        assert rejects_of(first) == []
    other.close()


def at_once(*tasks: Callable[[], None]) -> list[BaseException]:
    """Run tasks in threads; what they raised."""
    raised: list[BaseException] = []

    def guarded(task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as error:  # noqa: BLE001 - the caller asserts on it
            raised.append(error)

    threads = [threading.Thread(target=guarded, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.parametrize("is_first", [True, False])
def test_of_two_syncs_that_commit_together_one_wins(
    lake: Lake, location: LakeLocation, tenant_id: UUID, is_first: bool
) -> None:
    connection_id, both_read = uuid4(), threading.Barrier(2, timeout=20)
    if not is_first:
        with lake.session(tenant_id) as session:
            land(landing_on(session, connection_id), ROWS)

    def sync(name: str) -> Callable[[], None]:
        def run() -> None:
            own = Lake(location)
            try:
                with own.session(tenant_id) as session:
                    landing = landing_on(session, connection_id)
                    landing.land(batch_of([("1", name)], unreadable=[(1, name, "bad")], verify=both_read.wait))  # type: ignore[arg-type]
            finally:
                own.close()

        return run

    (error,) = at_once(sync("left"), sync("right"))
    assert isinstance(error, SyncSuperseded), error
    with lake.session(tenant_id) as session:
        landing = landing_on(session, connection_id)
        assert landing.state.version == (1 if is_first else 2)
        (winner,) = {name for key, name in rows_of(landing) if key == "1"}
        assert rejects_of(landing, "raw") == [(winner,)]


def test_two_connections_of_a_tenant_commit_at_once_without_loss(
    lake: Lake, location: LakeLocation, tenant_id: UUID
) -> None:
    connection_ids, versions = (uuid4(), uuid4(), uuid4()), range(4)

    def sync(connection_id: UUID) -> Callable[[], None]:
        def run() -> None:
            own = Lake(location)
            try:
                for version in versions:
                    with own.session(tenant_id) as session:
                        rows = [(str(key), f"v{version}") for key in range(version, version + 5)]
                        landing = landing_on(session, connection_id)
                        landing.land(batch_of(rows, unreadable=[(version, "x", "bad")]))
            finally:
                own.close()

        return run

    assert at_once(*map(sync, connection_ids)) == []
    with lake.session(tenant_id) as session:
        for connection_id in connection_ids:
            landing = landing_on(session, connection_id)
            assert rows_of(landing) == [(str(key), f"v{min(key, 3)}") for key in range(8)]
            assert rejects_of(landing, "line") == [(3,)]
            assert landing.state.version == len(versions)


FILES = st.tuples(
    st.sampled_from(["a.csv", "b.csv"]),
    st.none()
    | st.tuples(
        st.lists(st.tuples(st.sampled_from(["", *"1234"]), st.sampled_from([None, "", "x", "y"])), max_size=6),
        st.integers(0, 2),
    ),
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.booleans(), st.lists(FILES, min_size=1, max_size=5))
def test_any_sequence_of_files_gives_what_a_model_says(
    session: LakeSession, deletes: bool, versions: list[tuple[str, tuple[list[tuple[str, str | None]], int] | None]]
) -> None:
    landing = landing_on(session)
    model: dict[str, tuple[str | None, str, bool]] = {}  # id -> name, origin, alive
    rejected: dict[str, int] = {}
    for number, (origin, content) in enumerate(versions):
        gone = {key for key, (_, owner, alive) in model.items() if owner == origin and alive}
        if content is None:
            if deletes and landing.state.version:
                assert landing.remove(removed(origin)) == counts(deleted=len(gone))
                model |= {key: (*model[key][:2], False) for key in gone}
                rejected.pop(origin, None)
            continue
        rows, bad = content
        newest = {key: name for key, name in rows if key}
        changed = {
            key
            for key, name in newest.items()
            if key not in model or not model[key][2] or model[key][0] != name or (deletes and model[key][1] != origin)
        }
        gone = gone - newest.keys() if deletes else set()
        rejected[origin] = bad + len(rows) - len(newest)
        expected = counts(
            read=len(rows) + bad,
            landed=len(changed),
            rejected=rejected[origin],
            unchanged=len(newest) - len(changed),
            deleted=len(gone),
        )
        unreadable = [(line, "?", "bad") for line in range(bad)]
        cursor: dict[str, object] = {"number": number}
        assert land(landing, rows, origin=origin, deletes=deletes, unreadable=unreadable, cursor=cursor) == expected
        model |= {key: (newest[key], origin, True) for key in changed}
        model |= {key: (*model[key][:2], False) for key in gone}
        assert landing_on(session, landing.connection_id).state.cursor == cursor
    if landing.state.version:
        alive = [(key, name) for key, (name, _, alive) in model.items() if alive]
        assert sorted(rows_of(landing), key=str) == sorted(alive, key=str)
        assert tombstones_of(landing) == sorted(key for key, (*_, alive) in model.items() if not alive)
        assert session.value(f"SELECT count(*) = count(DISTINCT __key) FROM {table_of(landing)}")
        assert len(rejects_of(landing)) == sum(rejected.values())
        assert json.dumps(landing.state.origins)
