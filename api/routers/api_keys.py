"""API keys: for programs, in the name of the member who makes them, and never more than that member may do."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.dependencies import CurrentActor, CurrentPerson, Held, Id, Session, requires
from api.paging import DEFAULT_LIMIT, CursorText, Limit, Page, read_place, write_cursor
from api.problems import Conflict, Forbidden, NotFound, problems
from api.schemas.members import ApiKeyCreatedOut, ApiKeyIn, ApiKeyOut
from api.security.opaque import new_api_key
from api.security.permissions import KEY_SCOPES
from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/api-keys", route_class=TenantRoute)


@router.post("", status_code=201, dependencies=[requires("keys.manage")], responses=problems(Conflict))
def create_api_key(wanted: ApiKeyIn, person: CurrentPerson, session: Session, response: Response) -> ApiKeyCreatedOut:
    """Make a key. It is shown here and never again.

    It works while its maker is a member, within its scopes and what the maker may do at that moment.
    """
    beyond = set(wanted.scopes) - (person.actor.permissions & KEY_SCOPES)
    if beyond:
        raise Forbidden(f"A key of yours cannot have {', '.join(sorted(beyond))}.")
    text, key = new_api_key()
    days = wanted.expires_in_days
    expires_at = datetime.now(UTC) + timedelta(days=days) if days else None
    made = session.api_keys.create(
        wanted.name, key.prefix, key.secret_hash, sorted(set(wanted.scopes)), person.user_id, expires_at
    )
    data = {"name": made.name, "prefix": made.prefix, "scopes": list(made.scopes)}
    session.audit.record("api_key.created", f"api_key:{made.id}", data, person.actor.name)
    response.headers["Location"] = f"/api/v1/auth/api-keys/{made.id}"
    response.headers["Cache-Control"] = "no-store"
    return ApiKeyCreatedOut(**ApiKeyOut.model_validate(made).model_dump(), key=text)


@router.get("", dependencies=[requires("keys.manage")])
def list_api_keys(session: Session, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> Page[ApiKeyOut]:
    """Keys that were not revoked, newest first."""
    found = session.api_keys.list(limit + 1, read_place(cursor, datetime, UUID))
    items = [ApiKeyOut.model_validate(key) for key in found[:limit]]
    more = len(found) > limit
    return Page(items=items, next_cursor=write_cursor(items[-1].created_at, items[-1].id) if more else None)


@router.get("/{key_id}", dependencies=[requires("keys.manage")], responses=problems(NotFound))
def get_api_key(key_id: Id, session: Session) -> ApiKeyOut:
    """One key, without what proves it."""
    return ApiKeyOut.model_validate(session.api_keys.get(key_id))


@router.delete("/{key_id}", status_code=204, dependencies=[requires("keys.manage")], responses=problems(NotFound))
def revoke_api_key(key_id: Id, request: Request, actor: CurrentActor, session: Session, held: Held) -> None:
    """End a key for good, within a second."""
    gone = session.api_keys.revoke(key_id)
    session.audit.record("api_key.revoked", f"api_key:{key_id}", {"prefix": gone.prefix}, actor.name)
    request.state.unit.after_commit(lambda: held.access.authenticator.forget(key_id=key_id))
