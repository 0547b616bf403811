"""Invitations: an admin makes one and hands its link on; whoever holds it joins. We send no mail."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.dependencies import CurrentActor, Held, Id, OptionalPerson, Session, requires
from api.paging import DEFAULT_LIMIT, CursorText, Limit, Page, read_place, write_cursor
from api.problems import Conflict, NotFound, Unauthenticated, problems
from api.routers.members import check_may_decide
from api.schemas.auth import TokensOut
from api.schemas.members import (
    AcceptIn,
    InvitationCreatedOut,
    InvitationIn,
    InvitationOut,
    InvitationShownOut,
    InvitationTokenIn,
)
from api.security.logging_in import begin, prove, session_of
from api.security.opaque import new_invitation_token, sha256_hex
from api.security.password_rules import check_password
from api.security.throttle import TooManyAttempts
from api.state import AppState
from api.unit_of_work import TenantRoute
from orchestration.control_plane.passwords import hash_password
from orchestration.control_plane.proofs import OpenInvitation

router = APIRouter(prefix="/invitations", route_class=TenantRoute)


@router.post("", status_code=201, dependencies=[requires("members.write")], responses=problems(Conflict))
def create_invitation(
    wanted: InvitationIn, actor: CurrentActor, session: Session, held: Held, response: Response
) -> InvitationCreatedOut:
    """Invite an address. The link is shown here and nowhere else; an older invitation of the address ends."""
    check_may_decide(actor, wanted.role)
    token = new_invitation_token()
    made = session.invitations.create(wanted.email, wanted.role, sha256_hex(token), actor.name)
    data = {"email": made.email, "role": made.role}
    session.audit.record("invitation.created", f"invitation:{made.id}", data, actor.name)
    response.headers["Location"] = f"/api/v1/auth/invitations/{made.id}"
    response.headers["Cache-Control"] = "no-store"
    # Behind the #: a browser sends that part to nobody, so it stands in no log.
    public = held.settings.public_url.rstrip("/")
    link = f"{public}/invitations#token={token}" if public else None
    return InvitationCreatedOut(**InvitationOut.model_validate(made).model_dump(), token=token, link=link)


@router.get("", dependencies=[requires("members.read")])
def list_invitations(session: Session, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> Page[InvitationOut]:
    """Invitations that nobody took yet, newest first."""
    found = session.invitations.list(limit + 1, read_place(cursor, datetime, UUID))
    items = [InvitationOut.model_validate(invitation) for invitation in found[:limit]]
    more = len(found) > limit
    return Page(items=items, next_cursor=write_cursor(items[-1].created_at, items[-1].id) if more else None)


@router.get("/{invitation_id}", dependencies=[requires("members.read")], responses=problems(NotFound))
def get_invitation(invitation_id: Id, session: Session) -> InvitationOut:
    """One invitation that nobody took yet."""
    return InvitationOut.model_validate(session.invitations.get(invitation_id))


@router.delete(
    "/{invitation_id}", status_code=204, dependencies=[requires("members.write")], responses=problems(NotFound)
)
def revoke_invitation(invitation_id: Id, actor: CurrentActor, session: Session) -> None:
    """Take an invitation back."""
    check_may_decide(actor, session.invitations.get(invitation_id).role)
    gone = session.invitations.revoke(invitation_id)
    session.audit.record("invitation.revoked", f"invitation:{gone.id}", {"email": gone.email}, actor.name)


@router.post("/show", responses=problems(NotFound))
def show_invitation(wanted: InvitationTokenIn, held: Held) -> InvitationShownOut:
    """What an invitation offers, for whoever holds its token."""
    invitation = _open(held, wanted.token)
    with held.control_plane.identity_session() as identity:
        account = identity.account_by_email(invitation.email)
    return InvitationShownOut(
        tenant_name=invitation.tenant_name,
        email=invitation.email,
        role=invitation.role,
        expires_at=invitation.expires_at,
        has_account=account is not None,
    )


@router.post("/accept", status_code=201, responses=problems(NotFound, Unauthenticated, Conflict, TooManyAttempts))
def accept_invitation(
    wanted: AcceptIn, request: Request, response: Response, held: Held, person: OptionalPerson
) -> TokensOut:
    """Join the organisation and log in to it: by the password the address has, or a new one for a new user."""
    invitation = _open(held, wanted.token)
    user, password_hash = _accepting_user(wanted, invitation, request, held, person.user_id if person else None)
    session = session_of(held, request, invitation.tenant_id)
    session.invitations.accept(invitation.id)
    if user is None:
        member = session.users.add(invitation.email, password_hash, invitation.role, wanted.display_name)
        user = (member.user_id, member.email)
    else:
        session.users.join(user[0], invitation.role)
    data = {"email": invitation.email, "role": invitation.role, "user": str(user[0])}
    session.audit.record("invitation.accepted", f"invitation:{invitation.id}", data, user[1])
    response.headers["Location"] = f"/api/v1/auth/members/{user[0]}"
    return begin(held, request, response, session, user, wanted.cookie)


def _accepting_user(
    wanted: AcceptIn, invitation: OpenInvitation, request: Request, held: AppState, logged_in: UUID | None
) -> tuple[tuple[UUID, str] | None, str]:
    """The user that the invited address has, after proving to be it; or None and the hash of a new user's password."""
    with held.control_plane.identity_session() as identity:
        account = identity.account_by_email(invitation.email)
    if account is not None and account.id == logged_in:
        return (account.id, account.email), ""
    if wanted.password is None:
        raise Unauthenticated("Send a password, or log in with the invited address.")
    if account is not None:
        proved = prove(held, request, invitation.email, wanted.password)
        return (proved.id, proved.email), ""
    check_password(wanted.password, (invitation.email, invitation.tenant_name))
    return None, hash_password(wanted.password)


def _open(held: AppState, token: str) -> OpenInvitation:
    with held.control_plane.identity_session() as identity:
        invitation = identity.open_invitation(sha256_hex(token))
    if invitation is None:
        raise NotFound
    return invitation
