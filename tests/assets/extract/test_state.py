"""Where streams stand: kept with the rows, guarded by a version; and how far stages have read a change feed."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from assets.extract.progress import Progress, feed_start, read_progress, write_progress
from assets.extract.state import StreamState, SyncSuperseded, load_states, save_state
from orchestration.resources.lake_session import LakeSession
from tests.assets.extract.batches import stream_of

pytestmark = pytest.mark.servers


def test_a_state_comes_back_as_it_was_saved(session: LakeSession) -> None:
    connection_id = uuid4()
    state = StreamState(
        "it's \U0001f600 'quoted'",
        version=1,
        cursor={"files": {"a'b.csv": {"size": 1, "sha256": None}}},
        origins={"a'b.csv": 3},
        fields=[{"name": "id", "type": "text", "nullable": True, "label": None, "description": "x"}],
        primary_key=["id"],
        batch_id="0000000001-x",
        mode="append",
        present=False,
        detects_deletes=True,
    )
    assert load_states(session, connection_id) == {}
    save_state(session, connection_id, 0, state)
    assert load_states(session, connection_id) == {state.stream: state}
    later = StreamState(state.stream, version=2, cursor=None)
    save_state(session, connection_id, 1, later)
    save_state(session, connection_id, 0, StreamState("other", version=1))
    assert load_states(session, connection_id) == {
        state.stream: later,
        "other": StreamState("other", version=1),
    }
    assert load_states(session, uuid4()) == {}


def test_a_state_moves_only_from_where_it_was_read(session: LakeSession) -> None:
    connection_id = uuid4()
    save_state(session, connection_id, 0, StreamState("people", version=1))
    for expected in (0, 2):
        with pytest.raises(SyncSuperseded, match=f"'people' is at commit 1, this sync started from {expected}"):
            save_state(session, connection_id, expected, StreamState("people", version=9))
    assert load_states(session, connection_id)["people"].version == 1


def test_a_state_gives_its_stream_back() -> None:
    fields = [{"name": n, "type": "text", "nullable": True, "label": None, "description": None} for n in ("id", "name")]
    state = StreamState("people", fields=fields, primary_key=["id"], detects_deletes=True)
    assert state.as_stream() == stream_of(deletes=True)


def test_progress_is_kept_by_scope_and_replaced(session: LakeSession) -> None:
    assert read_progress(session, "views", "it's") is None
    write_progress(session, "views", "it's", Progress(3, "v'1"))
    write_progress(session, "views", "other", Progress(9))
    write_progress(session, "views", "it's", Progress(4, "v2"))
    assert read_progress(session, "views", "it's") == Progress(4, "v2")
    assert read_progress(session, "views", "other") == Progress(9)


def test_progress_rolls_back_with_what_was_written(session: LakeSession) -> None:
    write_progress(session, "views", "a", Progress(1))

    def fail(lake: LakeSession) -> None:
        write_progress(lake, "views", "a", Progress(2))
        raise KeyError

    with pytest.raises(KeyError):
        session.transaction(fail)
    assert read_progress(session, "views", "a") == Progress(1)


def test_a_feed_is_read_from_where_a_stage_stands_until_it_has_expired(session: LakeSession) -> None:
    session.ensure_table("raw", "t", {"a": "INTEGER"})
    start = session.snapshot()
    for value in range(3):
        session.execute(f"INSERT INTO lake.raw.t VALUES ({value})")
    assert feed_start(session, None) is None
    assert feed_start(session, Progress(start)) == start
    now = datetime.now(UTC).isoformat()
    session.rows(f"CALL ducklake_expire_snapshots('lake', older_than => TIMESTAMPTZ '{now}')")
    newest = session.snapshot()
    assert feed_start(session, Progress(start)) is None
    assert feed_start(session, Progress(newest)) == newest
