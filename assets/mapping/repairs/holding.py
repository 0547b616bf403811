"""Which raw rows an open change affects, so that they, and only they, wait for its decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from assets.extract.raw_tables import RAW_SCHEMA, raw_table
from assets.mapping.repairs.contracts import Contract
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import identifier, literal

Match = Literal["filled", "empty", "all"]
# The rows that carry the change are those where the fields it comes with are filled.
_COMES_FILLED = frozenset(
    ("renamed", "split", "merged", "swapped", "retyped", "format", "unit", "enum", "currency", "locale", "added")
)


class Affecting(Protocol):
    """What a hold asks of an event."""

    @property
    def kind(self) -> str: ...
    @property
    def fields_before(self) -> Sequence[str]: ...
    @property
    def fields_after(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Affected:
    """Rows of the change: those whose `fields` match."""

    fields: tuple[str, ...]
    match: Match


def affected_by(event: Affecting, contract: Contract) -> Affected | None:
    """What to hold while the event waits; None when no row has to wait. A frozen stream waits as a whole."""
    if contract == "freeze":
        return Affected((), "all")
    if contract == "evolve":
        return None
    if event.kind in _COMES_FILLED and event.fields_after:
        return Affected(tuple(event.fields_after), "filled")
    if event.kind in ("removed", "null_rate") and event.fields_before:
        return Affected(tuple(event.fields_before), "empty")
    return None


def count_affected(
    session: LakeSession, connection_id: UUID, stream: str, affected: Affected | None, since_version: int
) -> tuple[int, int]:
    """Live raw rows landed since that commit, and those of them that are held."""
    table = raw_table(connection_id, stream)
    columns = session.columns(RAW_SCHEMA, table)
    if not columns:
        return 0, 0
    condition = "false"
    if affected is not None:
        filled = [f"nullif(trim({identifier(name)}), '') IS NOT NULL" for name in affected.fields if name in columns]
        any_filled = " OR ".join(filled) or "false"
        condition = {"all": "true", "filled": any_filled, "empty": f"NOT ({any_filled})"}[affected.match]
    first_batch = literal(f"{since_version:010d}")
    landed, held = session.rows(
        f"SELECT count(*), count(*) FILTER ({condition}) FROM {name_of(RAW_SCHEMA, table)} "
        f"WHERE __batch_id >= {first_batch} AND NOT __deleted"
    )[0]
    return int(landed), int(held)
