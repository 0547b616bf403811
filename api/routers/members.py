"""Members of the organisation: their roles, their leaving. Owners alone decide about owners; the last one stays."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.conditional import Conditional, entity_tag
from api.dependencies import CurrentActor, Held, Id, Session, requires
from api.paging import DEFAULT_LIMIT, CursorText, Limit, Page, read_place, write_cursor
from api.problems import Conflict, Forbidden, NotFound, PreconditionFailed, problems
from api.schemas.members import MemberIn, MemberOut
from api.security.actor import Actor
from api.security.permissions import rank
from api.unit_of_work import TenantRoute
from orchestration.control_plane.users import MemberRecord, Role

router = APIRouter(prefix="/members", route_class=TenantRoute)


@router.get("", dependencies=[requires("members.read")])
def list_members(session: Session, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> Page[MemberOut]:
    """Everybody in the organisation, by address."""
    found = session.users.page(limit + 1, read_place(cursor, str, UUID))
    items = [MemberOut.model_validate(member) for member in found[:limit]]
    more = len(found) > limit
    return Page(items=items, next_cursor=write_cursor(items[-1].email, items[-1].user_id) if more else None)


@router.get("/{user_id}", dependencies=[requires("members.read")], responses=problems(NotFound))
def get_member(user_id: Id, session: Session, response: Response) -> MemberOut:
    """One member."""
    member = session.users.get(user_id)
    response.headers["ETag"] = _tag(member)
    return MemberOut.model_validate(member)


@router.patch(
    "/{user_id}", dependencies=[requires("members.write")], responses=problems(NotFound, Conflict, PreconditionFailed)
)
def change_member(
    user_id: Id,
    wanted: MemberIn,
    request: Request,
    actor: CurrentActor,
    session: Session,
    held: Held,
    conditional: Conditional,
    response: Response,
) -> MemberOut:
    """Change a member's role. It counts within a second, also for requests that are under way elsewhere."""
    before = session.users.get(user_id)
    conditional.check(_tag(before))
    check_may_decide(actor, before.role, wanted.role)
    if user_id == actor.user_id and rank(wanted.role) > rank(actor.role):
        raise Forbidden("Nobody raises themselves.")
    member = session.users.set_role(user_id, wanted.role)
    data = {"from": before.role, "to": member.role, "email": member.email}
    session.audit.record("member.role_changed", f"user:{user_id}", data, actor.name)
    request.state.unit.after_commit(lambda: held.access.authenticator.forget(user_id=user_id))
    response.headers["ETag"] = _tag(member)
    return MemberOut.model_validate(member)


@router.delete(
    "/{user_id}",
    status_code=204,
    dependencies=[requires("members.write")],
    responses=problems(NotFound, Conflict, PreconditionFailed),
)
def remove_member(
    user_id: Id, request: Request, actor: CurrentActor, session: Session, held: Held, conditional: Conditional
) -> None:
    """End a membership, with its log-ins and the API keys the member made."""
    member = session.users.get(user_id)
    conditional.check(_tag(member))
    check_may_decide(actor, member.role)
    session.logins.revoke_all(user_id, "membership ended")
    revoked = session.api_keys.revoke_made_by(user_id)
    session.users.remove(user_id)
    data = {"email": member.email, "role": member.role, "keys_revoked": revoked}
    session.audit.record("member.removed", f"user:{user_id}", data, actor.name)
    request.state.unit.after_commit(lambda: held.access.authenticator.forget(user_id=user_id))


@router.post(
    "/{user_id}/logout", status_code=204, dependencies=[requires("members.write")], responses=problems(NotFound)
)
def log_member_out(user_id: Id, request: Request, actor: CurrentActor, session: Session, held: Held) -> None:
    """End a member's log-ins to this organisation."""
    member = session.users.get(user_id)
    check_may_decide(actor, member.role)
    ended = session.logins.revoke_all(user_id, "ended by an admin")
    session.audit.record("login.all_ended", f"user:{user_id}", {"logins": ended}, actor.name)
    request.state.unit.after_commit(lambda: held.access.authenticator.forget(user_id=user_id))


def check_may_decide(actor: Actor, *roles: Role) -> None:
    """Raise Forbidden where the role of an owner is given, taken or touched by somebody who is none."""
    if "owner" in roles and actor.role != "owner":
        raise Forbidden("Only owners decide about owners.")


def _tag(member: MemberRecord) -> str:
    return entity_tag(member.user_id, member.role, member.status, member.display_name)
