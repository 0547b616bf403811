"""Where each stream of a connection stands, kept in the lake so that it commits together with the rows.

One small table a connection: syncs of different connections never meet in it, and two syncs of the same connection
conflict in it, which is what keeps a paused worker from writing over its successor.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from connectors.protocol import Cursor, Field, Stream
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import constant, literal

STATE_SCHEMA = "state"
_COLUMNS = {
    "stream": "VARCHAR",
    "version": "BIGINT",
    "cursor": "VARCHAR",
    "origins": "VARCHAR",
    "fields": "VARCHAR",
    "primary_key": "VARCHAR",
    "batch_id": "VARCHAR",
    "mode": "VARCHAR",
    "present": "BOOLEAN",
    "detects_deletes": "BOOLEAN",
}


class SyncSuperseded(Exception):
    """Another sync of this connection committed meanwhile; this one must stop without writing."""


@dataclass(slots=True)
class StreamState:
    """State of one stream: `version` counts commits, `origins` maps each origin to the rows it held when last read."""

    stream: str
    version: int = 0
    cursor: Cursor | None = None
    origins: dict[str, int] = field(default_factory=dict)
    fields: list[dict[str, Any]] = field(default_factory=list)
    primary_key: list[str] = field(default_factory=list)
    batch_id: str | None = None
    mode: str = "snapshot"
    present: bool = True  # whether the source still had the stream when it was last looked at
    detects_deletes: bool = False

    def as_stream(self) -> Stream:
        """The stream as it was last read."""
        return Stream(
            self.stream,
            tuple(Field(**field) for field in self.fields),
            primary_key=tuple(self.primary_key),
            mode=self.mode,  # type: ignore[arg-type]  # stored from the same Literal
            detects_deletes=self.detects_deletes,
        )


def state_table(connection_id: UUID) -> str:
    """Table that holds the states of one connection's streams."""
    return f"streams_{connection_id.hex[:12]}"


def load_states(session: LakeSession, connection_id: UUID) -> dict[str, StreamState]:
    """Stream name -> state; empty before the first sync."""
    table = state_table(connection_id)
    if not session.columns(STATE_SCHEMA, table):
        return {}
    found = session.rows(f"SELECT {', '.join(_COLUMNS)} FROM {name_of(STATE_SCHEMA, table)}")
    return {
        stream: StreamState(
            stream=stream,
            version=version,
            cursor=json.loads(cursor) if cursor else None,
            origins=json.loads(origins),
            fields=json.loads(fields),
            primary_key=json.loads(key),
            batch_id=batch_id,
            mode=mode,
            present=present,
            detects_deletes=detects_deletes,
        )
        for stream, version, cursor, origins, fields, key, batch_id, mode, present, detects_deletes in found
    }


def save_state(session: LakeSession, connection_id: UUID, expected_version: int, state: StreamState) -> None:
    """Replace a stream's state inside the caller's transaction.

    Raises:
        SyncSuperseded: the state is no longer the one this sync started from.
    """
    table = state_table(connection_id)
    session.ensure_table(STATE_SCHEMA, table, _COLUMNS)
    name = name_of(STATE_SCHEMA, table)
    named = f"stream = {literal(state.stream)}"
    found = session.value(f"SELECT version FROM {name} WHERE {named}") or 0
    if found != expected_version:
        raise SyncSuperseded(f"stream {state.stream!r} is at commit {found}, this sync started from {expected_version}")
    session.execute(f"DELETE FROM {name} WHERE {named}")
    values = (
        state.stream,
        state.version,
        json.dumps(state.cursor),
        json.dumps(state.origins),
        json.dumps(state.fields),
        json.dumps(state.primary_key),
        state.batch_id,
        state.mode,
        state.present,
        state.detects_deletes,
    )
    session.execute(f"INSERT INTO {name} VALUES ({', '.join(map(constant, values))})")
