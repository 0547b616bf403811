"""Which records a full read has met so far, kept in the lake so that a read that was cut short goes on.

One small table a connection. A key may stand in it twice, as a page read again brings it again.
"""

from uuid import UUID

from assets.extract.state import STATE_SCHEMA
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import literal

_COLUMNS = {"stream": "VARCHAR", "sweep": "VARCHAR", "__key": "UBIGINT"}


def seen_table(connection_id: UUID) -> str:
    """Table that holds the keys met by the full reads of one connection's streams."""
    return f"seen_{connection_id.hex[:12]}"


def note_seen(session: LakeSession, connection_id: UUID, stream: str, sweep: str, keys: str) -> None:
    """Remember keys (SQL of one column, `__key`) as met by a full read."""
    table = seen_table(connection_id)
    session.ensure_table(STATE_SCHEMA, table, _COLUMNS)
    session.execute(
        f"INSERT INTO {name_of(STATE_SCHEMA, table)} SELECT {literal(stream)}, {literal(sweep)}, __key FROM ({keys})"
    )


def seen_keys(session: LakeSession, connection_id: UUID, stream: str, sweep: str) -> str:
    """SQL of the keys that a full read has met."""
    table = seen_table(connection_id)
    if not session.columns(STATE_SCHEMA, table):
        return "SELECT NULL::UBIGINT AS __key WHERE false"
    return (
        f"SELECT __key FROM {name_of(STATE_SCHEMA, table)} "
        f"WHERE stream = {literal(stream)} AND sweep = {literal(sweep)}"
    )


def forget_seen(session: LakeSession, connection_id: UUID, stream: str) -> None:
    """Forget what the full reads of a stream have met."""
    table = seen_table(connection_id)
    if session.columns(STATE_SCHEMA, table):
        session.execute(f"DELETE FROM {name_of(STATE_SCHEMA, table)} WHERE stream = {literal(stream)}")
