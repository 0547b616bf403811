"""`autonomos streams list|set`: which streams of a source are read, how, and which columns are left out or hashed.

Choices are stored with the connection and take effect with its next sync.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.connections import OneConnection
from orchestration.commands.errors import CommandFailed, did_you_mean
from orchestration.commands.output import JsonOption, Output, TenantOption, table

if TYPE_CHECKING:
    from assets.extract.selection import StreamSettings
    from connectors.protocol import Stream

_NAMES = "Names with commas between; an empty text takes the choice back."


def list_streams(tenant: TenantOption, connection: OneConnection, as_json: JsonOption = False) -> None:
    """Ask a source for its streams, and show them with what was chosen for each."""
    from assets.extract.selection import settings_for
    from orchestration.commands.access import find_connection, open_access
    from orchestration.resources.onboarding import Onboarding

    output = Output(as_json)
    with open_access(output, "streams list") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            record = find_connection(session, connection)
        found = Onboarding(access.control_plane, access.settings.outbound).discover(owner.id, record.id)
    streams = [describe(stream, settings_for(record.streams, stream.name)) for stream in found]
    absent = sorted(set(record.streams) - {stream.name for stream in found})
    columns = ("name", "enabled", "mode", "modes", "primary_key", "cursor_field", "fields", "chosen")
    cells = [[_cell(stream[column]) for column in columns] for stream in streams]
    shown = [f"Chosen for streams the source does not have now: {', '.join(absent)}."] if absent else []
    document = {"connection": record.name, "streams": streams, "absent": absent}
    output.result(document, table(f"Streams of {record.name!r}", columns, cells), *shown)


def set_stream(
    tenant: TenantOption,
    connection: OneConnection,
    stream: Annotated[str, typer.Option("--stream", help="Name of the stream.")],
    mode: Annotated[str | None, typer.Option("--mode", help="How it is read; one of those in 'streams list'.")] = None,
    enable: Annotated[bool | None, typer.Option("--enable/--disable", help="Whether it is read at all.")] = None,
    columns: Annotated[str | None, typer.Option("--columns", help=f"Take only these. {_NAMES}")] = None,
    drop: Annotated[str | None, typer.Option("--drop", help=f"Leave these out. {_NAMES}")] = None,
    hashed: Annotated[str | None, typer.Option("--hash", help=f"Keep a keyed digest instead. {_NAMES}")] = None,
    cursor_field: Annotated[
        str | None, typer.Option("--cursor-field", help="Field that grows with every change; '' for the source's own.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Choose how a stream is read. What is not given stays as it is."""
    from assets.extract.choosing import with_choice
    from orchestration.commands.access import OPERATOR, find_connection, open_access
    from orchestration.resources.onboarding import Onboarding

    output = Output(as_json)
    given: dict[str, Any] = {
        "mode": mode or None, "enabled": enable, "columns": _names(columns) or None, "drop": _names(drop),
        "hash": _names(hashed), "cursor_field": cursor_field or None,
    }  # fmt: skip
    asked = {"mode": mode, "enabled": enable, "columns": columns, "drop": drop, "hash": hashed}
    asked["cursor_field"] = cursor_field
    changes = {name: given[name] for name, value in asked.items() if value is not None}
    if not changes:
        raise CommandFailed("Nothing to set was given.", code="usage", hint="See 'autonomos streams set --help'.")
    with open_access(output, "streams set") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            record = find_connection(session, connection)
        found = Onboarding(access.control_plane, access.settings.outbound).discover(owner.id, record.id)
        with access.control_plane.tenant_session(owner.id) as session:
            stored = session.connections.get(record.id).streams
            settings = _chosen(found, stream, {**(stored.get(stream) or {}), **changes})
            session.connections.update(record.id, streams=with_choice(stored, stream, settings))
            data = {"stream": stream, "settings": settings.model_dump(mode="json")}
            session.audit.record("connection.stream_set", f"connection:{record.id}", data, OPERATOR)
    document = next(describe(known, settings) for known in found if known.name == stream)
    output.result(document, f"Stream {stream!r}: {_cell(document['chosen']) or 'as the source offers it'}.")


def _chosen(streams: "Sequence[Stream]", name: str, wanted: dict[str, Any]) -> "StreamSettings":
    """The settings, once they are known to fit the stream. Raises CommandFailed, ConfigInvalid."""
    from assets.extract.choosing import ChoiceRefused, choose

    try:
        return choose(streams, name, wanted)
    except ChoiceRefused as refused:
        hint = did_you_mean(refused.asked, refused.meant)
        raise CommandFailed(str(refused), code=refused.code, hint=hint) from None


def describe(stream: "Stream", settings: "StreamSettings") -> dict[str, Any]:
    """A stream as it is shown and printed."""
    return {
        "name": stream.name,
        "label": stream.label,
        "enabled": settings.enabled,
        "mode": settings.mode or stream.mode,
        "modes": list(stream.modes or (stream.mode,)),
        "primary_key": list(stream.primary_key),
        "cursor_field": settings.cursor_field or stream.cursor_field,
        "detects_deletes": stream.detects_deletes,
        "fields": len(stream.fields),
        "chosen": settings.model_dump(mode="json", exclude_defaults=True),
    }


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _cell(value: object) -> object:
    if isinstance(value, dict):
        return "; ".join(f"{name} {_cell(chosen)}" for name, chosen in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else value
