"""No id of another tenant, no unknown one and no text that is none tells anything, wherever it is put, whoever asks.

The cells come from the OpenAPI document: a new route that takes an id nobody here knows of fails the test.
"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.isolation.operations import Operation, Position, operations_of
from tests.api.isolation.standing import NO_IDS, Standing, may, standing_on
from tests.api.serving import ROLES
from tests.isolation.two_tenants import everything_of
from tests.orchestration.control_plane.databases import throwaway

pytestmark = pytest.mark.servers
NOT_FOUND = b'{"type":"/problems/not-found","title":"There is no such thing here","status":404}'
# What every tenant may ask by a number or a name of its own is no id of a thing: an unknown one is tried, no other's.
NATURAL = {"version", "stream", "slug"}
# These end what asks here: tried elsewhere, and last of all.
ENDS_ITSELF = {"POST /api/v1/auth/logout", "POST /api/v1/auth/logout-all", "POST /api/v1/auth/password"}
# A name that anybody may use makes a thing of one's own; that the victim's stays as it is, is looked at besides.
CREATES_BY_NAME = {"PUT /api/v1/aam/secrets/{name}"}


@pytest.fixture(scope="module")
def standing(
    postgres_admin_url: str,
    migrated_template: str,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    hashed_password: str,
) -> Iterator[Standing]:
    home = tmp_path_factory.mktemp("isolation")
    with (
        throwaway(postgres_admin_url, migrated_template) as database,
        standing_on(database, redis_url, home, hashed_password) as made,
    ):
        yield made


def document(standing: Standing) -> dict[str, Any]:
    return dict(standing.application.openapi())


def cells(standing: Standing) -> Iterator[tuple[Operation, Position]]:
    """Operations that need a login, with each of the places where they take a thing's id or name."""
    for operation in operations_of(document(standing)):
        if operation.needs_login and operation.id not in CREATES_BY_NAME:
            for position in operation.positions:
                yield operation, position


def filled(standing: Standing, operation: Operation, tried: Position, value: str, role: Any) -> dict[Position, str]:
    """The operation with its own tenant's things everywhere but in the place that is tried."""
    own = {one: standing.own(operation, one, role) for one in operation.positions if one != tried}
    return {**own, tried: value}


def test_what_is_not_ones_own_is_not_there(standing: Standing, measured: Callable[[str], None]) -> None:
    with standing.two.database.superuser() as connection:
        before = everything_of(connection, standing.two.victim.tenant)
    tried, wrong = 0, []
    for operation, position in cells(standing):
        for role in ROLES:
            unknown = standing.ask(operation, filled(standing, operation, position, str(uuid4()), role), role)
            others = {} if position.name in NATURAL else {"theirs": standing.theirs(operation, position)}
            others |= {text: text for text in NO_IDS}
            wrong += [f"unknown: {one}" for one in faults(standing, operation, position, role, unknown, unknown)]
            for what, value in others.items():
                answer = standing.ask(operation, filled(standing, operation, position, value, role), role)
                wrong += [f"{what}: {one}" for one in faults(standing, operation, position, role, answer, unknown)]
            tried += 1 + len(others)
    with standing.two.database.superuser() as connection:
        assert everything_of(connection, standing.two.victim.tenant) == before
    measured(f"API isolation: {tried} cells of {len(list(cells(standing)))} id positions, {len(wrong)} leaks")
    assert wrong == [], "\n".join(wrong)


def faults(
    standing: Standing,
    operation: Operation,
    position: Position,
    role: Any,
    answer: httpx.Response,
    unknown: httpx.Response,
) -> Iterator[str]:
    """What is wrong with an answer to somebody else's, an unknown or an impossible id."""
    place = f"{role} {operation.id} {position.where}:{position.name} -> {answer.status_code}"
    if standing.leaks(answer):
        yield f"{place} tells of {standing.leaks(answer)}"
    same = answer.content == unknown.content and answer.status_code == unknown.status_code
    if not same and not (position.where == "query" and answer.content == NOT_FOUND):
        yield f"{place} is not the answer for an unknown id ({unknown.status_code}): {answer.text[:150]}"
    if operation.permission != "operator" and not may(role, operation):
        if answer.status_code != 403:
            yield f"{place} should be refused"
    elif answer.status_code != 404 and position.where != "query" and position.name not in NATURAL:
        yield f"{place} is no 404: {answer.text[:150]}"
    elif answer.status_code == 404 and answer.content != NOT_FOUND:
        yield f"{place} is another 404: {answer.text[:150]}"


def turn(operation: Operation) -> tuple[bool, bool, bool, int]:
    """Looks first, then changes, then ends; members last, since others' things go with them."""
    ends = operation.method == "delete"
    return "/members" in operation.path and ends, ends, operation.method != "get", -operation.path.count("/")


def test_nothing_of_another_tenant_is_in_any_answer_and_ones_own_is_there(standing: Standing) -> None:
    wrong, asked = [], 0
    operations = [one for one in operations_of(document(standing)) if one.needs_login and one.id not in ENDS_ITSELF]
    for operation in sorted(operations, key=turn):
        if operation.path.endswith("/stream"):
            continue  # does not end by itself; see `test_event_streams`
        values = {one: standing.own(operation, one, "owner") for one in operation.positions}
        answer = standing.ask(operation, values, "owner")
        asked += 1
        if standing.leaks(answer):
            wrong.append(f"{operation.id} tells of {standing.leaks(answer)}")
        if operation.permission != "operator" and answer.status_code in (401, 403, 404, 500, 503):
            wrong.append(f"{operation.id} is not there for its owner: {answer.status_code} {answer.text[:150]}")
    assert (wrong, asked > 100) == ([], True), "\n".join(wrong)


def test_a_name_that_another_tenant_has_makes_a_thing_of_ones_own(standing: Standing) -> None:
    theirs = standing.two.victim.secret
    with standing.two.database.superuser() as connection:
        before = everything_of(connection, standing.two.victim.tenant)
    path = f"/api/v1/aam/secrets/{theirs}"
    assert standing.client("owner").put(path, json={"value": {"token": "mine"}}).status_code == 201
    assert standing.client("owner").delete(path).status_code == 204
    with standing.two.database.superuser() as connection:
        assert everything_of(connection, standing.two.victim.tenant) == before
