"""What is applied without a person, what is asked, what is refused; and when a shadow run says no."""

from dataclasses import dataclass, replace

import pytest

from assets.mapping.policy import Past, decide
from assets.mapping.repairs.composing import RuleChange
from assets.mapping.repairs.contracts import Contract, contract_of
from assets.mapping.repairs.repair import RepairDraft
from assets.mapping.repairs.shadowing import ShadowResult, TargetFigures
from assets.mapping.repairs.verdict import compare
from assets.mapping.rules import FieldRule

CHANGE = RuleChange("phone", FieldRule("phone", "phone"), FieldRule("mobile", "phone"))
DRAFT = RepairDraft("accounts", "renamed", (), (CHANGE,), probability=0.9)


@dataclass(frozen=True)
class Limits:
    apply_at: float = 0.85
    ask_at: float = 0.60


@pytest.mark.parametrize(
    ("draft", "verdict"),
    [
        (DRAFT, "apply"),
        (replace(DRAFT, probability=0.85), "apply"),
        (replace(DRAFT, probability=0.84), "ask"),
        (replace(DRAFT, probability=0.6), "ask"),
        (replace(DRAFT, probability=0.59), "refuse"),
        (replace(DRAFT, touches_key=True), "ask"),
        (replace(DRAFT, is_destructive=True), "ask"),
        (replace(DRAFT, kind="swapped"), "ask"),
        (replace(DRAFT, kind="currency"), "ask"),
        (replace(DRAFT, kind="swapped", probability=0.2), "refuse"),
        (replace(DRAFT, kind="removed", probability=0.0), "ask"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.kind}-{value.probability}",
)
def test_probability_kind_and_keys_decide(draft: RepairDraft, verdict: str) -> None:
    assert decide(draft, Limits(), "hold", safe_mode=False).verdict == verdict


def test_safe_mode_freeze_and_a_failed_shadow_run_ask() -> None:
    assert decide(DRAFT, Limits(), "hold", safe_mode=True).verdict == "ask"
    assert decide(DRAFT, Limits(), "freeze", safe_mode=False).verdict == "ask"
    assert decide(DRAFT, Limits(), "hold", safe_mode=False, shadow_failures=("phone: empty",)).verdict == "ask"


def test_the_tenants_own_thresholds_count() -> None:
    assert decide(DRAFT, Limits(0.95, 0.9), "hold", safe_mode=False).verdict == "ask"
    assert decide(DRAFT, Limits(0.99, 0.95), "hold", safe_mode=False).verdict == "refuse"


def test_what_was_rejected_is_not_asked_again_and_what_was_taken_back_never_applied() -> None:
    rejected, back = Past(rejected=frozenset({DRAFT.content})), Past(taken_back=frozenset({DRAFT.content}))
    assert decide(DRAFT, Limits(), "hold", safe_mode=False, past=rejected).verdict == "refuse"
    assert decide(DRAFT, Limits(), "hold", safe_mode=False, past=back).verdict == "ask"
    other = replace(DRAFT, changes=(replace(CHANGE, after=FieldRule("cell", "phone")),))
    assert decide(other, Limits(), "hold", safe_mode=False, past=rejected).verdict == "apply"


@dataclass(frozen=True)
class Event:
    kind: str
    is_breaking: bool = True
    stream: str = "accounts"
    evidence: dict[str, object] = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("event", "mapped", "expected"),
    [
        (Event("renamed"), True, "hold"),
        (Event("renamed", False), False, "evolve"),
        (Event("added", False), True, "evolve"),
        (Event("null_rate", False), True, "evolve"),
        (Event("retyped", False, evidence={"retyping": "widened"}), True, "evolve"),
        (Event("retyped", True, evidence={"retyping": "incompatible"}), True, "hold"),
    ],
    ids=lambda value: value.kind if isinstance(value, Event) else str(value),
)
def test_what_costs_no_mapped_value_evolves_unless_somebody_chose(
    event: Event, mapped: bool, expected: Contract
) -> None:
    assert contract_of(event, lambda stream, kind: None, mapped) == expected
    assert contract_of(event, lambda stream, kind: "freeze", mapped) == "freeze"


BEFORE = ShadowResult(1000, 5, {"phone": TargetFigures(900, 5, 880), "amount": TargetFigures(1000, 0, 700, 1, 900.0)})


def tried(number: int = 200, /, **targets: TargetFigures) -> ShadowResult:
    return ShadowResult(number, 0, targets)


def test_figures_as_before_pass_and_no_rows_say_nothing() -> None:
    assert compare(tried(phone=TargetFigures(178, 1, 170)), BEFORE, ["phone"]).passed
    assert compare(ShadowResult(0), BEFORE, ["phone"]).passed


@pytest.mark.parametrize(
    ("target", "figures", "says"),
    [
        ("phone", TargetFigures(100, 0, 90), "filled in 50%"),
        ("phone", TargetFigures(180, 30, 170), "do not fit"),
        ("phone", TargetFigures(180, 0, 1), "one value only"),
        ("amount", TargetFigures(200, 0, 150, 1.0, 50.0), None),
    ],
    ids=["emptier", "unfit", "constant", "a-small-sample-may-be-smaller"],
)
def test_what_got_worse_is_named(target: str, figures: TargetFigures, says: str | None) -> None:
    verdict = compare(ShadowResult(200, 0, {target: figures}), BEFORE, [target])
    assert verdict.passed == (says is None)
    assert says is None or says in verdict.of([target])[0]


def test_values_a_hundred_times_as_large_fail() -> None:
    figures = TargetFigures(1000, 0, 700, 100.0, 90_000.0)
    assert "90000" in compare(tried(1000, amount=figures), BEFORE, ["amount"]).of(["amount"])[0]


def test_kinds_never_seen_before_fail() -> None:
    before = ShadowResult(400, 0, {"type": TargetFigures(400, 0, 3, kmv=(1, 2, 3))})
    assert compare(tried(100, type=TargetFigures(100, 0, 3, kmv=(1, 2, 9))), before, ["type"]).passed
    assert not compare(tried(100, type=TargetFigures(100, 0, 3, kmv=(7, 8, 9))), before, ["type"]).passed


def test_one_empty_row_proves_nothing_and_three_do() -> None:
    before = ShadowResult(1000, 0, {"phone": TargetFigures(1000)})
    assert compare(tried(1, phone=TargetFigures(0)), before, ["phone"]).passed
    assert not compare(tried(3, phone=TargetFigures(0)), before, ["phone"]).passed


def test_rejects_of_other_fields_do_not_speak_against_a_repair() -> None:
    others = {"phone": TargetFigures(180, 0, 170), "amount": TargetFigures(150, 50, 100)}
    assert compare(ShadowResult(200, 50, others), BEFORE, ["phone"]).passed
    alone = ShadowResult(200, 50, {"phone": TargetFigures(180, 0, 170)})
    assert compare(alone, BEFORE, ["phone"]).of(["phone"])


def test_figures_survive_a_round_trip() -> None:
    assert ShadowResult.from_json(BEFORE.to_json()) == BEFORE
