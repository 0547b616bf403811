"""A play is counted as it went: above all, a repair that is wrong is counted wrong."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pytest

from orchestration.control_plane.drift import DriftRecord
from orchestration.control_plane.proposals import ProposalRecord
from orchestration.drift_play.case import Case
from orchestration.drift_play.mutation import Mutation
from orchestration.drift_play.reading import UNREADABLE, read_target
from orchestration.drift_play.scoring import Score, faults_of, score
from orchestration.drift_play.streams import WorldStream, as_text
from orchestration.drift_play.truth import Comparison, Wrong, compare
from tests.orchestration.drift_play.test_mutations import made_stream

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def event(kind: str, before: list[str], after: list[str], probability: float = 0.97) -> DriftRecord:
    values: dict[str, Any] = dict.fromkeys(DriftRecord.__dataclass_fields__)
    values |= {
        "id": uuid4(), "stream": "accounts", "kind": kind, "fields_before": before, "fields_after": after,
        "probability": probability, "evidence": {}, "first_seen_at": NOW, "last_seen_at": NOW,
    }  # fmt: skip
    return DriftRecord(**values)


def proposal(status: str, *targets: str, probability: float = 0.95) -> ProposalRecord:
    values: dict[str, Any] = dict.fromkeys(ProposalRecord.__dataclass_fields__)
    values |= {
        "id": uuid4(), "status": status, "probability": probability, "kind": "renamed",
        "changes": [{"target": target, "before": None, "after": None} for target in targets],
    }  # fmt: skip
    return ProposalRecord(**values)


def renamed(**made: Any) -> Case:
    mutation = Mutation("rename_total")
    mutation.expect("renamed", ["phone"], ["col_7"])
    mutation.pairs.add(("phone", "col_7"))
    return Case("files", "files 1", "accounts", 1, mutation, **made)


def figure(counted: Score, name: str) -> float:
    return next(one.value for one in counted.figures if one.name == name)


def test_a_found_and_repaired_rename_counts_as_right() -> None:
    case = renamed(events=[event("renamed", ["phone"], ["col_7"])], proposals=[proposal("applied", "phone")])
    counted = score([case])
    assert (case.seen, case.is_right, case.false_alarms) == ("detected", True, [])
    assert (figure(counted, "rename recall"), figure(counted, "rename precision")) == (1, 1)
    assert figure(counted, "wrong among them") == 0
    assert counted.holds


def test_a_deliberately_wrong_repair_is_counted_wrong_and_fails_the_play() -> None:
    wrong = Wrong("phone", 40, (("1", "+1 555", "+2 777"),))
    case = renamed(
        events=[event("renamed", ["phone"], ["fax"])], proposals=[proposal("applied", "phone")], early_wrong=[wrong]
    )
    counted = score([case])
    assert case.wrong_repairs == [wrong]
    assert case.silently_wrong == []
    assert figure(counted, "wrong among them") == 1
    assert figure(counted, "rename recall") == figure(counted, "rename precision") == 0
    assert not counted.holds
    assert any("wrong repair: phone, 40 values" in line for line in faults_of(case))
    (sure,) = counted.repairs
    assert (sure.claims, sure.right) == (1, 0)


def test_a_change_that_was_let_through_is_silently_wrong_and_no_wrong_repair() -> None:
    case = renamed(early_wrong=[Wrong("phone", 3)], proposals=[proposal("open", "phone")])
    assert (case.seen, case.wrong_repairs) == ("missed", [])
    assert [wrong.target for wrong in case.silently_wrong] == ["phone"]
    assert not score([case]).holds


def test_removed_and_added_in_place_of_a_rename_is_misclassified() -> None:
    case = renamed(events=[event("removed", ["phone"], []), event("added", [], ["col_7"])])
    assert case.seen == "misclassified"
    assert figure(score([case]), "rename recall") == 0


def test_what_nothing_proves_is_no_miss_whether_it_is_named_or_not() -> None:
    mutation = Mutation("rename_constant", proof="unprovable")
    mutation.expect(["renamed", "removed"], ["rating"], ["rtg"], required=False)
    for events in ([], [event("removed", ["rating"], [])], [event("renamed", ["rating"], ["rtg"])]):
        case = Case("files", "files 1", "accounts", 1, mutation, events=events)
        counted = score([case])
        assert (case.seen, case.false_alarms) == ("unprovable", [])
        assert (figure(counted, "rename recall"), figure(counted, "rename precision")) == (1, 1)


def test_an_event_where_nothing_changed_is_a_false_alarm() -> None:
    case = Case("files", "files 1", "accounts", 1, Mutation("none"), events=[event("unit", ["amount"], ["amount"])])
    counted = score([case])
    assert len(case.false_alarms) == 1
    assert figure(counted, "events where nothing changed") == 1
    assert not counted.holds


def rows(stream: WorldStream) -> list[dict[str, Any]]:
    return [{"record_id": key, **stream.truth(key)} for key in sorted(stream.records)]


def table(found: list[dict[str, Any]]) -> pa.Table:
    names = list(found[0])
    return pa.table({name: pa.array([as_text(row[name]) for row in found], pa.string()) for name in names})


def test_rows_are_held_against_the_truth_value_by_value() -> None:
    stream = made_stream("account", 3)
    targets = {3: ["phone", "industry"]}
    true = rows(stream)
    assert compare([stream], targets, table(true))[3].holds
    spoiled = [*true[1:], {**true[1]}, {**true[2], "record_id": "300099"}]
    spoiled[3] = {**spoiled[3], "phone": "+9 wrong"}
    found = compare([stream], targets, table(spoiled))[3]
    assert (found.lost, found.doubled) == (1, 1)
    assert [(wrong.target, wrong.values) for wrong in found.wrong] == [("phone", 1)]
    assert compare([stream], targets, table(true[1:]), held=[true[0]["record_id"]])[3].holds


def test_of_a_lost_source_the_last_value_and_none_are_right() -> None:
    stream = made_stream("account", 3)
    stream.lost.add("phone")
    kept = rows(stream)
    emptied = [{**row, "phone": None} for row in kept]
    other = [{**row, "phone": "+9 wrong"} for row in kept]
    verdicts = [compare([stream], {3: ["phone"]}, table(found))[3].holds for found in (kept, emptied, other)]
    assert verdicts == [True, True, False]


def test_a_comparison_knows_when_it_holds() -> None:
    assert Comparison(records=3).holds
    assert not Comparison(records=3, lost=1).holds
    assert not Comparison(records=3, surplus=1).holds


@pytest.mark.parametrize(
    ("transform", "text", "expected"),
    [
        ({"kind": "scale", "args": {"factor": "0.01"}}, "1250", "12.50"),
        ({"kind": "number_format", "args": {"decimal": ",", "group": "."}}, "1.250,50", "1250.50"),
        ({"kind": "chain", "args": {"steps": [{"kind": "split", "args": {"separator": "|", "index": 0}},
                                              {"kind": "scale", "args": {"factor": "10"}}]}}, "4|x", "40"),
    ],
    ids=["scale", "number format", "chain"],
)  # fmt: skip
def test_rules_are_read_without_the_products_readers(transform: dict[str, Any], text: str, expected: str) -> None:
    rule = {"source": "a", "target": "amount", "transform": transform, "until": None}
    assert read_target([rule], "amount", "money", {"a": text}) == pa.scalar(expected).cast(pa.decimal128(20, 4)).as_py()


def test_a_rule_of_the_past_reads_nothing_and_an_unreadable_text_says_so() -> None:
    past = {"source": "a", "target": "amount", "transform": {"kind": "cast", "args": {}}, "until": 7}
    assert read_target([past], "amount", "money", {"a": "12"}) is None
    assert read_target([{**past, "until": None}], "amount", "money", {"a": "12 apples"}) == UNREADABLE
