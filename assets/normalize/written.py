"""What a run wrote to the canonical tables, looked at once more for the checks that people see.

Reads the change feed, so the cost follows the change, not the total.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from assets.normalize.outcome import CANONICAL_SCHEMA, NormalizedStream
from orchestration.resources.lake_session import LakeSession
from orchestration.resources.sql_text import literal


@dataclass(frozen=True, slots=True)
class Written:
    """Rows one stream's run left in the lake, the keys among them, and how many rows it says it wrote."""

    stream: str
    rows: int
    keys: int
    told: int


def count_written(session: LakeSession, connection_id: UUID, outcome: NormalizedStream) -> Written:
    """Count what the run that gave `outcome` committed. To be asked before the connection's next stream runs."""
    if not outcome.changed or not outcome.table:
        return Written(outcome.stream, 0, 0, 0)
    feed = session.insertions(CANONICAL_SCHEMA, outcome.table, outcome.last_snapshot, session.snapshot())
    rows, keys = session.rows(
        f"SELECT count(*), count(DISTINCT _key) FROM ({feed}) WHERE _connection_id = {literal(str(connection_id))}"
    )[0]
    return Written(outcome.stream, rows, keys, outcome.upserted + outcome.deleted)


def unbalanced(streams: Mapping[str, Mapping[str, object]], written: list[Written]) -> dict[str, str]:
    """Stream -> what does not add up: records read and not accounted for, or counted and not there."""
    wrong = {}
    for stream, counts in streams.items():
        read, *parts = (int(str(counts.get(name, 0))) for name in ("read", "loaded", "rejected", "unchanged"))
        if read != sum(parts):
            wrong[stream] = f"{read} read, but {parts[0]} loaded, {parts[1]} rejected and {parts[2]} unchanged"
    for item in written:
        if item.rows != item.told:
            wrong[item.stream] = f"{item.told} rows counted as written, {item.rows} in the lake"
    return wrong
