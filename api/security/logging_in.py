"""From an address and a password to a log-in with its tokens. An unknown address and a wrong password look the same."""

from uuid import UUID

from fastapi import Request, Response

from api.problems import Forbidden, NotFound, Unauthenticated
from api.schemas.auth import TokensOut
from api.security import refresh_cookie
from api.security.access_tokens import LIFETIME_S
from api.security.opaque import new_refresh_token, sha256_hex
from api.state import AppState
from api.unit_of_work import UnitOfWork
from orchestration.control_plane.accounts import Account
from orchestration.control_plane.passwords import password_matches
from orchestration.control_plane.tenant_session import TenantSession

WRONG = "Address or password is wrong."


def prove(held: AppState, request: Request, email: str, password: str) -> Account:
    """The active user whose password that is.

    Raises:
        TooManyAttempts: before the password is looked at.
        Unauthenticated: no such user, another password, or a user who is disabled.
    """
    attempt = held.access.throttle.begin(email, address_of(request))
    with held.control_plane.identity_session() as identity:
        account = identity.account_by_email(email)
    # Hashing takes 20 ms: not in a transaction, and for nobody as for somebody.
    matches = password_matches(password, account.password_hash if account else None)
    if account is None or not matches or not account.is_active:
        held.access.failed_logins.count(account.id if account else None)
        raise Unauthenticated(WRONG)
    held.access.throttle.succeeded(attempt)
    return account


def tenant_of(held: AppState, user_id: UUID, wanted: UUID | None) -> UUID:
    """Which of a user's tenants to log in to; NotFound for any other, Forbidden for somebody who has none."""
    with held.control_plane.identity_session() as identity:
        own = [belonging.tenant_id for belonging in identity.belongings(user_id)]
    if wanted is None:
        if not own:
            raise Forbidden("You are a member of no organisation; ask for an invitation.")
        return own[0]
    if wanted not in own:
        raise NotFound
    return wanted


def session_of(held: AppState, request: Request, tenant_id: UUID) -> TenantSession:
    """The request's transaction of a tenant that no token named yet."""
    unit: UnitOfWork = request.state.unit
    return unit.session(held.control_plane, tenant_id)


def begin(
    held: AppState, request: Request, response: Response, session: TenantSession, user: tuple[UUID, str], cookie: bool
) -> TokensOut:
    """A log-in of that user (id, e-mail) in the session's tenant, in its history, with its tokens."""
    user_id, email = user
    refresh_token = new_refresh_token()
    login = session.logins.begin(user_id, sha256_hex(refresh_token), request.headers.get("User-Agent", ""))
    data = {"login": str(login.id), "address": address_of(request)}
    session.audit.record("login.succeeded", f"user:{user_id}", data, email)
    return tokens(held, request, response, (session.tenant_id, user_id, login.id), refresh_token, cookie)


def tokens(
    held: AppState,
    request: Request,
    response: Response,
    login: tuple[UUID, UUID, UUID],
    refresh_token: str,
    cookie: bool,
) -> TokensOut:
    """What the caller gets for a log-in (tenant, user, log-in); the refresh token in one place alone."""
    response.headers["Cache-Control"] = "no-store"
    if cookie:
        refresh_cookie.give(request, response, refresh_token)
    return TokensOut(
        access_token=held.access.token(*login),
        expires_in=LIFETIME_S,
        refresh_token=None if cookie else refresh_token,
        tenant_id=login[0],
    )


def address_of(request: Request) -> str:
    """Where the request came from, as far as the server knows."""
    return request.client.host if request.client else ""
