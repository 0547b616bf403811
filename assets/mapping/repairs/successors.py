"""A stream that comes under another name: its records get the mapping of before, once a person has agreed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from assets.mapping.rules import FieldRule


class Drifted(Protocol):
    """What is asked of a drift event."""

    @property
    def kind(self) -> str: ...
    @property
    def evidence(self) -> Mapping[str, Any]: ...


def successors(events: Iterable[Drifted]) -> frozenset[str]:
    """Streams that open events take for others under a new name: they get no first mapping of their own meanwhile."""
    return frozenset(name for event in events if (name := successor(event)) is not None)


def successor(event: Drifted) -> str | None:
    """The new name of the stream that the event is about."""
    name = event.evidence.get("renamed_to") if event.kind == "stream_renamed" else None
    return str(name) if name else None


def inherited(rules: Sequence[FieldRule]) -> tuple[FieldRule, ...]:
    """The rules as the new stream has them: it has no commits of before, so only what holds now is taken over."""
    return tuple(replace(rule, since=0, decided_by="person") for rule in rules if rule.until is None)
