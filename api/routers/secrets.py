"""A tenant's own secrets, which connections take their credentials from. No answer holds a value."""

from fastapi import APIRouter, Response

from api.cursors import text_place
from api.dependencies import CurrentActor, Session, requires
from api.paging import CursorText, Limit, Page, write_cursor
from api.problems import Conflict, Invalid, NotFound, problems
from api.schemas.secrets import SecretIn, SecretName, SecretOut
from api.unit_of_work import TenantRoute
from orchestration.control_plane.locators import Locator
from orchestration.control_plane.tenant_secrets import SecretRecord

router = APIRouter(prefix="/secrets", route_class=TenantRoute)
_WHERE = "/api/v1/aam/secrets/{}"


@router.get("", dependencies=[requires("connections.read")])
def list_secrets(session: Session, limit: Limit = 50, cursor: CursorText = None) -> Page[SecretOut]:
    """Names of the tenant's secrets, when they were put and which connections use them."""
    found = session.secrets.page(text_place(cursor), limit + 1)
    users = _users(session)
    items = [_out(record, users) for record in found[:limit]]
    return Page(items=items, next_cursor=write_cursor(items[-1].name) if len(found) > limit else None)


@router.put(
    "/{name}",
    dependencies=[requires("secrets.write")],
    responses=problems(NotFound, Invalid) | {201: {"model": SecretOut, "description": "Stored for the first time"}},
)
def put_secret(
    name: SecretName, secret: SecretIn, session: Session, actor: CurrentActor, response: Response
) -> SecretOut:
    """Store a secret, or put another value in its place. Connections that use it take it from their next sync on."""
    record = session.secrets.put(name, secret.value)
    fields = sorted(secret.value) if isinstance(secret.value, dict) else None
    session.audit.record("secret.put", f"secret:{name}", {"version": record.version, "fields": fields}, actor.name)
    if record.version == 1:
        response.status_code = 201
        response.headers["Location"] = _WHERE.format(name)
    return _out(record, _users(session))


@router.delete(
    "/{name}", status_code=204, dependencies=[requires("secrets.write")], responses=problems(NotFound, Conflict)
)
def delete_secret(name: SecretName, session: Session, actor: CurrentActor) -> None:
    """Destroy a secret. Refused while a connection takes its credentials from it."""
    session.secrets.delete(name)
    session.audit.record("secret.deleted", f"secret:{name}", {}, actor.name)


def _users(session: Session) -> dict[str, list[str]]:
    users: dict[str, list[str]] = {}
    for connection in session.connections.list():
        if connection.credential_locator:
            users.setdefault(Locator.parse(connection.credential_locator).name, []).append(connection.name)
    return users


def _out(record: SecretRecord, users: dict[str, list[str]]) -> SecretOut:
    return SecretOut(
        name=record.name, version=record.version, created_at=record.created_at, updated_at=record.updated_at,
        used_by=users.get(record.name, []),
    )  # fmt: skip
