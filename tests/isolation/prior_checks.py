"""What shared priors may show and take: nothing of who gave them, to nobody who does not share, only one's own back."""

from collections.abc import Iterator
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import exc

from orchestration.control_plane.priors import contributor_of
from orchestration.control_plane.provisioning import APP, OPERATOR, OWNER
from orchestration.control_plane.sealing import Sealer
from tests.isolation.two_tenants import TwoTenants, acting_as
from tests.orchestration.control_plane.databases import MASTER_KEY

REFUSED = "42501"
_VISIBLE = "SELECT field_hash FROM field_priors"
_GIVE = (
    "INSERT INTO field_priors (contributor, connector, field_hash, entity, target)"
    " VALUES (:contributor, 'files', repeat('0', 64), 'account', 'name')"
)


def prior_violations(connection: sa.Connection, two: TwoTenants) -> list[str]:
    """Both tenants share; then the intruder alone, the victim alone, and nobody."""
    both = [*_who_gave(connection, two), *_reading(connection, two), *_writing(connection, two)]
    return [*both, *_without_sharing(connection, two), *_others(connection, two)]


def _who_gave(connection: sa.Connection, two: TwoTenants) -> Iterator[str]:
    for statement in (
        "SELECT contributor FROM field_priors",
        "SELECT * FROM field_priors",
        "SELECT field_hash FROM field_priors WHERE contributor > ''",
        "UPDATE field_priors SET target = 'x'",
        "TRUNCATE field_priors",
    ):
        if _run(connection, APP, two.intruder.tenant, two.intruder.tenant, statement)[0] != REFUSED:
            yield f"{APP} may {statement!r}"


def _reading(connection: sa.Connection, two: TwoTenants) -> Iterator[str]:
    """The fields differ by the tenants' names, so each row tells whose it is."""
    if _run(connection, APP, two.intruder.tenant, two.intruder.tenant, _VISIBLE)[1] != [two.victim.prior]:
        yield f"{APP} does not see exactly what the others gave"
    if _run(connection, APP, two.intruder.tenant, None, _VISIBLE)[1]:
        yield f"{APP} sees priors without being a contributor"
    if _run(connection, APP, None, two.intruder.tenant, _VISIBLE)[1]:
        yield f"{APP} sees priors without a tenant"


def _writing(connection: sa.Connection, two: TwoTenants) -> Iterator[str]:
    mine, theirs = two.intruder.tenant, two.victim.tenant
    if _run(connection, APP, mine, mine, _GIVE, contributor=_contributor(theirs))[0] != REFUSED:
        yield f"{APP} may give as another contributor"
    if _run(connection, APP, mine, mine, _GIVE, contributor=_contributor(mine))[0] is not None:
        yield f"{APP} may not give as itself"
    if _run(connection, APP, mine, mine, "DELETE FROM field_priors")[1] != [1]:
        yield f"{APP} does not take back exactly its own"


def _without_sharing(connection: sa.Connection, two: TwoTenants) -> Iterator[str]:
    mine = two.intruder.tenant
    savepoint = connection.begin_nested()
    connection.execute(sa.text("UPDATE repair_settings SET share_priors = false WHERE tenant_id = :id"), {"id": mine})
    if _run(connection, APP, mine, mine, _VISIBLE)[1]:
        yield f"{APP} sees priors while its tenant does not share"
    if _run(connection, APP, mine, mine, _GIVE, contributor=_contributor(mine))[0] != REFUSED:
        yield f"{APP} gives priors while its tenant does not share"
    savepoint.rollback()


def _others(connection: sa.Connection, two: TwoTenants) -> Iterator[str]:
    for role in (OWNER, OPERATOR):
        state, seen = _run(connection, role, two.intruder.tenant, two.intruder.tenant, _VISIBLE)
        if state != REFUSED and seen:
            yield f"{role} sees priors"


def _contributor(tenant: UUID) -> str:
    return contributor_of(tenant, Sealer(MASTER_KEY))


def _run(
    connection: sa.Connection, role: str, tenant: UUID | None, acts_as: UUID | None, statement: str, **values: str
) -> tuple[str | None, list[object]]:
    """The SQLSTATE it failed with, or what it showed (for a change: how many rows)."""
    with acting_as(connection, role, tenant):
        contributor = "" if acts_as is None else _contributor(acts_as)
        connection.execute(sa.text("SELECT set_config('app.contributor', :it, true)"), {"it": contributor})
        try:
            result = connection.execute(sa.text(statement), values)
        except exc.DBAPIError as error:
            return error.orig.pgcode, []  # type: ignore[union-attr]
        return None, list(result.scalars()) if result.returns_rows else [result.rowcount]
