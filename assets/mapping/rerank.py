"""A language model's opinion on a field's best candidates: it may put close ones in another order, and no more.

No answer makes anything applied that would not have been applied without it: a probability moves by at most `BAND`
and never across the line from which repairs are applied. What is sure already is not asked about.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from orchestration.resources.llm import Llm, Question
from orchestration.resources.llm_endpoint import LlmUnavailable

MOST: Final = 20  # candidates that are shown
BAND: Final = 0.05  # most that a probability moves
_BELOW: Final = 1e-4  # how far below the line a raised probability stays
_TASK: Final = (
    "You match a field of a data source to one of the listed target fields. Rank the targets that could have the same "
    "meaning, best first, with a confidence from 0 to 1. Leave out those that do not fit; an empty ranking is right "
    "when none does."
)


class Ranked(Protocol):
    """A candidate: its target and how probable it is. A frozen dataclass."""

    @property
    def target(self) -> str: ...

    @property
    def probability(self) -> float: ...


C = TypeVar("C", bound=Ranked)


class Opinion(BaseModel):
    """One target of the model's ranking."""

    model_config = ConfigDict(extra="forbid")

    target: str = Field(max_length=500)
    confidence: float = Field(ge=0, le=1)


class Ranking(BaseModel):
    """The form of the answer."""

    model_config = ConfigDict(extra="forbid")

    ranking: list[Opinion] = Field(max_length=MOST)


@dataclass(frozen=True, slots=True)
class FieldSketch:
    """What a model is told of a field: no value, only how values look."""

    name: str
    type: str | None = None
    description: str | None = None
    shapes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        told = {"name": self.name, "type": self.type, "description": self.description, "shapes": list(self.shapes)}
        return {key: value for key, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class Reranked:
    """The candidates in their new order, and why the model's opinion counted or did not."""

    candidates: tuple[Ranked, ...]
    note: str


def rerank(
    ask: Callable[[Question], Ranking],
    field: FieldSketch,
    targets: Sequence[FieldSketch],
    candidates: Sequence[C],
    apply_at: float,
) -> tuple[list[C], str]:
    """The candidates, best first, with the model's opinion in it; and a sentence about that opinion.

    `ask` raises LlmUnavailable. `targets` describe the candidates' targets; unknown ones are shown by name alone.
    """
    ordered = sorted(candidates, key=lambda candidate: -candidate.probability)
    if not ordered or ordered[0].probability >= apply_at:
        return ordered, "not asked: nothing is in doubt"
    shown, rest = ordered[:MOST], ordered[MOST:]
    known = {target.name: target for target in targets}
    told = [known.get(candidate.target, FieldSketch(candidate.target)).to_json() for candidate in shown]
    data = json.dumps({"field": field.to_json(), "targets": told}, ensure_ascii=False)
    try:
        answer = ask(Question("rerank", _TASK, data))
    except LlmUnavailable as error:
        return ordered, f"no opinion: {error}"
    return _blended(answer, shown, apply_at, rest)


def _blended(answer: Ranking, shown: Sequence[C], apply_at: float, rest: Sequence[C]) -> tuple[list[C], str]:
    named = [opinion.target for opinion in answer.ranking]
    allowed = {candidate.target for candidate in shown}
    if len(set(named)) < len(named) or not set(named) <= allowed:
        return [*shown, *rest], "its answer was ignored: it names targets twice, or such as were not asked about"
    confidence = {opinion.target: opinion.confidence for opinion in answer.ranking}
    moved = [_moved(candidate, confidence.get(candidate.target, 0.0), apply_at) for candidate in shown]
    moved.sort(key=lambda candidate: -candidate.probability)
    same = [candidate.target for candidate in moved] == [candidate.target for candidate in shown]
    return [*moved, *rest], "it agrees with the order" if same else "it put close candidates in another order"


def _moved(candidate: C, confidence: float, apply_at: float) -> C:
    """Shifted by -BAND (confidence 0) to +BAND (1), and never raised to the line or across it."""
    wanted = candidate.probability + BAND * (2 * confidence - 1)
    limit = max(apply_at - _BELOW, 0.0)
    value = min(max(wanted, 0.0), limit) if wanted > candidate.probability else max(wanted, 0.0)
    return replace(candidate, probability=round(max(value, 0.0), 4))  # type: ignore[type-var]  # a dataclass by contract


def reranker(llm: Llm, tenant_id: UUID) -> Callable[[Question], Ranking]:
    """Asks the tenant's model for a ranking."""
    return lambda question: llm.ask(tenant_id, question, Ranking)
