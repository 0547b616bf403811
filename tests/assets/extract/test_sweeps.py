"""Full reads that tell what is gone: whatever page they are cut short after, the end is the same."""

from collections.abc import Iterator

import pytest

from assets.extract.state import STATE_SCHEMA, load_states
from assets.extract.sweeps import seen_table
from connectors.protocol import Batch, Cursor, Stream, Swept
from orchestration.resources.lake_session import LakeSession, name_of
from tests.assets.extract.scripted import ScriptedConnector, Step, Syncs, delta, one, stream_of, swept

pytestmark = pytest.mark.servers

PEOPLE = stream_of(mode="full_with_deletes")
BEFORE = [(str(number), "old") for number in range(6)]
PAGES: list[list[tuple[str | None, str]]] = [
    [("0", "old"), ("1", "new")],
    [],
    [("3", "old"), (None, "nobody")],
    [("7", "new")],
]
AFTER = [("0", "old"), ("1", "new"), ("3", "old"), ("7", "new")]


@pytest.fixture
def syncs(session: LakeSession) -> Syncs:
    return Syncs(session)


class Killed(Exception):
    """The worker died."""


def sweep_of(name: str, killed_after: int | None = None) -> ScriptedConnector:
    """A full read in pages that goes on under its name, and dies after so many items of one run."""

    def script(stream: Stream, cursor: Cursor | None) -> Iterator[Step]:
        done = int(cursor["page"]) if cursor is not None and cursor.get("sweep") == name else 0
        items: list[Batch | Swept] = [delta(stream, rows, 0, sweep=name) for rows in PAGES] + [swept(stream, name)]
        for number, item in enumerate(items, 1):
            if number > done:
                if killed_after is not None and number - done > killed_after:
                    raise Killed
                item.cursor.update({"page": number, "sweep": name})
                yield item

    return ScriptedConnector([PEOPLE], script)


def seen(syncs: Syncs) -> int:
    return int(syncs.session.value(f"SELECT count(*) FROM {name_of(STATE_SCHEMA, seen_table(syncs.connection_id))}"))


def begin(syncs: Syncs) -> None:
    first: list[Step] = [delta(PEOPLE, [*BEFORE, (None, "gone later")], 1, sweep="first"), swept(PEOPLE, "first", 2)]
    assert syncs.run(one(PEOPLE, *first)) == {"people": {"read": 7, "landed": 6, "rejected": 1}}


def test_what_a_full_read_does_not_meet_is_deleted_and_what_it_does_not_reject_forgotten(syncs: Syncs) -> None:
    begin(syncs)
    counts = syncs.run(sweep_of("second"))
    assert counts == {"people": {"read": 5, "landed": 2, "unchanged": 2, "rejected": 1, "deleted": 3}}
    assert syncs.rows() == AFTER
    assert syncs.rows("id, name", where="__deleted") == [("2", "old"), ("4", "old"), ("5", "old")]
    assert syncs.rejects("raw->>'name'") == [("nobody",)]
    assert seen(syncs) == 0


@pytest.mark.parametrize("step", [1, 2])
def test_a_full_read_that_dies_after_every_item_ends_like_one_that_does_not(syncs: Syncs, step: int) -> None:
    begin(syncs)
    asked = []
    for _ in range(20):
        connector = sweep_of("second", killed_after=step)
        try:
            syncs.run(connector)
            asked += connector.asked
            break
        except Exception as error:  # noqa: BLE001 - whatever a killed run raises
            assert "Killed" in str(error)
            asked += connector.asked
    positions = [(cursor or {}).get("page") for _, cursor, _ in asked]
    assert positions == [2, *range(step, 6, step)][: len(positions)]
    assert syncs.rows() == AFTER
    assert syncs.rows("id", where="__deleted") == [("2",), ("4",), ("5",)]
    assert syncs.rejects("raw->>'name'") == [("nobody",)]
    assert seen(syncs) == 0


def test_a_full_read_begun_anew_forgets_what_the_one_before_it_met(syncs: Syncs) -> None:
    begin(syncs)
    cut: list[Step] = [delta(PEOPLE, BEFORE, 3, sweep="cut short"), Killed()]
    with pytest.raises(Exception, match="Killed"):
        syncs.run(one(PEOPLE, *cut))
    assert seen(syncs) == 6
    syncs.run(sweep_of("third"))
    assert syncs.rows() == AFTER
    assert seen(syncs) == 0


def test_a_full_read_of_a_source_that_is_empty_now_deletes_everything(syncs: Syncs) -> None:
    begin(syncs)
    assert syncs.run(one(PEOPLE, swept(PEOPLE, "second", 3))) == {"people": {"deleted": 6}}
    assert syncs.rows() == []
    assert syncs.rejects() == []


def test_full_reads_of_two_streams_do_not_meet(syncs: Syncs) -> None:
    other = stream_of("other", mode="full_with_deletes")

    def script(stream: Stream, _: Cursor | None) -> Iterator[Step]:
        yield delta(stream, [("1", stream.name)], 1, sweep="same name")
        if stream.name == "other":
            yield swept(stream, "same name", 2)

    connector = ScriptedConnector([PEOPLE, other], script)
    syncs.run(connector)
    assert seen(syncs) == 1  # of the stream whose read is not over
    states = load_states(syncs.session, syncs.connection_id)
    assert (states["people"].sweep, states["other"].sweep) == ("same name", None)


def test_a_record_deleted_within_a_full_read_stays_deleted(syncs: Syncs) -> None:
    begin(syncs)
    rows = [("0", "old"), ("1", None)]
    page = delta(PEOPLE, rows, 3, gone=[False, True], sweep="second")
    counts = syncs.run(one(PEOPLE, page, swept(PEOPLE, "second", 4)))
    assert counts == {"people": {"read": 1, "unchanged": 1, "deleted": 5}}
    assert syncs.rows() == [("0", "old")]
