"""What was found about how a column's values changed, as one small record. How it is found is the siblings' work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assets.fingerprint.agreement import beyond_chance


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which new texts give the old values back.

    `transform` is None where none of the safe transforms does. `explained` of the `compared` records agree; chance
    alone would make `by_chance` of them do so. `certainty` (0-1) is of the kind itself: what else could look like it.
    """

    kind: str
    transform: dict[str, Any] | None
    compared: int
    explained: int
    by_chance: float = 0.0
    evidence: Mapping[str, Any] = field(default_factory=dict)
    certainty: float = 1.0

    @property
    def probability(self) -> float:
        """Lower bound of what is explained beyond chance, times the certainty of the kind."""
        return self.certainty * beyond_chance(self.explained, self.compared, self.by_chance)

    def reading(self, old: str, source: str) -> dict[str, Any] | None:
        """The finding as a `Reading` of the evidence: how `source` is to be read to get what `old` held."""
        if self.transform is None:
            return None
        return {
            "old": old, "source": source, "transform": self.transform,
            "compared": self.compared, "explained": self.explained,
        }  # fmt: skip
