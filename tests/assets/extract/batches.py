"""Batches made from Python rows, and what a raw table holds after them."""

from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

from assets.extract.accounting import StreamCounts
from assets.extract.landing import Landing
from assets.extract.raw_tables import RAW_SCHEMA, raw_table
from assets.extract.state import StreamState, load_states
from connectors.errors import ConnectorError, RecordInvalid
from connectors.protocol import Batch, Field, Removed, Stream, Unchanged
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import constant, identifier

STREAM = "people"
Row = Sequence[str | None]


def classify(error: Exception, stream: str) -> ConnectorError:
    return RecordInvalid("the file cannot be read", stream=stream, detail=str(error))


def stream_of(fields: Sequence[str] = ("id", "name"), key: Sequence[str] = ("id",), deletes: bool = False) -> Stream:
    return Stream(STREAM, tuple(Field(name, "text") for name in fields), tuple(key), detects_deletes=deletes)


def scan_of(fields: Sequence[str], rows: Sequence[Row]) -> str:
    """SQL of exactly these rows, in this order."""
    names = ", ".join(map(identifier, fields))
    if not rows:
        nothing = ", ".join(f"NULL::VARCHAR AS {identifier(name)}" for name in fields)
        return f"SELECT {nothing} WHERE false"
    values = ", ".join(f"({', '.join(f'{constant(value)}::VARCHAR' for value in row)})" for row in rows)
    return f"SELECT * FROM (VALUES {values}) AS file({names})"


def batch_of(
    rows: Sequence[Row],
    *,
    fields: Sequence[str] = ("id", "name"),
    key: Sequence[str] = ("id",),
    origin: str = "a.csv",
    cursor: dict[str, object] | None = None,
    deletes: bool = False,
    unreadable: Sequence[tuple[int, str, str]] = (),
    verify: Callable[[], None] | None = None,
    scan: str | None = None,
) -> Batch:
    lines = ", ".join(f"({line}::BIGINT, {constant(raw)}, {constant(reason)})" for line, raw, reason in unreadable)
    return Batch(
        stream_of(fields, key, deletes),
        origin,
        {"read": origin} if cursor is None else cursor,
        scan or scan_of(fields, rows),
        rejects=f"SELECT * FROM (VALUES {lines}) AS bad(line, raw, reason)" if unreadable else None,
        complete=deletes,
        verify=verify,
    )


def unchanged(origin: str = "a.csv", cursor: dict[str, object] | None = None) -> Unchanged:
    return Unchanged(stream_of(), origin, {"read": origin} if cursor is None else cursor)


def removed(origin: str = "a.csv", deletes: bool = True) -> Removed:
    return Removed(stream_of(deletes=deletes), origin, {"read": f"{origin} is gone"})


def landing_on(session: LakeSession, connection_id: UUID | None = None) -> Landing:
    """Where the stream stands in the lake now."""
    connection_id = connection_id or uuid4()
    state = load_states(session, connection_id).get(STREAM, StreamState(STREAM))
    return Landing(session, connection_id, state, classify)


def table_of(landing: Landing) -> str:
    return name_of(RAW_SCHEMA, raw_table(landing.connection_id, STREAM))


def rows_of(landing: Landing, columns: str = "id, name", where: str = "NOT __deleted") -> list[tuple[object, ...]]:
    """Live rows of the raw table, in order."""
    return landing.session.rows(f"SELECT {columns} FROM {table_of(landing)} WHERE {where} ORDER BY ALL")


def tombstones_of(landing: Landing) -> list[str]:
    return [str(record) for (record,) in rows_of(landing, "__record_id", "__deleted")]


def rejects_of(landing: Landing, columns: str = "record_id, errors->>'$[0].reason'") -> list[tuple[object, ...]]:
    return landing.session.rows(
        f"SELECT {columns} FROM lake.canonical.rejected_records "
        f"WHERE connection_id = {constant(str(landing.connection_id))} ORDER BY ALL"
    )


ROWS = [("1", "Ada"), ("2", "Bob"), ("3", None)]


def counts(**expected: int) -> StreamCounts:
    return StreamCounts(**expected)


def land(landing: Landing, *args: object, **options: object) -> StreamCounts:
    landed = landing.land(batch_of(*args, **options))  # type: ignore[arg-type]
    assert landed.is_balanced()
    landed.size_bytes = 0
    return landed
