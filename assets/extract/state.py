"""Where each stream of a connection stands, kept in the lake so that it commits together with the rows.

One small table a connection: syncs of different connections never meet in it, and two syncs of the same connection
conflict in it, which is what keeps a paused worker from writing over its successor.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

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
    "asked": "VARCHAR",
    "sweep": "VARCHAR",
    "sweep_from": "BIGINT",
    "sampled_until": "BIGINT",
}


class SyncSuperseded(Exception):
    """Another sync of this connection committed meanwhile; this one must stop without writing."""


@dataclass(slots=True)
class StreamState:
    """State of one stream: `version` counts commits, `origins` maps each origin to the rows it held when last read.

    `asked` is what `plan` last asked of the source. `sweep` names the full read under way and `sweep_from` its first
    commit. `sampled_until` is the last commit of a sample that no full read has followed yet.
    """

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
    asked: dict[str, Any] = field(default_factory=dict)
    sweep: str | None = None
    sweep_from: int = 0
    sampled_until: int = 0

    def as_stream(self) -> Stream:
        """The stream as it was last read."""
        return Stream(
            self.stream,
            tuple(map(_field, self.fields)),
            primary_key=tuple(self.primary_key),
            mode=self.mode,  # type: ignore[arg-type]  # stored from the same Literal
            detects_deletes=self.detects_deletes,
        )


def state_table(connection_id: UUID) -> str:
    """Table that holds the states of one connection's streams."""
    return f"streams_{connection_id.hex[:12]}"


def new_batch_id(version: int) -> str:
    """Name of the batch that makes this commit: it grows from commit to commit, and no two attempts share one."""
    return f"{version:010d}-{uuid4().hex[:8]}"


def load_states(session: LakeSession, connection_id: UUID) -> dict[str, StreamState]:
    """Stream name -> state; empty before the first sync."""
    table = state_table(connection_id)
    present = session.columns(STATE_SCHEMA, table)
    if not present:
        return {}
    # A table of an earlier release lacks the newer columns until its next save.
    picked = [name if name in present else f"NULL AS {name}" for name in _COLUMNS]
    found = session.rows(f"SELECT {', '.join(picked)} FROM {name_of(STATE_SCHEMA, table)}")
    return {row[0]: _state(dict(zip(_COLUMNS, row, strict=True))) for row in found}


def _state(row: dict[str, Any]) -> StreamState:
    texts = ("origins", "fields", "primary_key")
    return StreamState(
        **row
        | {name: json.loads(row[name]) for name in texts}
        | {
            "cursor": json.loads(row["cursor"]) if row["cursor"] else None,
            "asked": json.loads(row["asked"] or "{}"),
            "sweep_from": row["sweep_from"] or 0,
            "sampled_until": row["sampled_until"] or 0,
        }
    )


def _field(stored: dict[str, Any]) -> Field:
    """A field as JSON gives it back, where tuples have become lists."""
    return Field(**stored | {"mix": tuple((kind, share) for kind, share in stored.get("mix", ()))})


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
        json.dumps(state.asked),
        state.sweep,
        state.sweep_from,
        state.sampled_until,
    )
    session.execute(f"INSERT INTO {name} ({', '.join(_COLUMNS)}) VALUES ({', '.join(map(constant, values))})")
