"""The shapes of the streams that a sync committed something of, from a bounded sample of what it landed.

Nothing here knows a baseline; comparing is `comparing`'s, and storing is `recording`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assets.extract.plan import SERVICE_MODES
from assets.extract.raw_tables import RAW_SCHEMA, raw_table
from assets.extract.state import StreamState, load_states
from assets.fingerprint.comparing import Window
from assets.fingerprint.fingerprint import ObservedStream, observe
from assets.fingerprint.profile import profile_sql, read_look
from connectors.protocol import Stream
from orchestration.partitions import ConnectionKey
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import literal


@dataclass(frozen=True, slots=True)
class Seen:
    """A stream that this sync committed something of."""

    stream: ObservedStream
    is_gone: bool
    window: Window


def observe_streams(session: LakeSession, key: ConnectionKey, counted: Mapping[str, Mapping[str, Any]]) -> list[Seen]:
    """The streams that this sync committed something of."""
    moved = []
    for state in load_states(session, key.connection_id).values():
        counts = counted.get(state.stream, {})
        since = counts.get("observe_from")
        if since is not None and state.version >= int(since):
            observed = observe_stream(session, key, state, int(since), _rows(state, counts))
            before = counts.get("snapshot_before")
            table = raw_table(key.connection_id, state.stream)
            window = Window(session, table, int(since), None if before is None else int(before))
            moved.append(Seen(observed, not state.present, window))
    return moved


def _rows(state: StreamState, counts: Mapping[str, Any]) -> int | None:
    """How many records the source held, where the sync read all of it."""
    is_whole = state.mode in ("snapshot", "full", "full_with_deletes") and not counts.get("error")
    return int(counts["read"]) if is_whole and counts.get("read") is not None else None


def observe_stream(
    session: LakeSession, key: ConnectionKey, state: StreamState, since: int, rows: int | None = None
) -> ObservedStream:
    """The shape of one stream, from its declared fields and a sample of what was committed since that version."""
    stream = state.as_stream()
    table = raw_table(key.connection_id, state.stream)
    present = session.columns(RAW_SCHEMA, table)
    columns = [field.name for field in stream.fields if field.name in present]
    if not columns:
        return observe(stream, {})
    first_batch = literal(f"{since:010d}")
    landed = f"(SELECT * FROM {name_of(RAW_SCHEMA, table)} WHERE __batch_id >= {first_batch} AND NOT __deleted)"
    looks = read_look(columns, session.rows(profile_sql(landed, columns)))
    declares_types = stream.mode in SERVICE_MODES and bool(state.asked.get("declares_types"))
    return observe(
        stream,
        {name: profile for name, (profile, _) in looks.items()},
        partial=_is_partial(stream, declares_types),
        declares_types=declares_types,
        sketches={name: sketch for name, (_, sketch) in looks.items()},
        rows=rows,
    )


def _is_partial(stream: Stream, declares_types: bool) -> bool:
    """Whether the window may have missed fields: one of a source without columns names only what its records carry."""
    if stream.mode in SERVICE_MODES:
        return stream.mode == "incremental" and not declares_types
    return stream.mode != "snapshot" and any(field.type not in ("text", "unknown") for field in stream.fields)
