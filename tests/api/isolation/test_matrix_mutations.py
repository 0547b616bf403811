"""The matrix would notice: one protection after the other is taken away, and its cells give that away."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from api.dependencies import Requires, tenant_session
from api.openapi import operations
from api.security.permissions import GRANTED
from tests.api.isolation.operations import Operation, operations_of
from tests.api.isolation.standing import Standing
from tests.api.isolation.test_matrix import document, filled, standing
from tests.isolation.two_tenants import owned_tables

__all__ = ["standing"]
pytestmark = pytest.mark.servers


# Who may ask people in is looked at twice: nobody gives a role that they do not have themselves.
REFUSED_TWICE = {"POST /api/v1/auth/invitations"}


def looks(standing: Standing) -> list[Operation]:
    """Operations that only read, and end."""
    found = [one for one in operations_of(document(standing)) if one.needs_login and one.method == "get"]
    return [one for one in found if not one.path.endswith(("/stream", "/discover", "/preview"))]


def leaking(standing: Standing) -> list[str]:
    """Operations whose answers to the intruder tell of the victim, asked for lists and by the victim's ids."""
    found = []
    for operation in looks(standing):
        own = {one: standing.own(operation, one, "owner") for one in operation.positions}
        asked = [own] + [
            filled(standing, operation, one, standing.theirs(operation, one), "owner") for one in operation.positions
        ]
        if any(standing.leaks(standing.ask(operation, values, "owner")) for values in asked):
            found.append(operation.id)
    return found


@contextmanager
def opened(standing: Standing, table: str) -> Iterator[None]:
    """The table with a policy that shows the run-time role everything."""
    with standing.two.database.superuser() as connection:
        connection.execute(sa.text(f"CREATE POLICY leak ON {table} FOR SELECT TO autonomos_app USING (true)"))
    try:
        yield
    finally:
        with standing.two.database.superuser() as connection:
            connection.execute(sa.text(f"DROP POLICY leak ON {table}"))


def test_every_table_that_a_route_shows_is_missed(standing: Standing, measured: Callable[[str], None]) -> None:
    with standing.two.database.superuser() as connection:
        tables = owned_tables(connection)
    assert leaking(standing) == []
    shown = {}
    for table in tables:
        with opened(standing, table):
            shown[table] = leaking(standing)
    noticed = {table for table, routes in shown.items() if routes}
    measured(f"API isolation: {len(noticed)} of {len(tables)} tables opened were noticed through routes")
    assert {
        "connections",
        "sync_runs",
        "drift_events",
        "repair_proposals",
        "tasks",
        "api_keys",
        "onboarding_intents",
    } <= noticed
    assert len(noticed) >= 20, shown


def test_every_permission_that_is_not_asked_for_is_missed(standing: Standing, measured: Callable[[str], None]) -> None:
    asked = dict(requirements(standing))
    refused_to_viewers = {one: what for one, what in asked.items() if what.permission not in GRANTED["viewer"]}
    survivors = []
    for operation in operations_of(document(standing)):
        if operation.id not in refused_to_viewers or operation.id in REFUSED_TWICE:
            continue
        values = dict.fromkeys(operation.positions, "not-an-id")
        assert standing.ask(operation, values, "viewer").status_code == 403, operation.id
        standing.application.dependency_overrides[refused_to_viewers[operation.id]] = lambda: None
        if standing.ask(operation, values, "viewer").status_code == 403:
            survivors.append(operation.id)
        standing.application.dependency_overrides.clear()
    measured(f"API isolation: {len(refused_to_viewers)} permissions dropped one at a time, {len(survivors)} unnoticed")
    assert (survivors, len(refused_to_viewers) > 40) == ([], True)


def requirements(standing: Standing) -> Iterator[tuple[str, Requires]]:
    """Operation -> what it requires."""
    for route, _ in operations(standing.application, document(standing)):
        for inner in route.dependant.dependencies:
            if isinstance(inner.call, Requires):
                for method in route.methods or ():
                    yield f"{method} {route.path_format}", inner.call


def test_a_session_of_the_wrong_tenant_is_missed(standing: Standing) -> None:
    control_plane, victim = standing.api.control_plane, standing.two.victim.tenant

    def wrong() -> Iterator[object]:
        with control_plane.tenant_session(victim) as session:
            yield session

    standing.application.dependency_overrides[tenant_session] = wrong
    try:
        found = leaking(standing)
    finally:
        standing.application.dependency_overrides.clear()
    assert len(found) > 20
