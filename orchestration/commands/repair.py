"""`autonomos repair settings`: from which probability on repairs are applied, asked for, by how many people decided.

Shows the settings with the notes that wait or failed; sets what is given.
"""

from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.errors import CommandFailed, did_you_mean
from orchestration.commands.members import AsOption
from orchestration.commands.output import JsonOption, Output, TenantOption, table

if TYPE_CHECKING:
    from orchestration.control_plane.tenant_session import TenantSession

_MOST_FAILED_SHOWN = 10


def settings(
    tenant: TenantOption,
    apply_at: Annotated[float | None, typer.Option("--apply-at", help="Applied from this probability on.")] = None,
    ask_at: Annotated[float | None, typer.Option("--ask-at", help="Asked for from this one on; below refused.")] = None,
    two_person: Annotated[
        bool | None, typer.Option("--two-person/--no-two-person", help="Two persons have to approve.")
    ] = None,
    share_priors: Annotated[
        bool | None, typer.Option("--share-priors/--no-share-priors", help="Give and get hashed field names.")
    ] = None,
    watch_syncs: Annotated[int | None, typer.Option("--watch-syncs", help="Syncs a repair is watched for.")] = None,
    approval_days: Annotated[
        int | None, typer.Option("--approval-days", help="Days until a repair that waits is escalated.")
    ] = None,
    slack_secret: Annotated[
        str | None, typer.Option("--slack-secret", help="Secret with the webhook of Slack; '' for none.")
    ] = None,
    llm: Annotated[bool | None, typer.Option("--llm/--no-llm", help="Have a language model re-rank.")] = None,
    llm_model: Annotated[str | None, typer.Option("--llm-model", help="Which model; '' for the default.")] = None,
    llm_budget: Annotated[
        str | None, typer.Option("--llm-budget-usd", help="Most US dollars a month; '' for no limit.")
    ] = None,
    by: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how repairs are decided, and change what is given."""
    from orchestration.commands.access import open_access
    from orchestration.commands.members import who_decides

    output = Output(as_json)
    given = {
        "apply_at": apply_at, "ask_at": ask_at, "two_person": two_person, "share_priors": share_priors,
        "watch_syncs": watch_syncs, "approval_days": approval_days, "llm": llm,
    }  # fmt: skip
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    changes |= {
        name: value or None for name, value in {"slack_secret": slack_secret, "llm_model": llm_model}.items()
        if value is not None
    }  # fmt: skip
    if llm_budget is not None:
        changes["llm_monthly_budget_usd"] = _amount(llm_budget)
    with open_access(output, "repair settings") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            if changes:
                _refuse_missing_secret(session, changes.get("slack_secret"))
                actor = who_decides(session, by)
                session.repair_settings.set(actor, **changes)
                told = {name: str(value) if isinstance(value, Decimal) else value for name, value in changes.items()}
                session.audit.record("repair.settings", f"tenant:{owner.id}", told, actor)
            current = asdict(session.repair_settings.get())
            notes = _notes(session)
    cells = [(name, "" if value is None else str(value)) for name, value in current.items()]
    shown = [table("Repair settings", ("setting", "value"), cells)]
    if notes["failed"]:
        failed = [(note["kind"], note["created_at"], note["error"]) for note in notes["notes"]]
        shown.append(table(f"{notes['failed']} notes were not taken", ("kind", "since", "why"), failed))
    changed = [f"Changed: {', '.join(sorted(changes))}."] if changes else []
    output.result({"settings": current, "changed": sorted(changes), "notes": notes}, *changed, *shown)


def _notes(session: "TenantSession") -> dict[str, Any]:
    """How the notes of this tenant fare: counts, and the newest that were given up or failed last time."""
    listed = session.notes_outbox.list()
    troubled = [note for note in listed if note.sent_at is None and note.error]
    now = datetime.now(UTC)
    return {
        "waiting": sum(note.due_at is not None for note in listed),
        "sent": sum(note.sent_at is not None for note in listed),
        "failed": len(troubled),
        "notes": [
            {
                "kind": note.kind, "created_at": note.created_at, "error": note.error, "attempts": note.attempts,
                "next_try_in_s": note.due_at and round((note.due_at - now).total_seconds()),
            }
            for note in troubled[:_MOST_FAILED_SHOWN]
        ],
    }  # fmt: skip


def _refuse_missing_secret(session: "TenantSession", name: str | None) -> None:
    names = session.secrets.names() if name else ()
    if name and name not in names:
        hint = did_you_mean(name, names) or f"Put it with 'autonomos secret put {name}'."
        raise CommandFailed(f"There is no secret {name!r}.", code="no_such_secret", hint=hint)


def _amount(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise CommandFailed(f"{text!r} is no amount of US dollars.", code="not_an_amount") from None
