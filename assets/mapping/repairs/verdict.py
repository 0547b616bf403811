"""Whether a shadow run lets a repair stand, and whether a repair that stands has made things worse since.

Compares figures, never values: rejects, filled shares, ranges, sets of hashes. It says which comparison failed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import Final

from assets.mapping.repairs.shadowing import ShadowResult, TargetFigures

MORE_REJECTED: Final = 0.02  # share of rows
LESS_FILLED: Final = 0.10  # share of rows
_OUT_OF_RANGE: Final = 10.0  # times the extremes of before
_ENOUGH: Final = 20  # values from which ranges and sets say something
_FEW_VALUES: Final = 50  # a target with at most as many, each often, is a list of kinds
_KNOWN_SHARE: Final = 0.5  # least share of kinds that were seen before
_Z: Final = 2.326  # one-sided 99 %: what chance alone may add to a share of few rows


@dataclass(frozen=True, slots=True)
class Verdict:
    """What failed, by target; "" stands for the rows as a whole."""

    failures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return not self.failures

    def of(self, targets: Iterable[str]) -> tuple[str, ...]:
        """What failed for these targets or for the rows as a whole."""
        return tuple(reason for target in ("", *targets) for reason in self.failures.get(target, ()))


def compare(tried: ShadowResult, before: ShadowResult, targets: Iterable[str]) -> Verdict:
    """The figures of `tried` against those of `before`, for the targets that a repair changed.

    Without rows there is nothing to complain of.
    """
    if not tried.rows:
        return Verdict()
    wanted = tuple(dict.fromkeys(targets))
    failures = {
        target: reasons
        for target in wanted
        if (
            reasons := tuple(
                _target(tried.rows, tried.targets.get(target), before.rows, before.targets.get(target), target)
            )
        )
    }
    others = [figures for name, figures in tried.targets.items() if name not in wanted]
    if not any(figures.failed > MORE_REJECTED * tried.rows for figures in others):
        rejected = _risen(tried.rejected, tried.rows, before.rejected, before.rows, MORE_REJECTED)
        if rejected:
            failures[""] = (f"{_percent(tried.rejected, tried.rows)} of the rows would be rejected",)
    return Verdict(failures)


def _target(
    rows: int, tried: TargetFigures | None, rows_before: int, before: TargetFigures | None, name: str
) -> Iterable[str]:
    now = tried or TargetFigures(0)
    then = before or TargetFigures(0)
    if _risen(now.failed, rows, then.failed, rows_before, MORE_REJECTED):
        yield f"{name}: {_percent(now.failed, rows)} of the values do not fit"
    if rows_before and _risen(rows - now.filled, rows, rows_before - then.filled, rows_before, LESS_FILLED):
        yield f"{name}: filled in {_percent(now.filled, rows)} of the rows, {_percent(then.filled, rows_before)} before"
    if min(now.filled, then.filled) >= _ENOUGH:
        yield from _values(now, then, name)


def _values(now: TargetFigures, then: TargetFigures, name: str) -> Iterable[str]:
    if now.distinct == 1 and then.distinct >= 10:
        yield f"{name}: one value only, {then.distinct} before"
    if now.high is not None and then.high is not None and _is_far(now, then):
        yield f"{name}: the largest value is {now.high:g}, {then.high:g} before"
    is_of_kinds = 0 < then.distinct <= min(_FEW_VALUES, then.filled // 4)
    if is_of_kinds and now.kmv and then.kmv:
        known = len(set(now.kmv) & set(then.kmv)) / len(now.kmv)
        if known < _KNOWN_SHARE:
            yield f"{name}: {known:.0%} of its different values were seen before"


def _is_far(now: TargetFigures, then: TargetFigures) -> bool:
    """Whether one extreme is more than ten times the other, though the side with the smaller one has seen enough
    values for its own to be as large."""
    small, large = sorted((now, then), key=lambda figures: abs(figures.high or 0.0))
    if not small.high or large.high is None:
        return False
    return abs(large.high / small.high) > _OUT_OF_RANGE and small.filled * 2 >= large.filled


def _risen(hits: int, rows: int, hits_before: int, rows_before: int, allowed: float) -> bool:
    """Whether a share rose by more than `allowed` and what chance adds to it."""
    if not rows:
        return False
    expected = min(1.0, (hits_before / rows_before if rows_before else 0.0) + allowed)
    # Half a row for the step from counts to the normal curve: a single row never proves anything.
    return (hits - 0.5) / rows > expected + _Z * sqrt(expected * (1 - expected) / rows)


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "none"
