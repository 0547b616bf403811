"""`autonomos intent list|retry|drop`: sources somebody wanted connected, and those that did not connect yet."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.output import JsonOption, Output, TenantOption, table

if TYPE_CHECKING:
    from orchestration.control_plane.onboarding_intents import IntentRecord

IntentId = Annotated[str, typer.Argument(help="Id of the intent, from 'intent list'.")]


def list_intents(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """List intents with where each stands and what to do."""
    from orchestration.commands.access import open_access

    output = Output(as_json)
    with open_access(output, "intent list") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            found = [describe(record) for record in session.intents.list()]
    columns = ("id", "name", "kind", "status", "attempts", "reason", "hint")
    cells = [[intent[column] for column in columns] for intent in found]
    output.result({"intents": found}, table("Intents", columns, cells) if found else "Nobody asked for a source yet.")


def retry(tenant: TenantOption, intent_id: IntentId, as_json: JsonOption = False) -> None:
    """Try again to connect an intent whose credentials, if it needs any, are a secret of the tenant."""
    from orchestration.commands.access import OPERATOR, open_access, parse_id
    from orchestration.commands.connect import report
    from orchestration.resources.onboarding import Onboarding

    output = Output(as_json)
    with open_access(output, "intent retry") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            record = session.intents.get(parse_id(intent_id, "intent"))
        onboarding = Onboarding(access.control_plane, access.settings.outbound)
        outcome = onboarding.connect(owner.id, record.again(), OPERATOR)
    report(output, outcome, owner.name)


def drop(tenant: TenantOption, intent_id: IntentId, as_json: JsonOption = False) -> None:
    """Forget an intent that did not connect and that nobody wants any more."""
    from orchestration.commands.access import OPERATOR, open_access, parse_id

    output = Output(as_json)
    with open_access(output, "intent drop") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            gone = session.intents.drop(parse_id(intent_id, "intent"))
            session.audit.record("onboarding.dropped", f"intent:{gone.id}", gone.told, OPERATOR)
    output.result(describe(gone), f"The intent {gone.name!r} is forgotten.")


def describe(intent: "IntentRecord") -> dict[str, Any]:
    """An intent as it is shown and printed."""
    names = (
        "id", "name", "kind", "status", "code", "reason", "hint", "attempts", "connection_id", "resource_ids",
        "credential_locator", "scopes_mode", "namespace", "risk_level", "owner", "evidence", "grants", "created_at",
        "updated_at",
    )  # fmt: skip
    return {name: getattr(intent, name) for name in names}
