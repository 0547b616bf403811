"""Who decides: the operator, or the member of the tenant that `--as` names."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from orchestration.commands.errors import CommandFailed, did_you_mean

if TYPE_CHECKING:
    from orchestration.control_plane.tenant_session import TenantSession

AsOption = Annotated[
    str | None, typer.Option("--as", help="E-mail of the member who decides; the operator when left out.")
]
DECIDING_ROLES: Final = ("owner", "admin", "approver")


def who_decides(session: "TenantSession", email: str | None) -> str:
    """The actor that decisions are recorded with.

    Raises:
        CommandFailed: nobody of that address is a member, or the member's role may not decide.
    """
    from orchestration.commands.access import OPERATOR
    from orchestration.control_plane.errors import NotFound

    if email is None:
        return OPERATOR
    try:
        member = session.users.by_email(email)
    except NotFound:
        hint = did_you_mean(email, [known.email for known in session.users.list()])
        raise CommandFailed(f"{email!r} is no member of this tenant.", code="unknown_member", hint=hint) from None
    if member.role not in DECIDING_ROLES:
        hint = f"Deciding takes one of {', '.join(DECIDING_ROLES)}."
        raise CommandFailed(f"{member.email} is {member.role} and may not decide.", code="may_not_decide", hint=hint)
    return member.email
