"""`autonomos contract show|set`: whether changes of a source are taken over, hold their records back, or stop a stream.

Said for the tenant, a connection or a stream, for every kind of change or one; the narrowest counts.
"""

from typing import TYPE_CHECKING, Annotated, Any, Final, get_args

import typer

from orchestration.commands.errors import CommandFailed, did_you_mean
from orchestration.commands.members import AsOption
from orchestration.commands.output import ConnectionOption, JsonOption, Output, TenantOption, table

if TYPE_CHECKING:
    from orchestration.control_plane.drift_contracts import ContractRecord
    from orchestration.control_plane.tenant_session import TenantSession

StreamOption = Annotated[str | None, typer.Option("--stream", help="Only this stream of the connection.")]
KindOption = Annotated[str | None, typer.Option("--kind", help="Only this kind of change, such as renamed.")]
DEFAULT: Final = "default"
_MEANS: Final = {
    "evolve": "changes are taken over, and repaired where that is sure",
    "hold": "records of a change wait in quarantine until it is repaired or decided",
    "freeze": "nothing of the stream moves until a person decides",
}


def show(
    tenant: TenantOption,
    connection: ConnectionOption = None,
    stream: StreamOption = None,
    kind: KindOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what was decided; with a connection and stream, what counts there for each kind of change."""
    from orchestration.commands.access import find_connection, open_access

    output = Output(as_json)
    with open_access(output, "contract show") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            chosen = find_connection(session, connection) if connection else None
            names = {known.id: known.name for known in session.connections.list()}
            said = [_describe(one, names) for one in session.contracts.list(chosen.id if chosen else None)]
            effective = _effective(session, chosen.id, stream, _kind(kind)) if chosen and stream else None
    columns = ("connection", "stream", "kind", "policy", "decided_by", "decided_at")
    cells = [[_cell(one[column], column) for column in columns] for one in said]
    shown = [table("Contracts", columns, cells) if said else "Nobody decided: the product's defaults hold."]
    if effective is not None:
        shown.append(table(f"In force for {connection} / {stream}", ("kind", "policy"), list(effective.items())))
    output.result({"contracts": said, **({"effective": effective} if effective is not None else {})}, *shown)


def set_contract(
    tenant: TenantOption,
    policy: Annotated[str, typer.Argument(help="evolve, hold, freeze, or default to take it back.")],
    connection: ConnectionOption = None,
    stream: StreamOption = None,
    kind: KindOption = None,
    by: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide what becomes of changes from the next sync on. What waits already is decided with 'approvals'."""
    from orchestration.commands.access import find_connection, open_access
    from orchestration.commands.members import who_decides

    output = Output(as_json)
    wanted = _policy(policy)
    which = _kind(kind)
    with open_access(output, "contract set") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            record = find_connection(session, connection) if connection else None
            if stream is not None and record is not None:
                _refuse_unknown_stream(session, record.id, stream)
            actor = who_decides(session, by)
            place = record.id if record else None
            session.contracts.set(wanted, actor, place, stream, which)  # type: ignore[arg-type]  # checked above
            subject = f"connection:{place}" if place else f"tenant:{owner.id}"
            session.audit.record("contract.set", subject, {"stream": stream, "kind": which, "policy": policy}, actor)
    document = {"policy": wanted, "connection": connection, "stream": stream, "kind": which}
    scope = " / ".join(filter(None, (connection, stream))) or "the tenant"
    meaning = _MEANS.get(policy, "what is said more widely, or the product's default, holds")
    output.result(document, f"{which or 'Every change'} in {scope}: {policy}; {meaning}.")


def _describe(one: "ContractRecord", names: dict[Any, str]) -> dict[str, Any]:
    return {
        "connection": names.get(one.connection_id, "(deleted)") if one.connection_id else None,
        "stream": one.stream,
        "kind": one.kind,
        "policy": one.policy,
        "decided_by": one.decided_by,
        "decided_at": one.decided_at,
    }


def _effective(session: "TenantSession", connection_id: Any, stream: str, kind: str | None) -> dict[str, str]:
    """Kind of change -> what counts; "default" where nobody decided."""
    counts = session.contracts.all_effective(connection_id)
    kinds = (kind,) if kind else _kinds()
    return {one: counts(stream, one) or DEFAULT for one in kinds}


def _kinds() -> tuple[str, ...]:
    from assets.fingerprint.drift import ChangeKind

    return get_args(ChangeKind)


def _kind(kind: str | None) -> str | None:
    if kind is None or kind in _kinds():
        return kind
    hint = did_you_mean(kind, _kinds()) or f"There is: {', '.join(_kinds())}."
    raise CommandFailed(f"There is no kind of change {kind!r}.", code="unknown_kind", hint=hint)


def _policy(policy: str) -> str | None:
    if policy == DEFAULT:
        return None
    if policy not in _MEANS:
        hint = f"There is: {', '.join((*_MEANS, DEFAULT))}."
        raise CommandFailed(f"{policy!r} is no contract.", code="unknown_policy", hint=hint)
    return policy


def _refuse_unknown_stream(session: "TenantSession", connection_id: Any, stream: str) -> None:
    seen = session.schemas.streams(connection_id)
    if seen and stream not in seen:
        raise CommandFailed(
            f"The connection has brought no stream {stream!r}.", code="unknown_stream", hint=did_you_mean(stream, seen)
        )


def _cell(value: object, column: str) -> object:
    return "all" if value is None and column in ("connection", "stream", "kind") else value
