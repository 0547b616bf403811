"""What the cases of a play amount to: counts by kind and by connector, the figures with their limits, reliability.

Rename recall: of the renames that the data can prove, the share that was reported as this field renamed to that one.
A column that always says the same (or nothing) under a new name is proved by nothing: asking about it, or refusing, is
right, it counts in no recall, and naming the right pair is no fault either. Rename precision: of all pairs reported as
renamed, the share that is true. A repair is wrong when it was applied without a person and leaves a value that is not
true in a record that is not held. Silently wrong is a value that is not true before anybody was asked, in a record
that is not held and in a target that no repair changed: a change that was let through.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import quantiles
from typing import Any

from orchestration.bench.figures import Figure
from orchestration.drift_play.case import Case, is_expected
from orchestration.drift_play.mutation import NONE

LEAST_RECALL = 0.95
LEAST_PRECISION = 0.98
A_FULL_PLAY = 300  # changes of shape, from which on as many repairs have to have been applied as to say something
LEAST_APPLIED = 200
BINS = (0.0, 0.3, 0.6, 0.7, 0.85, 0.95, 1.0)


@dataclass(frozen=True, slots=True)
class Row:
    """Counts of some cases. Events and proposals are counted each; the rest are cases."""

    name: str
    cases: int
    detected: int
    misclassified: int
    missed: int
    unprovable: int
    false_alarms: int
    applied: int
    asked: int
    refused: int
    wrong_repairs: int
    silently_wrong: int
    right: int

    @classmethod
    def of(cls, name: str, cases: Sequence[Case]) -> "Row":
        """Count them."""
        seen = Counter(case.seen for case in cases)
        applied, asked, refused = (
            sum(len(case.with_status(status)) for case in cases) for status in ("applied", "open", "refused")
        )
        return cls(
            name, len(cases), seen["detected"] + seen["quiet"], seen["misclassified"], seen["missed"],
            seen["unprovable"], sum(len(case.false_alarms) for case in cases), applied, asked, refused,
            sum(bool(case.wrong_repairs) for case in cases), sum(bool(case.silently_wrong) for case in cases),
            sum(case.is_right for case in cases),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bin:
    """Claims whose probability lies in [low, high): how many, how sure on average, how many right."""

    low: float
    high: float
    claims: int
    mean: float
    right: float


@dataclass(frozen=True, slots=True)
class Score:
    """A play counted."""

    figures: list[Figure]
    by_kind: list[Row]
    by_connector: list[Row]
    events: list[Bin]
    repairs: list[Bin]
    faults: list[str]

    @property
    def holds(self) -> bool:
        """Whether every limit is kept."""
        return all(figure.holds for figure in self.figures)


def score(cases: Sequence[Case], broken: Sequence[str] = ()) -> Score:
    """Count a play. `broken` is what was wrong with the play itself, and fails it."""
    kinds = dict.fromkeys(case.mutation.kind for case in sorted(cases, key=lambda case: case.mutation.kind))
    connectors = dict.fromkeys(case.connector for case in cases)
    return Score(
        _figures(cases, broken),
        [Row.of(kind, [case for case in cases if case.mutation.kind == kind]) for kind in kinds],
        [Row.of(name, [case for case in cases if case.connector == name]) for name in connectors],
        _bins((event.probability, _event_is_right(case, event)) for case in cases for event in case.events),
        _bins(_repairs(cases)),
        [*broken, *(line for case in cases for line in faults_of(case))],
    )


def faults_of(case: Case) -> list[str]:
    """What went wrong in a case, a line each."""
    where = f"round {case.round}, {case.connection}, {case.stream}, {case.mutation.kind}"
    lines = []
    if case.seen in ("missed", "misclassified"):
        lines.append(f"{case.seen}: expected {_expected(case)}, reported {_reported(case)}")
    lines += [f"false alarm: {event.kind} {event.fields_before} -> {event.fields_after}" for event in case.false_alarms]
    lines += [f"false rename: {pair}" for pair in sorted(case.renames_claimed - case.true_pairs)]
    lines += [f"wrong repair: {_shown(wrong)}" for wrong in case.wrong_repairs]
    lines += [f"silently wrong: {_shown(wrong)}" for wrong in case.silently_wrong]
    lines += [f"lost or doubled before a decision: {case.early_lost}"] * bool(case.early_lost)
    if case.end.lost or case.end.doubled or case.end.surplus:
        lines.append(f"lost {case.end.lost}, doubled {case.end.doubled}, surplus {case.end.surplus}")
    lines += [f"wrong at the end: {_shown(wrong)}" for wrong in case.end.wrong]
    lines += [f"still held at the end: {case.still_held}"] * bool(case.still_held)
    lines += case.errors
    return [f"{where}: {line}" for line in lines]


def _figures(cases: Sequence[Case], broken: Sequence[str]) -> list[Figure]:
    happened = sum(len(case.mutation.pairs) for case in cases)
    found = sum(len(case.renames_found) for case in cases)
    claimed = sum(len(case.renames_claimed) for case in cases)
    true_claims = sum(len(case.renames_claimed & case.true_pairs) for case in cases)
    plain = [case for case in cases if case.mutation.kind == NONE]
    applied = [case for case in cases if case.with_status("applied")]
    times = sorted(case.repair_s for case in cases if case.repair_s is not None and case.mutation.kind != NONE)
    p50, p95 = _percentiles(times)
    return [
        Figure("shapes changed", len(cases) - len(plain), "cases"),
        Figure("no shape changed", len(plain), "cases"),
        Figure("rename recall", found / happened if happened else 1.0, "", limit=LEAST_RECALL, at_least=True),
        Figure("rename precision", true_claims / claimed if claimed else 1.0, "", limit=LEAST_PRECISION, at_least=True),
        Figure("events where nothing changed", sum(len(case.events) for case in plain), "events", limit=0),
        Figure(
            "repairs applied without a person",
            sum(len(case.with_status("applied")) for case in cases),
            "repairs",
            limit=LEAST_APPLIED if len(cases) - len(plain) >= A_FULL_PLAY else None,
            at_least=True,
        ),
        Figure("wrong among them", sum(bool(case.wrong_repairs) for case in applied), "cases", limit=0),
        Figure("silently wrong", sum(bool(case.silently_wrong) for case in cases), "cases", limit=0),
        Figure("repairs asked about", sum(len(case.with_status("open")) for case in cases), "repairs"),
        Figure("repairs refused", sum(len(case.with_status("refused")) for case in cases), "repairs"),
        Figure("records held", sum(case.held for case in cases), "records"),
        Figure("records replayed", sum(case.replayed for case in cases), "records"),
        Figure("records lost", sum(case.end.lost for case in cases), "records", limit=0),
        Figure("records doubled", sum(case.end.doubled + case.end.surplus for case in cases), "records", limit=0),
        Figure("records still held", sum(case.still_held for case in cases), "records", limit=0),
        Figure("values not true at the end", sum(_wrong_values(case) for case in cases), "values", limit=0),
        Figure("errors", sum(len(case.errors) for case in cases) + len(broken), "", limit=0),
        Figure("time to repair, median", p50, "s"),
        Figure("time to repair, 95 %", p95, "s"),
    ]


def _wrong_values(case: Case) -> int:
    return sum(wrong.values for wrong in case.end.wrong)


def _percentiles(times: Sequence[float]) -> tuple[float, float]:
    if len(times) < 2:
        return (times[0], times[0]) if times else (0.0, 0.0)
    cut = quantiles(times, n=20, method="inclusive")
    return cut[9], cut[18]


def _event_is_right(case: Case, event: Any) -> bool:
    return any(is_expected(event, expected) for expected in case.mutation.events)


def _repairs(cases: Sequence[Case]) -> Iterable[tuple[float | None, bool]]:
    """Each proposal's probability, and whether it was right: as the rows showed, or as the person judged."""
    for case in cases:
        wrong = {one.target for one in case.wrong_repairs}
        decisions = {verdict.proposal_id: verdict.decision for verdict in case.verdicts}
        for proposal in case.proposals:
            if proposal.status == "applied":
                yield proposal.probability, not wrong & {str(change["target"]) for change in proposal.changes}
            elif proposal.id in decisions:
                yield proposal.probability, decisions[proposal.id] == "approve"


def _bins(claims: Iterable[tuple[float | None, bool]]) -> list[Bin]:
    known = [(probability, right) for probability, right in claims if probability is not None]
    made = []
    for place, (low, high) in enumerate(pairwise(BINS)):
        last = place == len(BINS) - 2
        inside = [claim for claim in known if low <= claim[0] < high or (last and claim[0] == high)]
        if inside:
            mean = sum(probability for probability, _ in inside) / len(inside)
            right = sum(right for _, right in inside) / len(inside)
            made.append(Bin(low, high, len(inside), round(mean, 3), round(right, 3)))
    return made


def _expected(case: Case) -> str:
    wanted = [one for one in case.mutation.events if one.required]
    return "; ".join(f"{'|'.join(sorted(one.kinds))} {sorted(one.before)} -> {sorted(one.after)}" for one in wanted[:3])


def _reported(case: Case) -> str:
    told = [f"{event.kind} {event.fields_before} -> {event.fields_after}" for event in case.events]
    return "; ".join(told[:6]) or "nothing"


def _shown(wrong: Any) -> str:
    example = wrong.examples[0] if wrong.examples else ("", None, None)
    return f"{wrong.target}, {wrong.values} values, such as {example[0]}: {example[1]!r} expected, {example[2]!r} found"
