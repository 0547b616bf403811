"""Small routes that use every convention of the API, served beside the real ones for tests of the conventions alone."""

import time
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, FastAPI, Query, Request, Response
from pydantic import BaseModel, Field

from api.conditional import Conditional, entity_tag, unchanged
from api.dependencies import CurrentActor, Held, Id, Session, requires
from api.problems import Conflict
from api.unit_of_work import TenantRoute
from tests.api.serving import ServedApi, serving
from tests.orchestration.control_plane.databases import throwaway

router = APIRouter(prefix="/api/v1/conventions", route_class=TenantRoute)
after_commits: list[str] = []
EFFECT = "convention.tried"


class ThingIn(BaseModel):
    """Something to write into the history."""

    name: str = Field(max_length=200, examples=["one"])
    other: Id | None = None


class ThingOut(BaseModel):
    """What was written."""

    seq: int
    name: str


@router.post("/things", status_code=201, dependencies=[requires("connections.write")])
def make_thing(thing: ThingIn, session: Session, actor: CurrentActor, request: Request, response: Response) -> ThingOut:
    """One effect in the tenant's history."""
    seq = session.audit.record(EFFECT, f"thing:{thing.name}", {}, actor.name).seq
    request.state.unit.after_commit(lambda: after_commits.append(thing.name))
    response.headers["Location"] = f"/api/v1/conventions/things/{seq}"
    if thing.name.startswith("slow"):
        time.sleep(0.3)
    if thing.name == "refused":
        raise Conflict("It is refused.")
    if thing.name == "broken":
        raise RuntimeError("a hidden reason")
    return ThingOut(seq=seq, name=thing.name)


@router.post("/apart", dependencies=[requires("connections.write")])
def make_thing_apart(thing: ThingIn, actor: CurrentActor, held: Held) -> ThingOut:
    """The same without the request's session, as those do that talk to a source."""
    if thing.name == "refused":
        raise Conflict("It is refused.")
    with held.control_plane.tenant_session(actor.tenant_id) as session:
        seq = session.audit.record(EFFECT, f"thing:{thing.name}", {}, actor.name).seq
    if thing.name.startswith("slow"):
        time.sleep(0.5)
    return ThingOut(seq=seq, name=thing.name)


@router.delete("/things/{name}", status_code=204, dependencies=[requires("connections.write")])
def delete_thing(name: str, session: Session, actor: CurrentActor) -> None:
    """An effect with no body."""
    session.audit.record(EFFECT, f"thing:{name}", {}, actor.name)


@router.put("/things/{name}", dependencies=[requires("connections.write")])
def change_thing(name: str, thing: ThingIn, session: Session, conditional: Conditional) -> ThingOut:
    """Its tag is that of its name."""
    conditional.check(entity_tag(name))
    return ThingOut(seq=0, name=thing.name)


@router.get("/things/{name}", dependencies=[requires("views.read")])
async def read_thing(name: str, conditional: Conditional, response: Response) -> Any:
    """Read with a tag."""
    tag = entity_tag(name)
    if conditional.not_modified(tag):
        return unchanged(tag)
    response.headers["ETag"] = tag
    return {"name": name}


@router.get("/stored", dependencies=[requires("views.read")])
def stored(text: Annotated[str, Query(max_length=100)], session: Session) -> int:
    """A text that goes to Postgres as it is."""
    return (
        len(session.tenants.current().name)
        + len(list(session.users.list()))
        + (session.connections.by_name(text) is None)
    )


@router.get("/wild")
async def wild() -> None:
    """Fails as nobody foresaw."""
    raise RuntimeError("password=hunter2hunter2")


def add_to(app: FastAPI) -> None:
    """Serve them too."""
    app.include_router(router)


@pytest.fixture(scope="session")
def conventions(
    postgres_admin_url: str,
    migrated_template: str,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    hashed_password: str,
) -> Iterator[ServedApi]:
    """The application with these routes besides, shared by tests that take tenants of their own."""
    home = tmp_path_factory.mktemp("conventions")
    with (
        throwaway(postgres_admin_url, migrated_template) as made,
        serving(made, redis_url, home, hashed_password, prepare=add_to) as api,
    ):
        yield api
