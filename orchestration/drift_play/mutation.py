"""What a mutation is: the events that are right, the renames in it, and how each target is to be read from then on.

Which mutations there are is in `mutations`; nothing here draws or changes anything.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from assets.mapping.rules import Transform
from orchestration.drift_play.streams import Column, WorldStream

Proof = Literal["provable", "unprovable"]
CAST = Transform()
NONE = "none"  # the kind of a case in which no shape changes


@dataclass(frozen=True, slots=True)
class Expected:
    """One event that is right: any of `kinds` over these fields. `required`: not seeing it is a miss."""

    kinds: frozenset[str]
    before: frozenset[str]
    after: frozenset[str]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """How a target is to be read from now on. `same_name`: rows of before keep the old reading."""

    source: str
    transform: Transform = CAST
    same_name: bool = False


@dataclass(slots=True)
class Mutation:
    """One change. `events` are all right ones, `pairs` the renames in it, `answers` the right rule of each target.

    `proof` unprovable: nothing in the data can show what happened, so claiming it is no duty and asking is right.
    """

    kind: str
    events: list[Expected] = field(default_factory=list)
    pairs: set[tuple[str, str]] = field(default_factory=set)
    answers: dict[str, Answer] = field(default_factory=dict)
    proof: Proof = "provable"
    fields: set[str] = field(default_factory=set)
    new_name: str | None = None  # of a renamed stream
    old_name: str | None = None

    def expect(
        self, kinds: str | Sequence[str], before: Sequence[str], after: Sequence[str], required: bool = True
    ) -> None:
        """Add an event that is right."""
        named = frozenset([kinds] if isinstance(kinds, str) else kinds)
        self.events.append(Expected(named, frozenset(before), frozenset(after), required))
        self.fields |= {*before, *after}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a mutation may work on: the stream, the targets its mapping fills from one plain column each."""

    stream: WorldStream
    mapped: Sequence[str]
    random: Random

    def pick(self, *kinds: str, of: Callable[[str], bool] = lambda _: True, fresh: bool = False) -> str | None:
        """A mapped target of these kinds of facts whose values are not constant.

        `fresh`: its values are still written as at first.
        """
        facts = self.stream.facts()
        able = [
            target for target in self.mapped
            if (not kinds or facts[target].kind in kinds) and target not in self.stream.constants and of(target)
            and not (fresh and any(column.back for column in self.columns(target)))
        ]  # fmt: skip
        return self.random.choice(able) if able else None

    def columns(self, *targets: str) -> list[Column]:
        """Their columns, which are there by the choice of `mapped`."""
        found = [self.stream.column(target) for target in targets]
        return [column for column in found if column is not None]

    def names(self) -> set[str]:
        """Of all columns and the key."""
        return {column.name for column in self.stream.columns} | {self.stream.key}


Mutate = Callable[[Setting], Mutation | None]


def answer_of(column: Column, *, same_name: bool = False, first: Transform | None = None) -> Answer:
    """How a column is read: what was done to its values is taken back, the newest first; `first` before all of it."""
    steps = [step for step in (first, *column.back) if step is not None and step != CAST]
    if len(steps) > 1:
        listed = [{"kind": step.kind, "args": dict(step.args)} for step in steps]
        return Answer(column.name, Transform("chain", {"steps": listed}), same_name)
    return Answer(column.name, steps[0] if steps else CAST, same_name)


def then(first: Callable[[Mapping[str, Any]], Any], second: Callable[[Any], Any]) -> Callable[[Mapping[str, Any]], Any]:
    """What a column writes, written another way; nothing stays nothing."""

    def write(values: Mapping[str, Any]) -> Any:
        value = first(values)
        return None if value is None else second(value)

    return write
