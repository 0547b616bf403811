"""`autonomos connect`: tries a source, pins what was found there and stores it as a connection of a tenant.

The connector decides what a valid configuration is. Its secret fields are sealed apart from the rest.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.errors import CommandFailed, did_you_mean
from orchestration.commands.output import JsonOption, Output, TenantOption, table

if TYPE_CHECKING:
    from pydantic import BaseModel

    from connectors.protocol import Stream
    from orchestration.control_plane.connections import ConnectionRecord
    from orchestration.control_plane.schedule import Schedule
    from orchestration.control_plane.tenant_session import TenantSession


@dataclass(frozen=True, slots=True)
class CheckedSource:
    """A source that answered: its pinned configuration, secrets apart, and the streams it holds."""

    kind: str
    config: dict[str, Any]
    secrets: dict[str, Any]
    streams: "list[Stream]"


def connect(
    tenant: TenantOption,
    name: Annotated[str, typer.Option("--name", help="Name of the new connection.")],
    kind: Annotated[str, typer.Option("--kind", help="Kind of source, such as files.")],
    config: Annotated[str, typer.Option("--config", help="Its configuration: JSON, or @FILE with JSON.")],
    schedule: Annotated[
        str | None, typer.Option("--schedule", help="'every 15m', or five cron fields; by hand when left out.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Connect a source: check it, show the streams found, store it."""
    from orchestration.commands.access import open_access

    output = Output(as_json)
    parsed = read_config(config)
    when = read_schedule(schedule)
    source = check_source(kind, parsed)
    with open_access(output, "connect") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            connection = store_connection(session, name, source, when)
    cells = [
        (stream.name, len(stream.fields), ", ".join(stream.primary_key), stream.key_origin, stream.mode)
        for stream in source.streams
    ]
    streams = [
        {
            "name": stream.name,
            "fields": [field.name for field in stream.fields],
            "primary_key": list(stream.primary_key),
            "key_origin": stream.key_origin,
            "mode": stream.mode,
        }
        for stream in source.streams
    ]
    document = {"id": connection.id, "name": connection.name, "kind": kind, "schedule": str(when) if when else None}
    output.result(
        {**document, "streams": streams},
        table(f"Connected {connection.name!r}", ("stream", "fields", "primary key", "key", "mode"), cells),
        f"Next: autonomos sync --tenant {owner.name!r} --connection {connection.name!r}",
    )


def read_config(text: str) -> dict[str, Any]:
    """The configuration from the command line: JSON, or @FILE with JSON."""
    where = "--config"
    if text.startswith("@"):
        path = Path(text[1:]).expanduser()
        where = str(path)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise CommandFailed(
                f"The configuration file {path} cannot be read: {reason}.", code="config_unreadable"
            ) from None
    try:
        config = json.loads(text)
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        raise CommandFailed(
            f"{where} is not JSON: {error.msg} at {at}.",
            code="config_not_json",
            hint="""Write it like '{"path": "/data/exports"}' or name a file with @FILE.""",
        ) from None
    if not isinstance(config, dict):
        raise CommandFailed(f"{where} must be a JSON object, such as {{...}}.", code="config_not_json")
    return config


def read_schedule(text: str | None) -> "Schedule | None":
    """`every 15m`, `15m`, or cron fields."""
    from orchestration.control_plane.schedule import Schedule

    return None if text is None else Schedule.parse(text.strip().removeprefix("every ").strip())


def check_source(kind: str, config: Mapping[str, Any]) -> CheckedSource:
    """Try the source as configured.

    Raises:
        ConnectorError: it cannot be used; the sentence says what to do.
    """
    from connectors.registry import KINDS, connector_for

    if kind not in KINDS:
        raise CommandFailed(
            f"There is no kind of source called {kind!r}.", code="unknown_kind", hint=did_you_mean(kind, KINDS)
        )
    connector = connector_for(kind, dict(config))
    connector.check()
    pinned = connector.pin()
    plain, secrets = split_secrets(pinned)
    return CheckedSource(kind, plain, secrets, type(connector)(pinned).discover())


def split_secrets(config: "BaseModel") -> tuple[dict[str, Any], dict[str, Any]]:
    """The configuration as JSON without its secret fields, and those fields' values; secrets are fields of the top."""
    from pydantic import SecretStr

    values = {name: getattr(config, name) for name in type(config).model_fields}
    secrets = {name: value.get_secret_value() for name, value in values.items() if isinstance(value, SecretStr)}
    return config.model_dump(mode="json", exclude=set(secrets)), secrets


def store_connection(
    session: "TenantSession", name: str, source: CheckedSource, schedule: "Schedule | None"
) -> "ConnectionRecord":
    """Store the connection and say so in the audit history. Raises NameTaken."""
    from orchestration.commands.access import OPERATOR

    connection = session.connections.create(name, source.kind, source.config, source.secrets or None, schedule)
    data = {"name": name, "kind": source.kind}
    session.audit.record("connection.created", f"connection:{connection.id}", data, OPERATOR)
    return connection
