"""Who one is: the account, its password, and the devices that are logged in."""

from fastapi import APIRouter, Request, Response

from api.conditional import Conditional, entity_tag
from api.dependencies import CurrentActor, CurrentPerson, Held, Id, Session
from api.problems import Invalid, NotFound, PreconditionFailed, problems
from api.schemas.auth import LoginOut, MeIn, MeOut, PasswordIn, TenantOut, UserOut
from api.security.logging_in import address_of
from api.security.password_rules import check_password
from api.security.throttle import TooManyAttempts
from api.state import AppState
from api.unit_of_work import TenantRoute
from orchestration.control_plane.accounts import Account
from orchestration.control_plane.passwords import hash_password, password_matches

router = APIRouter(prefix="", route_class=TenantRoute)


@router.get("/me")
def get_me(actor: CurrentActor, session: Session, held: Held, response: Response) -> MeOut:
    """Who is asking: user or key, organisation, role, permissions."""
    here = TenantOut(id=actor.tenant_id, name=session.tenants.current().name, role=actor.role)
    user, tenants = None, []
    if actor.user_id is not None:
        with held.control_plane.identity_session() as identity:
            account, own = identity.account(actor.user_id), identity.belongings(actor.user_id)
        if account is not None:
            user = _shown(account)
            response.headers["ETag"] = _tag(account)
        tenants = [TenantOut(id=one.tenant_id, name=one.tenant_name, role=one.role) for one in own]
    return MeOut(
        user=user,
        api_key_id=actor.key_id,
        tenant=here,
        permissions=sorted(actor.permissions),
        is_operator=actor.is_operator,
        tenants=tenants,
    )


@router.patch("/me", responses=problems(PreconditionFailed))
def change_me(
    wanted: MeIn, person: CurrentPerson, session: Session, held: Held, conditional: Conditional, response: Response
) -> UserOut:
    """Change how others see you."""
    conditional.check(_tag(_account(held, person.user_id)))
    with held.control_plane.identity_session() as identity:
        identity.set_display_name(person.user_id, wanted.display_name)
    data = {"display_name": wanted.display_name}
    session.audit.record("user.changed", f"user:{person.user_id}", data, person.actor.name)
    account = _account(held, person.user_id)
    response.headers["ETag"] = _tag(account)
    return _shown(account)


@router.post("/password", status_code=204, responses=problems(TooManyAttempts))
def change_password(wanted: PasswordIn, request: Request, person: CurrentPerson, session: Session, held: Held) -> None:
    """Change your password. All your other log-ins end."""
    account = _account(held, person.user_id)
    attempt = held.access.throttle.begin(account.email, address_of(request))
    if not password_matches(wanted.old_password, account.password_hash):
        held.access.failed_logins.count(account.id)
        raise Invalid("The old password is not yours.")
    held.access.throttle.succeeded(attempt)
    check_password(wanted.new_password, (account.email, account.display_name or "", session.tenants.current().name))
    hashed = hash_password(wanted.new_password)
    with held.control_plane.identity_session() as identity:
        identity.set_password(person.user_id, hashed)
        ended = identity.end_logins(person.user_id, "password changed", but=person.login_id)
    session.audit.record("password.changed", f"user:{person.user_id}", {"logins_ended": ended}, person.actor.name)
    request.state.unit.after_commit(lambda: held.access.authenticator.forget(user_id=person.user_id))


@router.get("/logins")
def list_logins(person: CurrentPerson, session: Session) -> list[LoginOut]:
    """The devices you are logged in with to this organisation, newest first."""
    return [
        LoginOut(
            id=login.id,
            user_agent=login.user_agent,
            created_at=login.created_at,
            last_used_at=login.last_used_at,
            is_this_one=login.id == person.login_id,
        )
        for login in session.logins.list(person.user_id)
    ]


@router.delete("/logins/{login_id}", status_code=204, responses=problems(NotFound))
def end_login(login_id: Id, request: Request, person: CurrentPerson, session: Session, held: Held) -> None:
    """Log one of your devices out."""
    session.logins.revoke(login_id, person.user_id, "ended by the user")
    session.audit.record("login.ended", f"user:{person.user_id}", {"login": str(login_id)}, person.actor.name)
    request.state.unit.after_commit(lambda: held.access.authenticator.forget(login_id=login_id))


def _account(held: AppState, user_id: Id) -> Account:
    with held.control_plane.identity_session() as identity:
        account = identity.account(user_id)
    if account is None:
        raise NotFound
    return account


def _shown(account: Account) -> UserOut:
    return UserOut(id=account.id, email=account.email, display_name=account.display_name)


def _tag(account: Account) -> str:
    return entity_tag(account.id, account.email, account.display_name)
