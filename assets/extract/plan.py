"""What one sync asks of the source: which streams, in which mode, with which columns, and from where on.

Pure: compares what is wanted now with what the last sync asked. Reading and landing are elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assets.extract.selection import StreamSettings, is_hashed, select, settings_for, unknown_names
from assets.extract.state import StreamState
from connectors.protocol import Cursor, Note, Stream
from orchestration.control_plane.safe_mode import SAFE_RECORDS

SERVICE_MODES = frozenset({"incremental", "full", "full_with_deletes"})


@dataclass(frozen=True, slots=True)
class PlannedStream:
    """One stream as it is to be read. `asked` is what the next sync's plan compares with.

    `is_first_look`: a sample of a stream of which nothing was read before. `is_vanished`: the source has it no longer.
    """

    stream: Stream
    settings: StreamSettings
    state: StreamState
    cursor: Cursor | None
    limit: int | None
    asked: dict[str, Any]
    is_first_look: bool = False
    is_vanished: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The streams to read, and the vanished ones of services, where there is nothing left to read."""

    streams: tuple[PlannedStream, ...]
    absent: tuple[PlannedStream, ...]


def plan_sync(
    discovered: Sequence[Stream],
    states: Mapping[str, StreamState],
    chosen: Mapping[str, Any],
    tell: Callable[[Note], None],
    *,
    is_sample: bool = False,
    declares_types: bool = False,
) -> Plan:
    """The plan of one sync. What people should know about it is told as it is found.

    Raises:
        ConfigInvalid: the settings of a stream do not fit it.
    """
    found = {stream.name: stream for stream in discovered}
    gone = [state for name, state in states.items() if name not in found and state.present]
    streams, absent = [], []
    for stream in (*found.values(), *(state.as_stream() for state in gone)):
        is_vanished = stream.name not in found
        settings = settings_for(chosen, stream.name)
        if not settings.enabled:
            if not is_vanished:
                tell(Note("stream_skipped", "Switched off in the connection's settings.", stream.name))
            continue
        state = states.get(stream.name, StreamState(stream.name))
        if is_vanished:
            planned = PlannedStream(stream, settings, state, state.cursor, None, state.asked, is_vanished=True)
            if stream.mode in SERVICE_MODES:
                absent.append(planned)
            elif not is_sample:  # a sample deletes nothing
                streams.append(planned)
            continue
        planned = _plan_stream(stream, settings, state, tell, is_sample, declares_types)
        (streams if planned.stream.fields or stream.mode not in SERVICE_MODES else absent).append(planned)
    return Plan(tuple(streams), tuple(absent))


def _plan_stream(
    stream: Stream,
    settings: StreamSettings,
    state: StreamState,
    tell: Callable[[Note], None],
    is_sample: bool,
    declares_types: bool,
) -> PlannedStream:
    wanted = select(stream, settings)
    unknown = unknown_names(stream, settings)
    if unknown:
        named = ", ".join(map(repr, unknown))
        tell(Note("unknown_columns", f"The settings name columns the stream lacks: {named}.", stream.name, "warning"))
    asked = _asked(stream, wanted, settings, declares_types)
    cursor = state.cursor
    if cursor is not None and state.version:
        reason = why_anew(_asked_before(state), asked)
        if reason:
            tell(Note("reading_anew", f"Everything is read again: {reason}.", stream.name))
            cursor = None
    first_look = is_sample and state.cursor is None and (not state.version or bool(state.sampled_until))
    limit = SAFE_RECORDS if is_sample else None
    return PlannedStream(wanted, settings, state, cursor, limit, asked, first_look)


def why_anew(before: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """Why a stream has to be read from the start although it has a cursor; None when it need not.

    A column that comes late holds nothing for the records read before it, and one that is hashed or left out from now
    on still holds their values.
    """
    is_service = now["mode"] in SERVICE_MODES
    if is_service and before["mode"] != now["mode"]:
        return f"it is read in mode {now['mode']!r} from now on"
    if now["mode"] == "incremental" and before.get("cursor_field", now["cursor_field"]) != now["cursor_field"]:
        return "its cursor field is another"
    if set(before["hashed"]) != set(now["hashed"]):
        return "which columns are hashed has changed"
    if set(now["left_out"]) - set(before["left_out"]) & set(before["columns"]):
        return "columns are left out from now on"
    added = set(now["columns"]) - set(before["columns"])
    if added & set(before["left_out"]):
        return "columns were left out before"
    if added and now["mode"] == "incremental" and now["declares_types"]:
        return "the source has new columns"
    return None


def _asked(stream: Stream, wanted: Stream, settings: StreamSettings, declares_types: bool) -> dict[str, Any]:
    columns = [field.name for field in wanted.fields]
    taken = set(columns)
    return {
        "mode": wanted.mode,
        "cursor_field": wanted.cursor_field,
        "columns": columns,
        "left_out": [field.name for field in stream.fields if field.name not in taken],
        "hashed": [name for name in columns if is_hashed(name, settings)],
        "declares_types": declares_types,
    }


def _asked_before(state: StreamState) -> dict[str, Any]:
    """What was asked last; of a state from before this was kept, what its fields tell."""
    fields = [str(field["name"]) for field in state.fields]
    return {"mode": state.mode, "columns": fields, "left_out": [], "hashed": []} | state.asked
