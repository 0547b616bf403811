"""A sync window: several streams at once, what ends it, what is told, samples, and choices of columns."""

import hashlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from assets.extract.readers import SourceBroke
from assets.extract.state import load_states
from assets.extract.window import Source, SyncWindow
from connectors.errors import (
    ConfigInvalid,
    ConnectorError,
    CredentialsExpired,
    RateLimited,
    StreamForbidden,
    StreamMisbehaves,
)
from connectors.protocol import Cursor, Note, Stream
from orchestration.resources.lake_session import LakeSession
from tests.assets.extract.batches import batch_of
from tests.assets.extract.batches import stream_of as file_stream
from tests.assets.extract.scripted import ScriptedConnector, Step, Syncs, delta, one, quiet, stream_of, swept

pytestmark = pytest.mark.servers

PEOPLE = stream_of()
NAMES = [f"stream {number}" for number in range(5)]


@pytest.fixture
def syncs(session: LakeSession) -> Iterator[Syncs]:
    yield Syncs(session)
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith("read-")]
    assert left == []


def many(script: Any, at_once: int = 4) -> ScriptedConnector:
    return ScriptedConnector([stream_of(name) for name in NAMES], script, at_once)


def three_pages(stream: Stream, cursor: Cursor | None) -> Iterator[Step]:
    for page in range(1 + (cursor or {"page": 0})["page"], 4):
        yield delta(stream, [(f"{page}{letter}", stream.name) for letter in "ab"], page)


@pytest.mark.parametrize("at_once", [1, 4])
def test_streams_are_read_by_as_many_threads_as_allowed_and_landed_alike(syncs: Syncs, at_once: int) -> None:
    connector = many(three_pages, at_once)
    assert syncs.run(connector) == {name: {"read": 6, "landed": 6} for name in NAMES}
    assert len(connector.threads) == at_once if at_once == 1 else 2 <= len(connector.threads) <= at_once
    assert (threading.get_ident() in connector.threads) == (at_once == 1)
    assert sorted(connector.closed) == sorted(NAMES)
    for name in NAMES:
        assert len(syncs.rows(stream=name)) == 6
        assert load_states(syncs.session, syncs.connection_id)[name].cursor == {"page": 3}


def test_at_most_one_item_a_thread_waits_beside_the_one_that_is_landed(syncs: Syncs) -> None:
    handed, landed, most = [0], [0], [0]
    lock = threading.Lock()

    def script(stream: Stream, _: Cursor | None) -> Iterator[Step]:
        for page in range(1, 6):
            with lock:
                handed[0] += 1
                most[0] = max(most[0], handed[0] - landed[0])
            yield delta(stream, [(str(page), "x")], page)

    connector = many(script, at_once=3)
    tell = syncs.session.transaction

    def transaction(work: Any) -> Any:
        result = tell(work)
        with lock:
            landed[0] += 1
        return result

    syncs.session.transaction = transaction  # type: ignore[method-assign]
    try:
        syncs.run(connector)
    finally:
        del syncs.session.transaction
    assert landed[0] == handed[0] == 5 * len(NAMES)
    assert 1 < most[0] <= 2 * 3


@pytest.mark.parametrize("at_once", [1, 4])
def test_a_stream_that_fails_is_told_and_does_not_stop_the_others(syncs: Syncs, at_once: int) -> None:
    def script(stream: Stream, cursor: Cursor | None) -> Iterator[Step]:
        for number, step in enumerate(three_pages(stream, cursor)):
            if stream.name == "stream 2" and number == 1:
                yield StreamForbidden("The login may not read it.", stream=stream.name)
            yield step

    counts = syncs.run(many(script, at_once))
    assert counts == {name: {"read": 6, "landed": 6} for name in NAMES} | {"stream 2": {"read": 2, "landed": 2}}
    assert {name: told.get("error") for name, told in syncs.told.streams.items() if told.get("error")} == {
        "stream 2": "stream_forbidden"
    }
    assert syncs.run(many(three_pages, at_once))["stream 2"] == {"read": 4, "landed": 4}


@pytest.mark.parametrize("at_once", [1, 4])
@pytest.mark.parametrize(
    "error", [CredentialsExpired("The login has expired."), RateLimited("Slow down.", retry_after_s=900)]
)
def test_what_concerns_the_whole_source_ends_every_reader_and_keeps_what_came_whole(
    syncs: Syncs, at_once: int, error: ConnectorError
) -> None:
    others_read = threading.Semaphore(0)

    def script(stream: Stream, cursor: Cursor | None) -> Iterator[Step]:
        if stream.name == "stream 3":
            if at_once > 1:
                assert others_read.acquire(timeout=20)
            yield delta(stream, [("1", "kept")], 1)
            yield error
        for page in range(1, 10_000):  # would go on for ever
            yield delta(stream, [(str(page), "x")], page)
            others_read.release()
            if at_once == 1 and page == 3:
                return

    connector = many(script, at_once)
    with pytest.raises(type(error)):
        syncs.run(connector)
    assert syncs.rows(stream="stream 3") == [("1", "kept")]
    assert len(connector.closed) == len(connector.asked)
    told = {name: values["read"] for name, values in syncs.told.streams.items()}
    assert told["stream 3"] == 1
    for name, state in load_states(syncs.session, syncs.connection_id).items():
        assert told[name] == len(syncs.rows(stream=name)) == (state.cursor or {})["page"]


def test_a_cancelled_sync_leaves_no_thread_and_no_open_iterator(syncs: Syncs) -> None:
    connector = many(three_pages)
    calls = [0]
    tell = syncs.session.transaction

    def interrupted(work: Any) -> Any:
        calls[0] += 1
        if calls[0] == 5:
            raise KeyboardInterrupt
        return tell(work)

    syncs.session.transaction = interrupted  # type: ignore[method-assign]
    try:
        with pytest.raises(KeyboardInterrupt):
            syncs.run(connector)
    finally:
        del syncs.session.transaction
    assert len(connector.closed) == len(connector.asked)
    counts = syncs.run(many(three_pages))
    assert sum(count["read"] for count in counts.values() if count) == 6 * len(NAMES) - 2 * 4


def test_a_reader_that_waits_ends_at_its_next_note(syncs: Syncs) -> None:
    waiting = threading.Event()

    def script(stream: Stream, _: Cursor | None) -> Iterator[Step]:
        if stream.name == "stream 1":
            assert waiting.wait(20)
            yield CredentialsExpired("The login has expired.")
        while True:
            waiting.set()
            connector.notes(Note("waiting", "Waiting for the source.", stream.name))
            threading.Event().wait(0.01)

    connector = many(script)
    with pytest.raises(CredentialsExpired):
        syncs.run(connector)
    assert "waiting" in syncs.told.codes()


@pytest.mark.parametrize("at_once", [1, 4])
def test_what_a_library_says_in_an_unexpected_error_is_not_passed_on(syncs: Syncs, at_once: int) -> None:
    def script(stream: Stream, _: Cursor | None) -> Iterator[Step]:
        yield delta(stream, [("1", "kept")], 1)
        yield OSError("https://user:canary-secret@host/")

    with pytest.raises(SourceBroke, match=r"OSError at .*scripted.py:\d+ read") as raised:
        syncs.run(many(script, at_once))
    chain: list[str] = []
    error: BaseException | None = raised.value
    while error is not None:
        chain.append(repr(error))
        error = error.__cause__ or error.__context__
    assert "canary" not in "".join(chain)


@pytest.mark.parametrize("at_once", [1, 4])
def test_the_same_page_for_ever_is_an_error_whatever_the_cursor_says(syncs: Syncs, at_once: int) -> None:
    def script(stream: Stream, _: Cursor | None) -> Iterator[Step]:
        for page in range(1, 1_000_000):
            yield delta(stream, [("1", "x"), ("2", "y")], page)

    other = stream_of("other")
    connector = ScriptedConnector(
        [PEOPLE, other], lambda s, c: script(s, c) if s.name == "people" else iter([]), at_once
    )
    syncs.run(connector)
    assert syncs.told.streams["people"]["error"] == StreamMisbehaves.code
    assert len(syncs.rows()) == 2


def test_a_source_without_an_end_is_left_for_the_next_sync(syncs: Syncs) -> None:
    def script(stream: Stream, cursor: Cursor | None) -> Iterator[Step]:
        for page in range(1 + (cursor or {"page": 0})["page"], 1_000_000):
            yield delta(stream, [(str(page), "x")], page)

    for _ in range(2):
        counts = syncs.run(many(script), window_s=0.2)
        assert sum(count.get("read", 0) for count in counts.values()) > 0
        assert syncs.told.codes().count("window_over") == 1
    assert sum(len(syncs.rows(stream=name)) for name in load_states(syncs.session, syncs.connection_id)) > 2


def test_a_stream_without_fields_and_one_that_is_gone_are_told_and_cost_nothing(syncs: Syncs) -> None:
    syncs.run(one(PEOPLE, delta(PEOPLE, [("1", "Ada")])))
    connector = ScriptedConnector([stream_of("empty", fields=(), primary_key=())], lambda *_: iter([]))
    assert syncs.run(connector) == {}
    assert connector.asked == []
    assert (syncs.told.codes("empty"), syncs.told.codes("people")) == (["no_fields"], ["stream_gone"])
    assert not load_states(syncs.session, syncs.connection_id)["people"].present
    assert (
        syncs.told.streams["people"]["observe_from"]
        == load_states(syncs.session, syncs.connection_id)["people"].version
    )
    assert syncs.rows() == [("1", "Ada")]
    syncs.run(connector)
    assert "stream_gone" not in syncs.told.codes()
    back = one(PEOPLE, quiet(PEOPLE, 2))
    syncs.run(back)
    assert back.asked[0][1] == {"page": 1}
    assert load_states(syncs.session, syncs.connection_id)["people"].present


def test_the_story_of_a_stream_is_told_with_its_counts(syncs: Syncs) -> None:
    syncs.run(one(PEOPLE, delta(PEOPLE, [("1", "Ada"), (None, "x")], 1), delta(PEOPLE, [("1", "Ada")], 2)))
    (note,) = syncs.told.notes
    assert note.message.startswith(
        "Read incremental, from the start: 3 read, 1 new or changed, 1 unchanged, 1 rejected, 0 deleted in "
    )
    told = syncs.told.streams["people"]
    assert (told["first_version"], told["last_version"], told["observe_from"]) == (1, 2, 1)


def test_an_attempt_that_told_its_counts_is_carried_on_and_a_lost_one_begun_anew(syncs: Syncs) -> None:
    first = delta(PEOPLE, [("1", "Ada")], 1)
    with pytest.raises(RateLimited):
        syncs.run(one(PEOPLE, first, RateLimited("Slow down.", retry_after_s=1)))
    told = syncs.told.streams
    assert syncs.run(one(PEOPLE, delta(PEOPLE, [("2", "Bob")], 2)), counted=told) == {
        "people": {"read": 2, "landed": 2}
    }
    assert (syncs.told.streams["people"]["first_version"], syncs.told.streams["people"]["observe_from"]) == (1, 1)
    counts = syncs.run(one(PEOPLE, delta(PEOPLE, [("3", "Cid")], 3)), counted=told)
    assert counts == {"people": {"read": 1, "landed": 1}}
    assert (syncs.told.streams["people"]["first_version"], syncs.told.streams["people"]["observe_from"]) == (3, 1)


def test_each_batch_of_a_service_is_told_before_the_next_is_read(syncs: Syncs) -> None:
    told: list[tuple[int, int]] = []

    def look() -> None:
        counts = syncs.told.streams["people"]
        told.append((counts["read"], counts["last_version"]))

    syncs.run(one(PEOPLE, *(step for n in (1, 2, 3) for step in (delta(PEOPLE, [(str(n), "x")], n), look))))
    assert told == [(1, 1), (2, 2), (3, 3)]
    assert syncs.told.codes() == ["stream_read"]


SECRETS = stream_of(fields=("id", "email", "phone"))


def digest(text: str) -> str:
    return hashlib.sha256((b"k" * 32).hex().encode() + text.encode()).hexdigest()


def test_hashed_columns_hold_digests_and_dropped_ones_nothing(syncs: Syncs) -> None:
    chosen = {"people": {"hash": ["EMAIL"], "drop": ["phone"]}}
    rows = [("1", "ada@x.example", "canary-1"), ("2", None, "canary-2"), ("3", "", "canary-3"), (None, "e", "canary-4")]
    connector = one(SECRETS, delta(SECRETS, rows))
    syncs.run(connector, streams=chosen)
    assert [field.name for field in connector.asked[0][0].fields] == ["id", "email"]
    assert syncs.rows("id, email") == [("1", digest("ada@x.example")), ("2", None), ("3", "")]
    assert syncs.session.value(f"SELECT count(*) FROM {syncs.table()} raw WHERE raw::VARCHAR LIKE '%canary%'") == 0
    assert syncs.rejects("raw") == [(f'{{"id":null,"email":"{digest("e")}"}}',)]
    assert syncs.session.value("SELECT getvariable('hash_key')") is None
    again = one(SECRETS, delta(SECRETS, [("1", "ada@x.example", "changed")], 2))
    assert syncs.run(again, streams=chosen) == {"people": {"read": 1, "unchanged": 1}}


def test_a_key_may_be_hashed_and_blank_stays_no_key(syncs: Syncs) -> None:
    rows = [("1", "a", "b"), (" ", "c", "d")]
    counts = syncs.run(one(SECRETS, delta(SECRETS, rows)), streams={"people": {"hash": ["id"]}})
    assert counts == {"people": {"read": 2, "landed": 1, "rejected": 1}}
    assert syncs.rows("id, __record_id") == [(digest("1"), digest("1"))]


def test_switching_hashing_on_reads_again_and_replaces_the_plain_values(syncs: Syncs) -> None:
    def connector() -> ScriptedConnector:
        return one(SECRETS, delta(SECRETS, [("1", "plain", "p"), ("2", None, "q")], 1))

    syncs.run(connector())
    hashing = connector()
    counts = syncs.run(hashing, streams={"people": {"hash": ["email"]}})
    assert counts == {"people": {"read": 2, "landed": 1, "unchanged": 1}}
    assert hashing.asked[0][1] is None
    assert "reading_anew" in syncs.told.codes("people")
    assert syncs.rows("email") == [(digest("plain"),), (None,)]


def test_hashing_without_a_key_is_refused_and_lands_nothing(syncs: Syncs) -> None:
    source = Source(one(SECRETS, delta(SECRETS, [("1", "a", "b")])), {"people": {"hash": ["email"]}})
    with pytest.raises(ConfigInvalid, match="started without the master key"):
        SyncWindow(syncs.session, syncs.connection_id, source, syncs.told).read()
    assert load_states(syncs.session, syncs.connection_id) == {}


def test_of_a_file_whose_columns_are_hidden_unreadable_lines_are_kept_without_their_text(syncs: Syncs) -> None:
    batch = batch_of([("1", "Ada")], unreadable=[(2, "canary", "too many fields")])
    syncs.run(ScriptedConnector([file_stream()], lambda *_: iter([batch])), streams={"people": {"drop": ["name"]}})
    assert syncs.rejects("line, raw, errors->>'$[0].reason'") == [(2, None, "too many fields")]
    assert syncs.rows("* EXCLUDE (__key, __hash, __batch_id, __updated_at)") == [("1", "1", "a.csv", False)]


def test_a_sample_is_twenty_records_whatever_comes_and_keeps_no_cursor(syncs: Syncs) -> None:
    rows = [(str(number), "x") for number in range(50)]
    pages = [delta(PEOPLE, rows, 1, gone=[number < 5 for number in range(50)]), delta(PEOPLE, rows, 2)]
    connector = one(PEOPLE, *pages)
    assert syncs.run(connector, is_sample=True) == {"people": {"read": 20, "landed": 20}}
    assert connector.asked[0][1:] == (None, 20)
    assert connector.closed == ["people"]
    assert load_states(syncs.session, syncs.connection_id)["people"].cursor is None
    assert syncs.rows("min(id::INTEGER), count(*)") == [(5, 20)]
    assert syncs.run(one(PEOPLE, delta(PEOPLE, rows)), is_sample=True) == {
        "people": {"read": 20, "landed": 5, "unchanged": 15}
    }


def test_loaded_and_rejected_records_of_a_sample_are_twenty_together(syncs: Syncs) -> None:
    rows = [(None if number % 2 else str(number), "x") for number in range(50)]
    assert syncs.run(one(PEOPLE, delta(PEOPLE, rows)), is_sample=True)["people"] == {
        "read": 20, "landed": 10, "rejected": 10,
    }  # fmt: skip
    file = batch_of([("1", "a")] * 12, unreadable=[(line, "x", "bad") for line in range(30)], deletes=True)
    files = ScriptedConnector([file_stream(deletes=True)], lambda *_: iter([file, file]))
    counts = Syncs(syncs.session).run(files, is_sample=True)["people"]
    assert counts["read"] == 20


def test_the_full_read_after_a_sample_deletes_what_the_source_has_lost_since(syncs: Syncs) -> None:
    syncs.run(one(PEOPLE, delta(PEOPLE, [("1", "a"), ("2", "b"), ("3", "c")])), is_sample=True)
    full = [delta(PEOPLE, [("1", "a")], 1), delta(PEOPLE, [("3", "changed"), ("4", "d")], 2)]
    with pytest.raises(RateLimited):
        syncs.run(one(PEOPLE, full[0], RateLimited("Slow down.", retry_after_s=1)))
    assert syncs.rows("id") == [("1",), ("2",), ("3",)]
    counts = syncs.run(one(PEOPLE, delta(PEOPLE, [("3", "changed"), ("4", "d")], 2)))
    assert counts == {"people": {"read": 2, "landed": 2, "deleted": 1}}
    assert syncs.rows() == [("1", "a"), ("3", "changed"), ("4", "d")]
    assert syncs.run(one(PEOPLE, quiet(PEOPLE, 2))) == {"people": {}}


def test_a_sample_of_a_stream_read_before_deletes_nothing_and_moves_nothing(syncs: Syncs) -> None:
    rows = [(str(number), "x") for number in range(30)]
    syncs.run(one(PEOPLE, delta(PEOPLE, rows)))
    pages: list[Step] = [delta(PEOPLE, [("0", None)], 2, gone=[True]), swept(PEOPLE, "s", 3)]
    assert syncs.run(one(PEOPLE, *pages), is_sample=True) == {"people": {}}
    assert load_states(syncs.session, syncs.connection_id)["people"].cursor == {"page": 1}
    assert syncs.run(one(PEOPLE, delta(PEOPLE, [("0", "y")], 2))) == {"people": {"read": 1, "landed": 1}}
    assert len(syncs.rows()) == 30
