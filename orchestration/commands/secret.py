"""`autonomos secret put|list|delete`: a tenant's own credentials, which connections take by `secret://NAME`.

A value comes from stdin or a file and never from the command line itself: arguments are seen by every user of the
machine in the list of processes, and kept in the shell's history. No command shows one.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestration.commands.errors import CommandFailed
from orchestration.commands.output import JsonOption, Output, TenantOption, table

SecretName = Annotated[str, typer.Argument(help="Name of the secret.")]


def put(
    tenant: TenantOption,
    name: SecretName,
    value: Annotated[
        str, typer.Option("--value", help="- reads it from stdin (asked for on a terminal), @FILE from a file.")
    ] = "-",
    as_json: JsonOption = False,
) -> None:
    """Store a secret: a JSON object of configuration fields, or a text. Replaces one of the same name."""
    from orchestration.commands.access import OPERATOR, open_access
    from orchestration.control_plane.locators import SCHEME, check_name

    output = Output(as_json)
    check_name(name)
    read = read_value(value)
    with open_access(output, "secret put") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            record = session.secrets.put(name, read)
            fields = sorted(read) if isinstance(read, dict) else None
            data = {"version": record.version, "fields": fields}
            session.audit.record("secret.put", f"secret:{name}", data, OPERATOR)
    how = f"{SCHEME}{name}" if fields is not None else f"{SCHEME}{name}#FIELD"
    output.result(
        {"name": name, "version": record.version, "fields": fields},
        f"Stored {name!r}, version {record.version}. Use it with: autonomos connect ... --credentials {how}",
    )


def list_secrets(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """List the names of a tenant's secrets, and which connections use them; never a value."""
    from orchestration.commands.access import open_access
    from orchestration.control_plane.locators import Locator

    output = Output(as_json)
    with open_access(output, "secret list") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            users: dict[str, list[str]] = {}
            for connection in session.connections.list():
                if connection.credential_locator:
                    users.setdefault(Locator.parse(connection.credential_locator).name, []).append(connection.name)
            found = [
                {
                    "name": record.name,
                    "version": record.version,
                    "updated_at": record.updated_at,
                    "used_by": users.get(record.name, []),
                }
                for record in session.secrets.list()
            ]
    cells = [(s["name"], s["version"], s["updated_at"], ", ".join(s["used_by"])) for s in found]  # type: ignore[arg-type]
    shown = table("Secrets", ("name", "version", "updated", "used by"), cells) if found else "There is no secret."
    output.result({"secrets": found}, shown)


def delete(tenant: TenantOption, name: SecretName, as_json: JsonOption = False) -> None:
    """Destroy a secret; refused while a connection takes its credentials from it."""
    from orchestration.commands.access import OPERATOR, open_access

    output = Output(as_json)
    with open_access(output, "secret delete") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            session.secrets.delete(name)
            session.audit.record("secret.deleted", f"secret:{name}", {}, OPERATOR)
    output.result({"name": name, "deleted": True}, f"The secret {name!r} is destroyed.")


def read_value(source: str) -> Any:
    """The value from stdin or a file: an object when it is JSON of one, else its text without the last line break.

    Raises:
        CommandFailed: it was put on the command line, or cannot be read.
    """
    if source == "-":
        text = typer.prompt("Value", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    elif source.startswith("@"):
        try:
            text = Path(source[1:]).expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise CommandFailed(f"{source[1:]} cannot be read: {reason}.", code="secret_unreadable") from None
    else:
        raise CommandFailed(
            "A secret is not taken from the command line, where the list of processes and the history show it.",
            code="secret_on_command_line",
            hint="Give '--value -' and write it to stdin, or '--value @FILE'.",
        )
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return text.removesuffix("\n").removesuffix("\r")
    return value if isinstance(value, dict) else text.removesuffix("\n").removesuffix("\r")
