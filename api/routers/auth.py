"""Registering, logging in and out, and changing a refresh token for new ones."""

import base64

from fastapi import APIRouter, Request, Response

from api.dependencies import CurrentPerson, Held, Session
from api.problems import Conflict, Forbidden, NotFound, Unauthenticated, problems
from api.schemas.auth import LoginIn, PublicKeyOut, PublicKeysOut, RefreshIn, RegisterIn, SwitchIn, TokensOut
from api.security import refresh_cookie
from api.security.logging_in import address_of, begin, prove, session_of, tenant_of, tokens
from api.security.opaque import new_refresh_token, sha256_hex
from api.security.password_rules import check_password
from api.security.throttle import TooManyAttempts
from api.state import AppState
from api.unit_of_work import TenantRoute
from orchestration.control_plane.passwords import hash_password, password_matches
from orchestration.control_plane.rotation import Rotation

router = APIRouter(prefix="", route_class=TenantRoute)
_NOT_VALID = "This refresh token is not valid any more; log in again."


@router.post("/register", status_code=201, responses=problems(Forbidden, Conflict, TooManyAttempts))
def register(wanted: RegisterIn, request: Request, response: Response, held: Held) -> TokensOut:
    """Make an organisation with yourself as its owner, and log in.

    An address that has a user already needs that user's password; whoever runs the platform may have closed this.
    """
    if not held.settings.registration_is_open:
        raise Forbidden("Organisations are made by invitation here; ask whoever runs the platform.")
    attempt = held.access.throttle.begin(wanted.email, address_of(request))
    with held.control_plane.identity_session() as identity:
        account = identity.account_by_email(wanted.email)
    if account is None:
        check_password(wanted.password, (wanted.email, wanted.organisation))
        hashed = hash_password(wanted.password)
    elif not password_matches(wanted.password, account.password_hash) or not account.is_active:
        held.access.failed_logins.count(account.id)
        raise Conflict("There is a user with that address already, with another password.")
    with held.control_plane.identity_session() as identity:
        user_id = account.id if account else identity.add_account(wanted.email, hashed, wanted.display_name)
        tenant_id = identity.register(wanted.organisation, user_id, wanted.email)
    held.access.throttle.succeeded(attempt)
    response.headers["Location"] = "/api/v1/auth/me"
    session = session_of(held, request, tenant_id)
    return begin(held, request, response, session, (user_id, wanted.email), wanted.cookie)


@router.post("/login", responses=problems(Unauthenticated, Forbidden, NotFound, TooManyAttempts))
def log_in(wanted: LoginIn, request: Request, response: Response, held: Held) -> TokensOut:
    """Log in with address and password."""
    account = prove(held, request, wanted.email, wanted.password)
    session = session_of(held, request, tenant_of(held, account.id, wanted.tenant_id))
    return begin(held, request, response, session, (account.id, account.email), wanted.cookie)


@router.post("/refresh", responses=problems(Unauthenticated, Forbidden))
def refresh_access(request: Request, response: Response, held: Held, wanted: RefreshIn | None = None) -> TokensOut:
    """Change a refresh token for a new one and an access token.

    It serves once. Sent again it ends the log-in with everything that came from it: somebody else has a copy.
    """
    given = wanted.refresh_token if wanted else None
    token = given or refresh_cookie.read(request)
    if token is None:
        raise Unauthenticated("Send a refresh token.")
    new = new_refresh_token()
    with held.control_plane.identity_session() as identity:
        rotation = identity.rotate(sha256_hex(token), sha256_hex(new))
    if rotation.outcome == "replayed":
        _tell_of_replay(held, rotation)
    if rotation.outcome != "rotated":
        raise Unauthenticated(_NOT_VALID)
    assert rotation.tenant_id and rotation.user_id and rotation.login_id
    login = (rotation.tenant_id, rotation.user_id, rotation.login_id)
    return tokens(held, request, response, login, new, cookie=given is None)


@router.post("/logout", status_code=204)
def log_out(request: Request, response: Response, person: CurrentPerson, session: Session, held: Held) -> None:
    """End this log-in with its tokens."""
    session.logins.revoke(person.login_id, person.user_id, "logged out")
    session.audit.record("login.ended", f"user:{person.user_id}", {"login": str(person.login_id)}, person.actor.name)
    refresh_cookie.take_back(request, response)
    request.state.unit.after_commit(lambda: held.access.authenticator.forget(login_id=person.login_id))


@router.post("/logout-all", status_code=204)
def log_out_everywhere(
    request: Request, response: Response, person: CurrentPerson, session: Session, held: Held
) -> None:
    """End all your log-ins, in every organisation, this one too."""
    with held.control_plane.identity_session() as identity:
        ended = identity.end_logins(person.user_id, "logged out everywhere")
    session.audit.record("login.all_ended", f"user:{person.user_id}", {"logins": ended}, person.actor.name)
    refresh_cookie.take_back(request, response)
    request.state.unit.after_commit(lambda: held.access.authenticator.forget(user_id=person.user_id))


@router.post("/switch", responses=problems(NotFound))
def switch_tenant(
    wanted: SwitchIn, request: Request, response: Response, person: CurrentPerson, held: Held
) -> TokensOut:
    """Log in to another organisation of yours. The log-in that asks stays as it is."""
    session = session_of(held, request, tenant_of(held, person.user_id, wanted.tenant_id))
    return begin(held, request, response, session, (person.user_id, person.actor.name), wanted.cookie)


@router.get("/keys")
def list_public_keys(held: Held, response: Response) -> PublicKeysOut:
    """The public keys that access tokens are verified with, as a JSON Web Key Set."""
    response.headers["Cache-Control"] = "public, max-age=20"
    keys = held.access.ring.public_keys()
    return PublicKeysOut(keys=[PublicKeyOut(kid=kid, x=_base64url(public)) for kid, public in keys.items()])


def _tell_of_replay(held: AppState, rotation: Rotation) -> None:
    """The log-in has ended by now, whatever becomes of these words."""
    held.access.authenticator.forget(login_id=rotation.login_id)
    assert rotation.tenant_id
    with held.control_plane.tenant_session(rotation.tenant_id) as session:
        data = {"login": str(rotation.login_id)}
        session.audit.record("login.replayed", f"user:{rotation.user_id}", data, "autonomos")


def _base64url(public: bytes) -> str:
    return base64.urlsafe_b64encode(public).rstrip(b"=").decode()
