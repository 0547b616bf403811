"""A mapping that changed in some targets: those alone are read again, and only rows whose values differ are written."""

from collections.abc import Callable

import pytest

from assets.mapping.rules import FieldRule, StreamMapping, Transform
from assets.normalize.catalog import CANONICAL
from assets.normalize.rederive import changed_targets
from orchestration.resources.lake_session import LakeSession
from tests.assets.extract.batches import Row
from tests.assets.normalize.pipes import RULES, HeldPipe, tally

pytestmark = pytest.mark.servers
ROWS: list[Row] = [("1", "Ada", "10", None), ("2", "Bob", "20", "x"), ("3", "Cy", None, None), ("4", "Di", "bad", "y")]
CENTS = FieldRule("revenue", "annual_revenue", Transform("scale", {"factor": "0.01"}))
VERSIONS = "account_id, annual_revenue::DOUBLE, industry, _mapping_version, _unmapped"


@pytest.fixture
def pipe(session: LakeSession) -> HeldPipe:
    """Three accounts and a reject."""
    made = HeldPipe(session)
    made.land(ROWS)
    assert tally(made.normalize()) == {"loaded": 3, "rejected": 1}
    return made


def test_only_rows_whose_value_differs_are_written(pipe: HeldPipe) -> None:
    pipe.remap(*RULES, FieldRule("note", "industry"))
    assert tally(pipe.replay()) == {"rederived": 1}
    assert pipe.accounts(VERSIONS) == [
        ("1", 10.0, None, 1, None),
        ("2", 20.0, "x", 2, None),
        ("3", None, None, 1, None),
    ]


def test_a_field_that_is_read_no_longer_is_unmapped_again(pipe: HeldPipe) -> None:
    pipe.remap(*RULES[:2])
    assert tally(pipe.replay()) == {"rederived": 2, "recovered": 1}
    assert pipe.accounts(VERSIONS) == [
        ("1", None, None, 2, '{"revenue":"10"}'),
        ("2", None, None, 2, '{"revenue":"20","note":"x"}'),
        ("3", None, None, 1, None),
        ("4", None, None, 2, '{"revenue":"bad","note":"y"}'),
    ]
    assert pipe.rejects() == {}


def test_a_renamed_field_is_read_first_and_the_old_one_second(pipe: HeldPipe) -> None:
    turnover: list[Row] = [("1", "Ada", "11", None), ("2", "Bob", "20", "x")]
    pipe.land(turnover, fields=("id", "name", "turnover", "note"), deletes=False)
    pipe.remap(*RULES[:2], FieldRule("turnover", "annual_revenue"), FieldRule("revenue", "annual_revenue"))
    assert tally(pipe.normalize()) == {"loaded": 2}
    assert pipe.accounts(VERSIONS) == [
        ("1", 11.0, None, 2, None),
        ("2", 20.0, None, 2, '{"note":"x"}'),
        ("3", None, None, 1, None),
    ]


def test_a_changed_unit_is_read_from_its_commit_on(pipe: HeldPipe) -> None:
    pipe.land([("1", "Ada", "1000", None)], deletes=False)
    old = FieldRule("revenue", "annual_revenue", until=1)
    pipe.remap(*RULES[:2], FieldRule("revenue", "annual_revenue", CENTS.transform, since=2), old)
    assert tally(pipe.normalize()) == {"loaded": 1}
    assert [row[1:4:2] for row in pipe.accounts(VERSIONS)] == [(10.0, 2), (20.0, 1), (None, 1)]


def test_rejected_records_are_tried_again_in_full(pipe: HeldPipe) -> None:
    kept = FieldRule("revenue", "annual_revenue", Transform("enum_map", {"values": {"bad": "0"}}))
    pipe.remap(*RULES[:2], kept)
    assert tally(pipe.replay()) == {"recovered": 1}
    assert pipe.rejects() == {}
    assert pipe.accounts()[3] == ("4", "Di", 0.0)


def test_rows_that_fit_no_longer_are_rejected_and_keep_what_they_had(pipe: HeldPipe) -> None:
    pipe.remap(*RULES, FieldRule("note", "number_of_employees"))
    assert tally(pipe.replay()) == {}
    assert pipe.rejects() == {"2": "x", "4": "bad"}
    assert pipe.accounts()[1] == ("2", "Bob", 20.0)
    pipe.remap(*RULES)
    assert tally(pipe.replay()) == {"recovered": 1}
    assert pipe.rejects() == {"4": "bad"}


def test_held_records_stay_as_they_are(pipe: HeldPipe) -> None:
    pipe.land([("2", "Bob", "3000", "x")], deletes=False)
    pipe.hold(match="all")
    pipe.normalize()
    pipe.remap(*RULES[:2], CENTS)
    assert tally(pipe.replay()) == {"rederived": 1}
    assert [row[2] for row in pipe.accounts()] == [0.1, 20.0, None]


def test_what_landed_meanwhile_is_taken_in_full_and_the_rest_rederived(pipe: HeldPipe) -> None:
    pipe.land([("1", "Ada L", "1100", None), ("5", "Ed", "5", None)], deletes=False)
    pipe.remap(*RULES[:2], CENTS)
    assert tally(pipe.normalize()) == {"loaded": 2, "rederived": 1}
    assert pipe.accounts() == [("1", "Ada L", 11.0), ("2", "Bob", 0.2), ("3", "Cy", None), ("5", "Ed", 0.05)]


def test_when_a_record_changed_at_its_source_follows_the_rules_that_tell_it(session: LakeSession) -> None:
    fields = ("id", "name", "seen", "touched")
    pipe = HeldPipe(session, rules=[(*RULES[:2], FieldRule("seen", "updated_at"))])
    pipe.land([("1", "Ada", "2026-01-01", "2026-02-02"), ("2", "Bob", "2026-01-01", None)], fields=fields)
    pipe.normalize()
    pipe.remap(*pipe.rules[0], FieldRule("touched", "_source_updated_at"))
    assert tally(pipe.replay()) == {"rederived": 1}
    days = "updated_at::DATE::VARCHAR, _source_updated_at::DATE::VARCHAR, _mapping_version"
    assert pipe.accounts(days) == [("2026-01-01", "2026-02-02", 2), ("2026-01-01", "2026-01-01", 1)]


def test_a_version_that_decides_the_same_writes_nothing(pipe: HeldPipe) -> None:
    pipe.remap(*(FieldRule(rule.source, rule.target, probability=0.7) for rule in RULES))
    assert tally(pipe.replay()) == {}
    assert [row[3] for row in pipe.accounts(VERSIONS)] == [1, 1, 1]
    before = pipe.session.snapshot()
    pipe.replay()
    assert pipe.session.snapshot() == before


def test_what_is_written_follows_the_change(
    session: LakeSession, record_property: Callable[[str, object], None]
) -> None:
    pipe = HeldPipe(session)
    pipe.land(
        [(str(number), f"name {number}", str(number), "x" if number % 500 == 0 else None) for number in range(9_000)]
    )
    pipe.normalize()
    before = session.snapshot()
    pipe.remap(*RULES, FieldRule("note", "industry"))
    outcome = pipe.replay()
    inserted = session.insertions("canonical", "account", before, session.snapshot())
    written = session.value(f"SELECT count(*) FROM ({inserted})")
    record_property("rows written of 9000 by a field's repair", written)
    assert (outcome.rederived, written) == (18, 18)


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (RULES, RULES, set()),
        (RULES, (*RULES, FieldRule("note", "industry")), {"industry"}),
        (RULES, RULES[:2], {"annual_revenue"}),
        (RULES, (*RULES[:2], CENTS), {"annual_revenue"}),
        (RULES, (*RULES[:2], FieldRule("revenue", "annual_revenue", until=3)), {"annual_revenue"}),
        ((FieldRule("a", "name"), FieldRule("b", "name")), (FieldRule("b", "name"), FieldRule("a", "name")), {"name"}),
        (RULES, (FieldRule("name", "account_id"), *RULES[1:]), None),
        (RULES, (*RULES, FieldRule("note", "_deleted")), None),
    ],
    ids=["same", "added", "removed", "unit", "span", "order", "identity", "deletion"],
)
def test_what_has_to_be_made_anew(
    before: tuple[FieldRule, ...], after: tuple[FieldRule, ...], changed: set[str] | None
) -> None:
    old, new = StreamMapping("people", "account", 1, before), StreamMapping("people", "account", 2, after)
    assert changed_targets(old, new, CANONICAL["account"]) == changed
    assert changed_targets(old, StreamMapping("people", "contact", 2, after), CANONICAL["contact"]) is None
    assert changed_targets(None, new, CANONICAL["account"]) is None
