"""What a shadow run is: a mapping tried over raw rows with nothing written, and the figures it leaves.

The run itself is normalize's, to the right of this stage: the composition root hands it in as the resource "shadow".
Whether the figures let a repair stand is decided in `verdict`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from assets.mapping.rules import StreamMapping
from orchestration.resources.lake_session import LakeSession


@dataclass(frozen=True, slots=True)
class TargetFigures:
    """One target over the sampled rows. Counts are rows; `low`/`high` are the extremes of numbers and of moments (as
    seconds since 1970), None for texts; `kmv` the 64 smallest 64-bit hashes of its distinct values, ascending."""

    filled: int
    failed: int = 0
    distinct: int = 0
    low: float | None = None
    high: float | None = None
    kmv: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON object: counts, bounds and hashes, no values of a text."""
        return {
            "filled": self.filled, "failed": self.failed, "distinct": self.distinct, "low": self.low,
            "high": self.high, "kmv": list(self.kmv),
        }  # fmt: skip

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "TargetFigures":
        """The figures again."""
        return cls(
            document["filled"], document["failed"], document["distinct"], document["low"], document["high"],
            tuple(document["kmv"]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShadowResult:
    """`rows` tried, `rejected` of them; figures by target; why values failed, by kind of failure and never by value."""

    rows: int
    rejected: int = 0
    targets: Mapping[str, TargetFigures] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """JSON object for proposals and watches."""
        targets = {name: figures.to_json() for name, figures in self.targets.items()}
        return {"rows": self.rows, "rejected": self.rejected, "targets": targets, "reasons": dict(self.reasons)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "ShadowResult":
        """The result again."""
        targets = {name: TargetFigures.from_json(figures) for name, figures in document["targets"].items()}
        return cls(document["rows"], document["rejected"], targets, dict(document["reasons"]))


class Shadow(Protocol):
    """Implemented by normalize. `catalog` names the entities a tenant has, as normalize knows them."""

    def run(
        self,
        session: LakeSession,
        connection_id: UUID,
        mapping: StreamMapping,
        catalog: Any,
        since_version: int,
        limit: int = 2000,
    ) -> ShadowResult:
        """The mapping over up to `limit` raw rows of commits >= `since_version`, held ones included."""
        ...

    def canonical(
        self,
        session: LakeSession,
        connection_id: UUID,
        mapping: StreamMapping,
        catalog: Any,
        limit: int = 2000,
        before_version: int | None = None,
    ) -> ShadowResult:
        """Figures of the canonical rows that stand, of records landed before that commit (all when None)."""
        ...
