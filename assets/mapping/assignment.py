"""One field for each target and one target for each field, over the whole stream at once.

Maximises the sum of -log(1 - p), so that one sure pair outweighs two doubtful ones. Where the runner-up is as good as
the winner, nothing is sure: the pair keeps its place but falls below what a policy applies.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from assets.mapping.candidates import Candidate

FLOOR: Final = 0.5  # candidates below it are shown, never assigned
CLOSE: Final = 0.03  # a runner-up this near is as good
UNSURE: Final = 0.80  # what an ambiguous pair is worth at most

_Pairs = Mapping[str, Mapping[str, Candidate]]


def assign(candidates: Sequence[Candidate], certain: Collection[tuple[str, str]] = ()) -> tuple[Candidate, ...]:
    """The best one-to-one choice. `certain` pairs (source, target) are never ambiguous: other evidence settles them."""
    pairs: dict[str, dict[str, Candidate]] = defaultdict(dict)
    for candidate in candidates:
        if candidate.probability >= FLOOR:
            pairs[candidate.source][candidate.target] = candidate
    chosen: dict[str, Candidate] = {}
    for sources in _components(pairs):
        chosen.update(_best_of_component(pairs, sources))
    return tuple(
        chosen[source] if (source, chosen[source].target) in certain else _doubted(chosen[source], chosen, pairs)
        for source in sorted(chosen)
    )


def _components(pairs: _Pairs) -> list[list[str]]:
    """Sources that compete with each other, directly or through others."""
    by_target: dict[str, list[str]] = defaultdict(list)
    for source, targets in pairs.items():
        for target in targets:
            by_target[target].append(source)
    seen: set[str] = set()
    components = []
    for start in sorted(pairs):
        if start in seen:
            continue
        seen.add(start)
        component, queue = [], [start]
        while queue:
            source = queue.pop()
            component.append(source)
            for target in pairs[source]:
                fresh = [other for other in by_target[target] if other not in seen]
                seen.update(fresh)
                queue += fresh
        components.append(sorted(component))
    return components


def _best_of_component(pairs: _Pairs, sources: list[str]) -> dict[str, Candidate]:
    targets = sorted({target for source in sources for target in pairs[source]})
    weights = [[_weight(pairs[source].get(target)) for target in targets] for source in sources]
    if len(sources) <= len(targets):
        matched = _maximise(weights)
    else:
        turned = _maximise([[row[column] for row in weights] for column in range(len(targets))])
        matched = [(row, column) for column, row in turned]
    found = {}
    for row, column in matched:
        candidate = pairs[sources[row]].get(targets[column])
        if candidate is not None:
            found[sources[row]] = candidate
    return found


def _weight(candidate: Candidate | None) -> float:
    return 0.0 if candidate is None else -math.log1p(-min(candidate.probability, 0.9999))


def _maximise(weights: list[list[float]]) -> list[tuple[int, int]]:
    """Hungarian method, rows <= columns: one column for each row, largest sum of weights; (row, column) pairs.

    Potentials and shortest augmenting paths as in Kuhn (1955) and Munkres (1957), O(rows^2 x columns).
    """
    rows, columns = len(weights), len(weights[0])
    row_price, column_price = [0.0] * (rows + 1), [0.0] * (columns + 1)
    owner, before = [0] * (columns + 1), [0] * (columns + 1)
    for row in range(1, rows + 1):
        owner[0], column = row, 0
        slack, used = [math.inf] * (columns + 1), [False] * (columns + 1)
        while owner[column]:
            used[column] = True
            held, step, following = owner[column], math.inf, 0
            for other in range(1, columns + 1):
                if used[other]:
                    continue
                reduced = -weights[held - 1][other - 1] - row_price[held] - column_price[other]
                if reduced < slack[other]:
                    slack[other], before[other] = reduced, column
                if slack[other] < step:
                    step, following = slack[other], other
            for other in range(columns + 1):
                if used[other]:
                    row_price[owner[other]] += step
                    column_price[other] -= step
                else:
                    slack[other] -= step
            column = following
        while column:
            owner[column] = owner[before[column]]
            column = before[column]
    return [(owner[column] - 1, column - 1) for column in range(1, columns + 1) if owner[column]]


def _doubted(winner: Candidate, chosen: Mapping[str, Candidate], pairs: _Pairs) -> Candidate:
    """The winner, less sure when another field fits its target, or another target the field, as well."""
    rivals = [
        source
        for source, targets in pairs.items()
        if source != winner.source and winner.target in targets
        and targets[winner.target].probability > winner.probability - CLOSE
        and not _better_off(chosen.get(source), targets[winner.target])
    ]  # fmt: skip
    taken = {candidate.target: candidate for candidate in chosen.values()}
    others = [
        target
        for target, other in pairs[winner.source].items()
        if target != winner.target and other.probability > winner.probability - CLOSE
        and not (target in taken and taken[target].probability > other.probability + CLOSE)
    ]  # fmt: skip
    if not rivals and not others:
        return winner
    reason = f"as good: {', '.join(sorted(rivals) + sorted(others))}"
    return replace(winner, probability=min(winner.probability, UNSURE), evidence=(*winner.evidence, reason))


def _better_off(place: Candidate | None, here: Candidate) -> bool:
    return place is not None and place.probability > here.probability + CLOSE
