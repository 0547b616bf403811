"""`autonomos connect`: tries a source, verifies that it can only be read, and stores it as a connection of a tenant.

The connector decides what a valid configuration is; its credentials are sealed apart from the rest. What comes of an
attempt, also of one that fails, is a row: see 'autonomos intent list' and 'autonomos funnel'.
"""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.errors import FAILED, did_you_mean
from orchestration.commands.intent_options import read_config, read_intent, read_schedule
from orchestration.commands.output import JsonOption, Output, TenantOption, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table

    from connectors.outbound.policy import Outbound
    from orchestration.control_plane.connections import ConnectionRecord
    from orchestration.control_plane.onboarding_intents import Standing
    from orchestration.control_plane.schedule import Schedule
    from orchestration.control_plane.tenant_session import TenantSession
    from orchestration.resources.onboarding import CheckedSource, Outcome


def connect(
    tenant: TenantOption,
    name: Annotated[str | None, typer.Option("--name", help="Name of the new connection.")] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="Kind of source: files, salesforce, supabase or mongodb.")
    ] = None,
    config: Annotated[str | None, typer.Option("--config", help="Its configuration: JSON, or @FILE with JSON.")] = None,
    schedule: Annotated[
        str | None, typer.Option("--schedule", help="'every 15m', or five cron fields; by hand when left out.")
    ] = None,
    intent: Annotated[
        str | None, typer.Option("--intent", help="All of it as one document: JSON, or @FILE; options go before it.")
    ] = None,
    credentials: Annotated[
        str | None, typer.Option("--credentials", help="secret://NAME or secret://NAME#FIELD; see 'secret put'.")
    ] = None,
    scopes: Annotated[
        str | None, typer.Option("--scopes", help="read-only (verified at the source) or accept-write.")
    ] = None,
    risk: Annotated[
        str | None, typer.Option("--risk", help="low, medium or high; above low a person lifts Safe Mode.")
    ] = None,
    namespace: Annotated[
        str | None, typer.Option("--namespace", help="Lets one source be connected once more on purpose.")
    ] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Who answers for the connection.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Connect a source: check it, verify that it is read-only, show the streams found, store it."""
    from orchestration.commands.access import OPERATOR, open_access
    from orchestration.resources.onboarding import Onboarding

    output = Output(as_json)
    options = {
        "name": name, "kind": kind, "config": None if config is None else read_config(config), "risk_level": risk,
        "credential_locator": credentials, "scopes_mode": scopes, "namespace": namespace, "owner": owner,
    }  # fmt: skip
    wanted = read_intent(intent, options)
    when = read_schedule(schedule)
    with open_access(output, "connect") as access:
        whose = access.tenant(tenant)
        onboarding = Onboarding(access.control_plane, access.settings.outbound)
        outcome = onboarding.connect(whose.id, wanted, OPERATOR, when)
    report(output, outcome, whose.name)


def report(output: Output, outcome: "Outcome", tenant: str) -> None:
    """Print what came of an attempt; a refusal ends the command."""
    if outcome.refusal is not None or outcome.connection is None or outcome.source is None:
        raise _refused(output, outcome)
    output.result(describe(outcome, outcome.source), *_shown(outcome, outcome.source, tenant))


def describe(outcome: "Outcome", source: "CheckedSource") -> dict[str, Any]:
    """A connection as `connect` prints it."""
    connection = outcome.connection
    streams = [
        {
            "name": stream.name,
            "fields": [field.name for field in stream.fields],
            "primary_key": list(stream.primary_key),
            "key_origin": stream.key_origin,
            "mode": stream.mode,
            "modes": list(stream.modes),
        }
        for stream in source.streams
    ]
    return {
        "id": connection and connection.id,
        "name": connection and connection.name,
        "kind": source.kind,
        "schedule": str(connection.schedule) if connection and connection.schedule else None,
        "is_new": outcome.is_new,
        "changed": list(outcome.changed),
        "intent_id": outcome.intent.id,
        "safe_mode": connection and connection.safe_mode,
        "risk_level": outcome.intent.risk_level,
        "scopes_mode": outcome.intent.scopes_mode,
        "grants": outcome.intent.grants,
        "streams": streams,
    }


def _shown(outcome: "Outcome", source: "CheckedSource", tenant: str) -> "list[Table | str]":
    cells = [
        (stream.name, len(stream.fields), ", ".join(stream.primary_key), stream.key_origin, stream.mode)
        for stream in source.streams
    ]
    connection = outcome.connection
    name = connection.name if connection else outcome.intent.name
    title = f"Connected {name!r}" if outcome.is_new else f"{name!r} was connected already"
    shown: list[Table | str] = [table(title, ("stream", "fields", "primary key", "key", "mode"), cells)]
    if not outcome.is_new:
        shown.append(f"The same source: {', '.join(outcome.changed) or 'nothing'} changed.")
    shown.append(f"May write: {len(source.grants.writes) or 'nothing'} ({source.grants.evidence}).")
    if connection and connection.safe_mode:
        shown.append("It is in Safe Mode: its first sync reads at most 20 records of each stream.")
    shown.append(f"Next: autonomos sync --tenant {tenant!r} --connection {name!r}")
    return shown


def _refused(output: Output, outcome: "Outcome") -> typer.Exit:
    """Say why it did not connect; the exception that ends the command."""
    sentence = sentence_of(outcome.refusal, outcome.intent.kind) if outcome.refusal else "It did not connect."
    if outcome.connection is not None:
        sentence += f" The connection {outcome.connection.name!r} stays as it was."
    code = outcome.refusal.code if outcome.refusal else "error"
    status = outcome.refusal.status if outcome.refusal else "error"
    if output.as_json:
        intent = {"id": outcome.intent.id, "status": status, "attempts": outcome.intent.attempts}
        output.result({"error": {"code": code, "message": sentence}, "intent": intent})
    sys.stderr.write(f"autonomos: {sentence}\n")
    return typer.Exit(FAILED)


def check_source(kind: str, config: "Mapping[str, Any]", outbound: "Outbound | None" = None) -> "CheckedSource":
    """Try the source as configured. Raises ConnectorError."""
    from orchestration.resources import onboarding

    return onboarding.check_source(kind, config, outbound=outbound)


def store_connection(
    session: "TenantSession", name: str, source: "CheckedSource", schedule: "Schedule | None"
) -> "ConnectionRecord":
    """Store a source that was checked, with an intent of low risk by the operator. Raises NameTaken."""
    from orchestration.commands.access import OPERATOR
    from orchestration.control_plane.intent import Intent
    from orchestration.resources.connecting import refuse_taken_name, store_source

    intent = Intent(name=name, kind=source.kind, config={**source.config, **source.secrets})
    refuse_taken_name(session, intent)
    grants = {"writes": list(source.grants.writes), "evidence": source.grants.evidence}
    stored = store_source(session, intent, source.config, source.secrets, grants, OPERATOR, schedule)
    return stored.connection


def sentence_of(refusal: "Standing", kind: str) -> str:
    """Why, and what to do; for a kind that does not exist the nearest one that does."""
    from connectors.registry import KINDS

    near = did_you_mean(kind, KINDS) if refusal.status == "unsupported" else ""
    meant = near if near.startswith("Did") else ""
    return " ".join(filter(None, (refusal.reason, meant, refusal.hint)))
