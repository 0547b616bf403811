"""Records a hold covers wait with their last good version in place; let go, they are replayed once."""

from dataclasses import replace
from uuid import UUID

import pytest

from assets.mapping.rules import FieldRule, StreamMapping, Transform
from assets.normalize.asset import record_outcome
from assets.normalize.delta import StreamNormalizer
from assets.normalize.outcome import NOTHING_LANDED, NormalizedStream
from orchestration.resources.lake_session import LakeSession
from tests.assets.normalize.pipes import RULES, Cut, HeldPipe, tally
from tests.assets.normalize.test_delta import Recorder

pytestmark = pytest.mark.servers
FIRST = [("1", "Ada", "10", None), ("2", "Bob", "20", None), ("3", "Cy", "30", None)]
SECOND = [("1", "Ada", "11", "new"), ("2", "Bobby", "20", None), ("3", "Cy", "30", None), ("4", "Di", "40", "new")]


@pytest.fixture
def pipe(session: LakeSession) -> HeldPipe:
    """A stream whose second file version has notes in records 1 and 4."""
    made = HeldPipe(session)
    made.land(FIRST)
    made.normalize()
    made.land(SECOND)
    return made


def test_only_what_a_hold_covers_waits_and_everything_else_flows(pipe: HeldPipe) -> None:
    hold = pipe.hold("note")
    assert tally(pipe.normalize()) == {"loaded": 1, "held": 2}
    assert pipe.accounts() == [("1", "Ada", 10.0), ("2", "Bobby", 20.0), ("3", "Cy", 30.0)]
    assert pipe.quarantined() == [("1", str(hold.id)), ("4", str(hold.id))]


def test_what_was_let_go_is_replayed_once_without_a_reading(pipe: HeldPipe) -> None:
    hold = pipe.hold("note")
    pipe.normalize()
    assert tally(pipe.replay()) == {}
    pipe.lift(hold)
    assert tally(pipe.replay()) == {"replayed": 2}
    assert pipe.quarantined() == []
    assert pipe.accounts() == [("1", "Ada", 11.0), ("2", "Bobby", 20.0), ("3", "Cy", 30.0), ("4", "Di", 40.0)]
    before = pipe.session.snapshot()
    assert tally(pipe.replay()) == {}
    assert pipe.session.snapshot() == before


def test_a_replay_reads_with_the_mapping_that_was_decided_on(pipe: HeldPipe) -> None:
    hold = pipe.hold("note")
    pipe.normalize()
    pipe.lift(hold)
    pipe.remap(*RULES, FieldRule("note", "industry"))
    assert tally(pipe.replay()) == {"replayed": 2}
    assert pipe.accounts("account_id, industry, _mapping_version") == [
        ("1", "new", 2),
        ("2", None, 1),
        ("3", None, 1),
        ("4", "new", 2),
    ]


def test_a_record_that_was_held_and_fails_the_new_mapping_is_rejected(pipe: HeldPipe) -> None:
    hold = pipe.hold("note")
    pipe.normalize()
    pipe.lift(hold)
    pipe.remap(*RULES[:2], FieldRule("note", "annual_revenue"), FieldRule("revenue", "annual_revenue"))
    assert tally(pipe.replay()) == {}
    assert pipe.rejects() == {"1": "new", "4": "new"}
    assert pipe.held_records() == []
    assert pipe.accounts()[0] == ("1", "Ada", 10.0)


def test_a_held_record_that_lands_again_is_held_as_it_is_now(pipe: HeldPipe) -> None:
    pipe.hold("note")
    pipe.normalize()
    pipe.land([("1", "Ada", "12", "newer"), *SECOND[1:]])
    assert tally(pipe.normalize()) == {"held": 1}
    assert pipe.held_records() == ["1", "4"]
    pipe.land([("1", "Ada", "13", None), *SECOND[1:]])  # and is no longer covered
    assert tally(pipe.normalize()) == {"loaded": 1}
    assert pipe.held_records() == ["4"]
    assert pipe.accounts()[0] == ("1", "Ada", 13.0)


def test_deletions_flow_and_leave_the_quarantine(pipe: HeldPipe) -> None:
    hold = pipe.hold("note")
    pipe.normalize()
    pipe.land(SECOND[1:3])
    assert tally(pipe.normalize()) == {"deleted": 2}
    assert pipe.held_records() == []
    assert [row[0] for row in pipe.accounts()] == ["2", "3"]
    pipe.lift(hold)
    assert tally(pipe.replay()) == {}


def test_a_record_that_a_field_says_is_gone_is_no_longer_held(session: LakeSession) -> None:
    flag = FieldRule("gone", "_deleted", Transform("boolean_map", {"true": ["yes"], "false": ["no"]}))
    pipe = HeldPipe(session, rules=[(*RULES[:2], flag)])
    fields = ("id", "name", "gone", "note")
    pipe.land([("1", "Ada", "no", None), ("2", "Bob", "no", None)], fields=fields)
    pipe.normalize()
    pipe.land([("1", "Ada", "yes", "new"), ("2", "Bob", "no", "new")], fields=fields)
    pipe.hold("note")
    pipe.normalize()
    assert (pipe.held_records(), [row[0] for row in pipe.accounts()]) == (["2"], ["2"])


@pytest.mark.parametrize(
    ("match", "fields", "held"),
    [
        ("filled", ("note",), ["1", "4"]),
        ("filled", ("note", "name"), ["1", "2", "4"]),
        ("filled", ("NOTE",), ["1", "4"]),
        ("filled", ("not there",), []),
        ("empty", ("note",), ["2"]),
        ("empty", ("note", "not there"), ["2"]),
        ("empty", ("note", "name"), []),
        ("all", (), ["1", "2", "4"]),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list | tuple) else value,
)
def test_a_hold_covers_rows_by_its_fields(pipe: HeldPipe, match: str, fields: tuple[str, ...], held: list[str]) -> None:
    pipe.hold(*fields, match=match)
    outcome = pipe.normalize()
    assert (outcome.held, pipe.held_records()) == (len(held), held)


def test_a_record_under_two_holds_waits_for_both(pipe: HeldPipe) -> None:
    first, second = pipe.hold("note"), pipe.hold(match="all")
    assert tally(pipe.normalize()) == {"held": 3}
    assert len(pipe.quarantined()) == 5
    pipe.lift(second)
    assert tally(pipe.replay()) == {"replayed": 1}
    assert pipe.quarantined() == [("1", str(first.id)), ("4", str(first.id))]
    pipe.lift(first)
    assert tally(pipe.replay()) == {"replayed": 2}


def test_a_hold_placed_afterwards_takes_in_what_landed_since(pipe: HeldPipe) -> None:
    pipe.normalize()
    hold = pipe.hold("note")
    assert tally(pipe.replay()) == {}
    assert (pipe.held_records(), len(pipe.accounts())) == (["1", "4"], 4)
    pipe.land([("1", "Ada", "99", "new"), *SECOND[1:]])
    assert tally(pipe.normalize()) == {"held": 1}
    assert pipe.accounts()[0] == ("1", "Ada", 11.0)
    pipe.lift(hold)
    assert tally(pipe.replay()) == {"replayed": 2}
    assert pipe.accounts()[0] == ("1", "Ada", 99.0)


def test_a_hold_that_reaches_further_back_takes_in_more(pipe: HeldPipe) -> None:
    hold = pipe.hold(match="all")
    assert tally(pipe.normalize()) == {"held": 3}
    pipe.holds = [replace(hold, since_version=1)]
    pipe.replay()
    assert pipe.held_records() == ["1", "2", "3", "4"]


def test_an_attempt_after_the_commit_still_knows_what_is_held(pipe: HeldPipe) -> None:
    pipe.hold("note")
    pipe.land([*SECOND[:3], ("4", "Di", "bad", "new"), ("5", "Ed", "bad", None)])
    assert tally(pipe.normalize(2)) == {"loaded": 1, "held": 2, "rejected": 1}
    assert tally(pipe.normalize(2)) == {"held": 2, "rejected": 1}


def test_a_rejected_record_that_is_held_is_counted_once(pipe: HeldPipe) -> None:
    pipe.land([*SECOND[:3], ("4", "Di", "bad", None)])
    pipe.normalize()
    assert pipe.rejects() == {"4": "bad"}
    pipe.land([*SECOND[:3], ("4", "Di", "bad", "new")])
    pipe.hold("note")
    assert tally(pipe.normalize()) == {"held": 1}
    assert pipe.rejects() == {}


def test_counts_balance_with_held_records(pipe: HeldPipe) -> None:
    pipe.hold("note")
    log = Recorder()
    log.counts |= {"read": 4, "landed": 3, "unchanged": 1}
    record_outcome(log, pipe.normalize(), log.counts)  # type: ignore[arg-type]
    told = {name: log.counts[name] for name in ("loaded", "rejected", "held", "replayed")}
    assert told == {"loaded": 1, "rejected": 2, "held": 2, "replayed": 0}


def test_a_replay_killed_at_any_statement_leaves_everything_and_is_done_once_later(pipe: HeldPipe) -> None:
    pipe.land([*SECOND[:3], ("4", "Di", "bad", "new")])
    hold = pipe.hold("note", since=2)
    pipe.normalize()
    standing = pipe.accounts(), pipe.quarantined(), pipe.rejects()
    pipe.lift(hold)
    pipe.remap(*RULES, FieldRule("note", "industry"))
    whole, at = pipe.session.connection, 0
    outcome = None
    while outcome is None:
        at += 1
        pipe.session.connection = Cut(whole, at)  # type: ignore[assignment]
        try:
            normalizer = StreamNormalizer(
                pipe.session, pipe.connection_id, pipe.mapping(), NOTHING_LANDED, previous=pipe.mapping
            )
            outcome = normalizer.run()
        except ConnectionError:
            pipe.session.connection = whole
            assert (pipe.accounts(), pipe.quarantined(), pipe.rejects()) == standing, f"cut at statement {at}"
    pipe.session.connection = whole
    assert at > 20
    assert tally(outcome) == {"replayed": 1}
    assert (pipe.quarantined(), pipe.rejects()) == ([], {"4": "bad"})
    assert tally(pipe.replay()) == {}


def test_two_runs_at_once_replay_once(pipe: HeldPipe, session: LakeSession) -> None:
    hold = pipe.hold("note")
    pipe.normalize()
    pipe.lift(hold)
    outcomes: list[NormalizedStream | None] = []

    def meanwhile(version: int) -> StreamMapping:
        if not outcomes:  # the first run has begun its transaction; a second one overtakes it
            outcomes.append(None)
            other = session.connection.cursor()
            other.execute("USE memory")
            raced = HeldPipe(
                LakeSession(other, session.data_path, session.metadata_schema), pipe.connection_id, pipe.rules
            )
            outcomes[0] = raced.replay()
        return pipe.mapping(version)

    pipe.remap(*RULES, FieldRule("note", "industry"))
    mine = StreamNormalizer(session, pipe.connection_id, pipe.mapping(), 99, previous=meanwhile).run()
    assert outcomes[0] is not None
    assert [tally(outcomes[0]), tally(mine)] == [{"replayed": 2}, {}]
    assert (len(pipe.accounts()), pipe.quarantined()) == (4, [])


def test_holds_that_changed_meanwhile_are_read_again(pipe: HeldPipe, session: LakeSession) -> None:
    hold = pipe.hold("note")
    pipe.normalize()
    stale = StreamNormalizer(
        session, pipe.connection_id, pipe.mapping(), 99, previous=pipe.mapping, holds=(), holds_now=lambda: [hold]
    )
    assert tally(stale.run()) == {}
    assert pipe.held_records() == ["1", "4"]


def test_streams_of_other_connections_and_names_are_left_alone(pipe: HeldPipe, session: LakeSession) -> None:
    other = HeldPipe(session)
    other.land(SECOND)
    pipe.holds.append(replace(pipe.hold("note"), stream="another stream", id=UUID(int=1)))
    pipe.normalize()
    assert other.normalize().loaded == 4
    assert (other.held_records(), pipe.held_records()) == ([], ["1", "4"])


def test_a_stream_that_becomes_another_entity_keeps_holding(pipe: HeldPipe) -> None:
    hold = pipe.hold("note")
    pipe.normalize()
    pipe.entity = "contact"
    pipe.remap(FieldRule("id", "contact_id"), FieldRule("name", "full_name"))
    assert pipe.normalize(99).buried == 3
    assert pipe.held_records() == ["1", "4"]
    contacts = "SELECT contact_id FROM lake.canonical.contact WHERE NOT _deleted ORDER BY 1"
    assert [record for (record,) in pipe.session.rows(contacts)] == ["2", "3"]
    pipe.lift(hold)
    assert tally(pipe.replay()) == {"replayed": 2}
    assert [record for (record,) in pipe.session.rows(contacts)] == ["1", "2", "3", "4"]
