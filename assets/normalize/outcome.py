"""What a run did to one stream, and by what its canonical rows were made: the words that later steps go by."""

from collections.abc import Iterable
from dataclasses import dataclass

CANONICAL_SCHEMA = "canonical"
NOTHING_LANDED = 9_999_999_999  # greater than the version of any commit: the stream was not read by this sync


class MappingSuperseded(Exception):
    """The stream's rows were made by a newer mapping meanwhile; this one must not be applied over it."""


@dataclass(frozen=True, slots=True)
class NormalizedStream:
    """What one run did to one stream.

    `loaded`, `rejected`, `held` and `deleted` count records landed since `first_version`. The others landed before:
    `recovered` an interrupted run had landed, or a new mapping read again in full; `replayed` came out of quarantine;
    of `rederived` some values changed with the mapping; `restored` have the values of before a repair again, and
    `unrestored` should have, but nothing remembers them.
    """

    stream: str
    entity: str | None
    mapping_version: int
    loaded: int = 0
    rejected: int = 0
    deleted: int = 0
    recovered: int = 0
    batch_id: str = ""
    first_snapshot: int = 0
    last_snapshot: int = 0
    table: str = ""  # of schema `canonical`
    buried: int = 0  # rows the stream had in tables of other entities
    held: int = 0
    replayed: int = 0
    rederived: int = 0
    restored: int = 0
    unrestored: int = 0

    @property
    def upserted(self) -> int:
        """Canonical rows written that are no tombstones."""
        return self.loaded + self.recovered + self.replayed + self.rederived + self.restored

    @property
    def changed(self) -> bool:
        """Whether canonical rows changed."""
        return self.upserted + self.deleted > 0


@dataclass(frozen=True, slots=True)
class MadeBy:
    """What canonical rows were made by, kept as the detail of the stage's progress.

    `is_retired`: the mapping's entity was not there, so the stream stayed raw. `holds`: tokens of those in force then.
    """

    version: int
    is_retired: bool = False
    holds: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, detail: str) -> "MadeBy":
        """From "3", "3 raw" or "3 held:<token>,<token>"."""
        version, *words = detail.split()
        held = next((word.removeprefix("held:") for word in words if word.startswith("held:")), "")
        return cls(int(version), "raw" in words, frozenset(filter(None, held.split(","))))

    def __str__(self) -> str:
        held = f"held:{','.join(sorted(self.holds))}" if self.holds else ""
        return " ".join(filter(None, (str(self.version), "raw" if self.is_retired else "", held)))

    def holding(self, holds: Iterable[str]) -> "MadeBy":
        """The same with these holds."""
        return MadeBy(self.version, self.is_retired, frozenset(holds))
