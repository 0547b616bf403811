"""`autonomos user list|disable|enable` and `autonomos operator list|grant|revoke`: people, across all tenants."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from orchestration.commands.errors import CommandFailed, did_you_mean
from orchestration.commands.output import JsonOption, Output, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.commands.access import Access
    from orchestration.control_plane.platform_users import PlatformUser

EmailArgument = Annotated[str, typer.Argument(help="E-mail address of the user.")]


def list_users(as_json: JsonOption = False) -> None:
    """List all users, with how many tenants each belongs to."""
    _list(as_json, operators=False)


def disable(email: EmailArgument, as_json: JsonOption = False) -> None:
    """Shut a user out of every tenant, within a second, with their API keys. Nothing is deleted."""
    _set_status(email, "disabled", as_json)


def enable(email: EmailArgument, as_json: JsonOption = False) -> None:
    """Let a disabled user log in again. Log-ins that were ended stay so."""
    _set_status(email, "active", as_json)


def list_operators(as_json: JsonOption = False) -> None:
    """List the users who run the platform."""
    _list(as_json, operators=True)


def grant(email: EmailArgument, as_json: JsonOption = False) -> None:
    """Make a user an operator: who sees queues, lag and feature flags of the whole platform."""
    _set_operator(email, True, as_json)


def revoke(email: EmailArgument, as_json: JsonOption = False) -> None:
    """Make an operator an ordinary user again."""
    _set_operator(email, False, as_json)


def _list(as_json: bool, *, operators: bool) -> None:
    from orchestration.commands.access import open_access

    output = Output(as_json)
    with open_access(output, "user list") as access, access.control_plane.operator_session() as session:
        found = session.platform_users(operators=operators)
    document = [_document(user) for user in found]
    cells = [
        (user.email, user.status, len(user.tenant_ids), "yes" if user.is_operator else "", user.created_at)
        for user in found
    ]
    columns = ("e-mail", "status", "tenants", "operator", "since")
    output.result({"users": document}, table("Operators" if operators else "Users", columns, cells))


def _set_status(email: str, status: Literal["active", "disabled"], as_json: bool) -> None:
    from orchestration.commands.access import open_access

    output = Output(as_json)
    with open_access(output, "user status") as access:
        with access.control_plane.operator_session() as session:
            user = _find(session.platform_users(), email)
            session.set_user_status(user.id, status)
        _tell_tenants(access, user, f"user.{'enabled' if status == 'active' else 'disabled'}")
    output.result(_document(user) | {"status": status}, f"{user.email} is {status}.")


def _set_operator(email: str, is_operator: bool, as_json: bool) -> None:
    from orchestration.commands.access import open_access

    output = Output(as_json)
    with open_access(output, "operator") as access:
        with access.control_plane.operator_session() as session:
            user = _find(session.platform_users(), email)
            session.set_operator(user.id, is_operator)
        _tell_tenants(access, user, f"operator.{'granted' if is_operator else 'revoked'}")
    said = "runs the platform too" if is_operator else "is no operator"
    output.result(_document(user) | {"is_operator": is_operator}, f"{user.email} {said}.")


def _find(users: "Sequence[PlatformUser]", email: str) -> "PlatformUser":
    for user in users:
        if user.email.lower() == email.strip().lower():
            return user
    hint = did_you_mean(email, [user.email for user in users])
    raise CommandFailed(f"There is no user with the address {email!r}.", code="unknown_user", hint=hint)


def _tell_tenants(access: "Access", user: "PlatformUser", action: str) -> None:
    """Into the history of every tenant the user belongs to."""
    from orchestration.commands.access import OPERATOR

    for tenant_id in user.tenant_ids:
        with access.control_plane.tenant_session(tenant_id) as session:
            session.audit.record(action, f"user:{user.id}", {"email": user.email}, OPERATOR)


def _document(user: "PlatformUser") -> dict[str, object]:
    return {
        "id": user.id,
        "email": user.email,
        "status": user.status,
        "is_operator": user.is_operator,
        "tenants": len(user.tenant_ids),
        "created_at": user.created_at,
    }
