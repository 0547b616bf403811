"""What is said of a proposal: the rule that a candidate would make, and what it rests on."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from assets.mapping.repairs.event_words import evidence_in_words
from assets.mapping.repairs.proposal_words import candidate_line, measured, shadow_run
from assets.mapping.rules import FieldRule, Transform
from assets.mapping.rules_json import rules_to_json
from orchestration.control_plane.proposals import ProposalRecord

STANDING, PROPOSED = rules_to_json([FieldRule("Phone", "phone"), FieldRule("Line", "phone", Transform("trim"), 0.8)])


def proposal(**given: Any) -> ProposalRecord:
    known: dict[str, Any] = {
        "kind": "renamed", "status": "open", "rules": [STANDING], "changes": [], "candidates": [], "evidence": {},
        "shadow": None, "reasons": [], "impact": {}, "expires_at": None, "escalated_at": None, "decided_at": None,
        "decided_by": None, "note": None, "applied_version": None, "drift_id": None, "entity": "account",
    }  # fmt: skip
    return ProposalRecord(
        id=uuid4(), connection_id=uuid4(), stream="Account", probability=0.8, base_version=1,
        created_at=datetime.now(UTC), **known | given,
    )  # fmt: skip


def candidate(source: str | None) -> dict[str, Any]:
    return {"old": "Phone", "source": source, "transform": {"kind": "cast", "args": {}}, "probability": 0.8}


def test_a_candidate_is_the_rule_that_it_would_make() -> None:
    changes = [{"target": "phone", "before": STANDING, "after": PROPOSED}]
    repaired = proposal(rules=[PROPOSED, STANDING], changes=changes)
    assert candidate_line(candidate("Line"), repaired) == "Line -> phone | trim"
    assert candidate_line(candidate("Fax"), repaired) == "Fax -> phone"


def test_no_candidate_is_told_by_what_becomes_of_the_target() -> None:
    assert candidate_line(candidate(None), proposal(kind="removed")) == "leave phone empty"
    assert candidate_line(candidate(None), proposal(kind="enum")) == "leave the mapping as it is"


def test_what_was_measured_is_the_drifts_and_the_shadow_run_is_that_of_its_own_rules() -> None:
    figures = {"rows": 40, "rejected": 1, "reasons": {}}
    tried = proposal(
        evidence={"drift": {"overlap": 1.0}, "seen": "a"}, shadow={"before": figures | {"rows": 9}, "tried": figures}
    )
    assert measured(tried) == {"overlap": 1.0}
    assert shadow_run(tried) == figures
    assert (measured(proposal()), shadow_run(proposal())) == ({}, None)


def test_a_reading_that_was_compared_with_nothing_is_no_evidence() -> None:
    plain = {"old": "Phone", "source": "Line", "transform": {"kind": "cast", "args": {}}, "compared": 0, "explained": 0}
    assert evidence_in_words({"overlap": 1, "readings": [plain]}) == ["their values overlap by 100 %"]
    compared = plain | {"compared": 4, "explained": 3}
    assert evidence_in_words({"readings": [compared]}) == ["reading Line -> Phone explains 3 of 4 records"]
