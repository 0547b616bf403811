"""What a tenant wants of each kind of drift: let it flow, hold what it affects, or stop the stream.

A person's choice comes from the control plane; where nobody chose, the product's default stands here.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, Protocol

Contract = Literal["evolve", "hold", "freeze"]
Lookup = Callable[[str, str], str | None]  # (stream, kind) -> what was chosen, None where nobody did

# Nothing that is mapped loses a value by these.
EVOLVING: Final = frozenset(("added", "nullability", "null_rate", "volume", "stream_added"))


class Drifted(Protocol):
    """What a contract asks of a drift event."""

    @property
    def stream(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def is_breaking(self) -> bool: ...
    @property
    def evidence(self) -> Mapping[str, Any]: ...


def contract_of(event: Drifted, chosen: Lookup, is_mapped: bool) -> Contract:
    """The contract that the event falls under."""
    match chosen(event.stream, event.kind):
        case "evolve":
            return "evolve"
        case "hold":
            return "hold"
        case "freeze":
            return "freeze"
    return default_contract(event, is_mapped)


def default_contract(event: Drifted, is_mapped: bool) -> Contract:
    """The product's own: what costs no mapped value evolves, all else is held until it is repaired or decided."""
    if event.kind in EVOLVING or not is_mapped:
        return "evolve"
    if event.kind == "retyped" and event.evidence.get("retyping") == "widened" and not event.is_breaking:
        return "evolve"
    return "hold"


def is_explicit(event: Drifted, chosen: Lookup) -> bool:
    """Whether somebody chose the contract."""
    return chosen(event.stream, event.kind) is not None
