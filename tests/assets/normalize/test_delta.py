"""From raw rows to canonical ones as they change: upserts, rejects, tombstones, new mappings, and what was missed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from assets.extract.accounting import StreamCounts
from assets.extract.landing import Landing
from assets.mapping.rules import FieldRule, StreamMapping, Transform
from assets.normalize.asset import record_outcome
from assets.normalize.delta import StreamNormalizer
from assets.normalize.failing import EXPLAINED_AT_ONCE
from assets.normalize.outcome import NormalizedStream
from orchestration.resources.lake_session import LakeSession
from orchestration.resources.sql_text import literal
from tests.assets.extract.batches import STREAM, Row, batch_of, landing_on, removed
from tests.assets.normalize.pipes import Cut

pytestmark = pytest.mark.servers
FIELDS = ("id", "name", "revenue", "note")
MAPPING = StreamMapping(
    STREAM,
    "account",
    1,
    (FieldRule("id", "account_id"), FieldRule("name", "name"), FieldRule("revenue", "annual_revenue")),
)
SHOWN = "account_id, name, annual_revenue::VARCHAR, _deleted"
ACCOUNTS = [("1", "Ada", "10", None), ("2", "Bob", "20.5", "hello"), ("3", "Cy", None, None)]


@dataclass
class Pipe:
    """One stream of one connection: land file versions, normalize, look."""

    session: LakeSession
    connection_id: UUID
    mapping: StreamMapping = MAPPING
    explained_at_once: int = EXPLAINED_AT_ONCE

    def landing(self) -> Landing:
        return landing_on(self.session, self.connection_id)

    def land(self, rows: Sequence[Row], *, fields: Sequence[str] = FIELDS, deletes: bool = True) -> StreamCounts:
        return self.landing().land(batch_of(rows, fields=fields, deletes=deletes))

    def normalize(self, first_version: int | None = None) -> NormalizedStream:
        """Without `first_version`: of the commit made last."""
        version = self.landing().state.version if first_version is None else first_version
        made = StreamNormalizer(
            self.session, self.connection_id, self.mapping, version, explained_at_once=self.explained_at_once
        )
        return made.run()

    def sync(self, rows: Sequence[Row], **options: bool) -> tuple[int, int, int, int]:
        """Land and normalize: loaded, rejected, deleted, recovered."""
        self.land(rows, **options)
        return tally(self.normalize())

    def accounts(self, columns: str = SHOWN) -> list[tuple[object, ...]]:
        of_connection = f"WHERE _connection_id = {literal(str(self.connection_id))}"
        return self.session.rows(f"SELECT {columns} FROM lake.canonical.account {of_connection} ORDER BY ALL")

    def rejects(self) -> list[tuple[object, ...]]:
        """Record, field, source, value and reason of each reject of this stage."""
        found = self.session.rows(
            "SELECT record_id, errors FROM lake.canonical.rejected_records WHERE stage = 'normalize' "
            f"AND connection_id = {literal(str(self.connection_id))} ORDER BY ALL"
        )
        return [(record, *problem.values()) for record, errors in found for problem in json.loads(errors)]


def tally(done: NormalizedStream) -> tuple[int, int, int, int]:
    return done.loaded, done.rejected, done.deleted, done.recovered


@pytest.fixture
def pipe(session: LakeSession) -> Pipe:
    return Pipe(session, uuid4())


def money(value: str) -> str:
    whole, _, rest = value.partition(".")
    return f"{whole}.{rest.ljust(9, '0')}"


CANONICAL = [
    ("1", "Ada", money("10"), False),
    ("2", "Bob", money("20.5"), False),
    ("3", "Cy", None, False),
]
NOT_A_NUMBER = ("2", "annual_revenue", "revenue", "lots", "not a number")


def test_all_rows_of_a_first_load_become_canonical(pipe: Pipe) -> None:
    assert pipe.sync(ACCOUNTS) == (3, 0, 0, 0)
    assert pipe.accounts() == CANONICAL
    bookkeeping = pipe.accounts("_source_record_id, _mapping_version, _batch_id, _raw, _unmapped")
    batch = pipe.landing().state.batch_id
    assert bookkeeping[1] == ("2", 1, batch, f"{STREAM}#2", '{"note":"hello"}')


def test_only_what_changed_is_read_again(pipe: Pipe) -> None:
    pipe.sync(ACCOUNTS)
    first = pipe.landing().state.batch_id
    assert pipe.sync([ACCOUNTS[0], ("2", "Bobby", "1", None), ACCOUNTS[2], ("4", "Di", "4", None)]) == (2, 0, 0, 0)
    assert [name for _, name, *_ in pipe.accounts()] == ["Ada", "Bobby", "Cy", "Di"]
    assert [batch == first for (batch,) in pipe.accounts("_batch_id")].count(True) == 2
    before = pipe.session.snapshot()
    assert tally(pipe.normalize()) == (0, 0, 0, 0)
    assert pipe.session.snapshot() == before


def test_a_row_that_fails_is_rejected_and_its_last_good_version_stays(pipe: Pipe) -> None:
    pipe.sync(ACCOUNTS)
    assert pipe.sync([ACCOUNTS[0], ("2", "Bob", "lots", None), ("3", "Cyd", "3", None)]) == (1, 1, 0, 0)
    ((record, field, source, value, reason),) = pipe.rejects()
    assert (record, field, source, value) == NOT_A_NUMBER[:4]
    assert reason
    assert pipe.accounts() == [*CANONICAL[:2], ("3", "Cyd", money("3"), False)]
    raw = "SELECT raw::JSON->>'revenue', record_key = md5_number_lower('2'), batch_id, entity"
    assert pipe.session.rows(f"{raw} FROM lake.canonical.rejected_records") == [
        ("lots", True, pipe.landing().state.batch_id, "account")
    ]


def test_a_later_good_version_clears_the_reject(pipe: Pipe) -> None:
    pipe.sync([("1", "Ada", "many", None), ("2", "Bob", "lots", None)])
    assert [record for record, *_ in pipe.rejects()] == ["1", "2"]
    assert pipe.sync([("1", "Ada", "many", None), ("2", "Bob", "2", None)]) == (1, 0, 0, 0)
    assert [record for record, *_ in pipe.rejects()] == ["1"]
    assert pipe.accounts() == [("2", "Bob", money("2"), False)]


def test_a_record_that_fails_again_has_one_reject(pipe: Pipe) -> None:
    pipe.sync([("2", "Bob", "lots", None)])
    assert pipe.sync([("2", "Bob", "more", None)]) == (0, 1, 0, 0)
    assert [row[:4] for row in pipe.rejects()] == [("2", "annual_revenue", "revenue", "more")]


def test_tombstones_reach_the_canonical_table_and_clear_rejects(pipe: Pipe) -> None:
    pipe.sync([*ACCOUNTS, ("4", "Di", "bad", None)])
    assert pipe.sync(ACCOUNTS[:1]) == (0, 0, 3, 0)
    # Record 4 never had a canonical row: it gets one that says it is gone, without the value that did not fit.
    assert pipe.accounts("account_id, _deleted") == [("1", False), ("2", True), ("3", True), ("4", True)]
    assert pipe.rejects() == []
    assert pipe.sync(ACCOUNTS[:2]) == (1, 0, 0, 0)
    assert pipe.accounts("account_id, _deleted")[1] == ("2", False)


def test_a_removed_file_reaches_the_canonical_table(pipe: Pipe) -> None:
    pipe.sync(ACCOUNTS)
    assert pipe.landing().remove(removed("a.csv")).deleted == 3
    assert tally(pipe.normalize()) == (0, 0, 3, 0)
    assert pipe.accounts("_deleted") == [(True,)] * 3


def test_a_new_mapping_version_derives_every_row_again(pipe: Pipe) -> None:
    pipe.sync([*ACCOUNTS[:2], ("3", "Cy", "bad", None)])
    doubled = FieldRule("revenue", "annual_revenue", Transform("scale", {"factor": "2"}))
    rules = (*MAPPING.rules[:2], doubled, FieldRule("note", "industry"))
    pipe.mapping = replace(MAPPING, version=2, rules=rules)
    assert tally(pipe.normalize(first_version=99)) == (0, 0, 0, 2)
    assert pipe.accounts("account_id, annual_revenue::VARCHAR, industry, _mapping_version, _unmapped") == [
        ("1", money("20"), None, 2, None),
        ("2", money("41.0"), "hello", 2, None),
    ]
    assert [record for record, *_ in pipe.rejects()] == ["3"]
    assert tally(pipe.normalize(first_version=99)) == (0, 0, 0, 0)
    pipe.mapping = replace(MAPPING, version=3, rules=MAPPING.rules[:2])  # without the field that failed
    assert tally(pipe.normalize(first_version=99)) == (0, 0, 0, 3)
    assert pipe.rejects() == []


def test_a_stream_without_an_entity_is_counted_and_stays_raw(pipe: Pipe) -> None:
    pipe.mapping = replace(MAPPING, entity=None, rules=())
    assert pipe.sync([*ACCOUNTS, ("4", "Di", "bad", None)]) == (4, 0, 0, 0)
    assert "account" not in pipe.session.tables("canonical")
    pipe.mapping = replace(MAPPING, version=2)  # mapped later: nothing was missed
    assert tally(pipe.normalize(first_version=99)) == (0, 0, 0, 3)
    assert pipe.accounts() == CANONICAL


def test_what_an_interrupted_run_landed_is_recovered(pipe: Pipe) -> None:
    pipe.sync(ACCOUNTS)
    left = [ACCOUNTS[0], ("2", "Bob", "lots", None), ("5", "Ed", "5", None)]
    pipe.land([*left, ("3", "Cyd", "3", None)])  # and the run was killed
    pipe.land([*left, ("3", "Cye", "4", None), ("4", "Di", "bad", None)])
    assert tally(pipe.normalize()) == (1, 1, 0, 1)
    assert [record for record, *_ in pipe.rejects()] == ["2", "4"]
    assert [name for _, name, *_ in pipe.accounts()] == ["Ada", "Bob", "Cye", "Ed"]


def test_a_record_landed_twice_in_one_sync_counts_in_its_newest_version(pipe: Pipe) -> None:
    first = pipe.landing().state.version + 1
    pipe.land([("1", "old", "bad", None)], deletes=False)
    pipe.landing().land(batch_of([("1", "new", "1", None)], fields=FIELDS, origin="b.csv"))
    assert tally(pipe.normalize(first)) == (1, 0, 0, 0)
    assert pipe.accounts() == [("1", "new", money("1"), False)]


def test_an_attempt_after_the_commit_still_knows_what_was_rejected(pipe: Pipe) -> None:
    assert pipe.sync([*ACCOUNTS, ("4", "Di", "bad", None)]) == (3, 1, 0, 0)
    assert tally(pipe.normalize()) == (0, 1, 0, 0)  # the same sync, again
    assert tally(pipe.normalize(first_version=2)) == (0, 0, 0, 0)  # the next one
    pipe.session.execute("CREATE TABLE lake.raw.unrelated (a INTEGER)")
    assert tally(pipe.normalize()) == (0, 1, 0, 0)


def test_a_lost_change_feed_is_made_up_for_by_reading_everything(pipe: Pipe) -> None:
    other = Pipe(pipe.session, uuid4())
    versions = (ACCOUNTS, [("2", "Bobby", "bad", None), ("3", "Cyd", "3", None)], [("3", "Cyd", "4", None)])
    for each in (pipe, other):
        each.sync(versions[0])
        each.land(versions[1])
    other.normalize()
    for each in (pipe, other):
        each.land(versions[2])
    now = datetime.now(UTC).isoformat()
    pipe.session.rows(f"CALL ducklake_expire_snapshots('lake', older_than => TIMESTAMPTZ '{now}')")
    assert tally(pipe.normalize()) == (1, 0, 2, 0)
    other.normalize()
    columns = "account_id, name, annual_revenue::VARCHAR, _deleted, _unmapped, _mapping_version"
    assert pipe.accounts(columns) == other.accounts(columns)
    assert pipe.rejects() == other.rejects() == []


def test_many_rejects_are_explained_in_parts(pipe: Pipe) -> None:
    pipe.explained_at_once = 3
    assert pipe.sync([(str(number), "x", f"bad{number}", None) for number in range(8)]) == (0, 8, 0, 0)
    assert sorted((record, value) for record, _, _, value, _ in pipe.rejects()) == [
        (str(number), f"bad{number}") for number in range(8)
    ]


def test_a_failure_at_any_statement_leaves_canonical_rows_rejects_and_progress(pipe: Pipe) -> None:
    pipe.sync(ACCOUNTS)
    pipe.land([("1", "Ada", "bad", None), ("2", "Bobby", "2", None)])
    whole, at = pipe.session.connection, 0
    outcome = None
    while outcome is None:
        at += 1
        pipe.session.connection = Cut(whole, at)  # type: ignore[assignment]
        try:
            outcome = pipe.normalize()
        except ConnectionError:
            pipe.session.connection = whole
            assert (pipe.accounts(), pipe.rejects()) == (CANONICAL, []), f"cut at statement {at}"
    pipe.session.connection = whole
    assert at > 20
    assert tally(outcome) == (1, 1, 1, 0)


def test_streams_of_two_connections_do_not_touch_each_other(pipe: Pipe) -> None:
    other = Pipe(pipe.session, uuid4())
    pipe.sync(ACCOUNTS)
    assert other.sync([("1", "Zed", "bad", None), ("2", "Yan", "1", None)]) == (1, 1, 0, 0)
    assert pipe.sync([("1", "Ada", "bad", None)]) == (0, 1, 2, 0)
    assert other.sync([("1", "Zed", "1", None), ("2", "Yan", "1", None)]) == (1, 0, 0, 0)
    assert [record for record, *_ in pipe.rejects()] == ["1"]
    assert other.accounts("account_id, name, _deleted") == [("1", "Zed", False), ("2", "Yan", False)]


class Recorder:
    """Takes what a sync's log would write."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def record_stream(self, stream: str, values: dict[str, int]) -> None:
        self.counts |= values

    def tell(self, kind: str, data: dict[str, object]) -> None:
        """What dashboards would hear is looked at elsewhere."""


def test_counts_of_a_sync_balance_whatever_became_of_its_rows(pipe: Pipe) -> None:
    first = pipe.landing().state.version + 1
    read = StreamCounts()
    read.add(pipe.land([*ACCOUNTS, ("3", "twice", "1", None), ("4", "Di", "bad", None)], deletes=False))
    read.add(pipe.landing().land(batch_of([("1", "again", "1", None)], fields=FIELDS, origin="b.csv")))
    for _ in range(2):  # the second is an attempt after the commit, with the first one's counts written
        log = Recorder()
        log.counts |= read.as_json()
        record_outcome(log, pipe.normalize(first), log.counts)  # type: ignore[arg-type]
        counted = {name: log.counts[name] for name in ("read", "loaded", "rejected", "unchanged")}
        assert counted == {"read": 6, "loaded": 4, "rejected": 2, "unchanged": 0}
        read.rejected = log.counts["rejected"]
