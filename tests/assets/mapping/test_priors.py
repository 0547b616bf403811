"""Decisions of tenants that share reach others that share, and nothing but hashes crosses."""

import json

import pytest
import sqlalchemy as sa

from assets.fingerprint.fingerprint import ObservedField, ObservedStream
from assets.mapping.priors import give_priors, shared_priors
from assets.mapping.proposal import propose_mapping
from assets.mapping.rules import FieldRule
from orchestration.control_plane.database import ControlPlane
from tests.orchestration.control_plane.databases import Database, control_plane, database, migrated_template
from tests.orchestration.control_plane.tenant import Tenant, new_tenant

__all__ = ["control_plane", "database", "migrated_template"]

pytestmark = pytest.mark.servers

SECRET_NAME = "zz_umsatzgroesse_der_firma"
RULE = FieldRule(SECRET_NAME, "annual_revenue", probability=0.9, decided_by="person")


def stream() -> ObservedStream:
    """Accounts with one field that no name tells anything about."""
    names = ("account_id", "account_name", "website", "industry", "number_of_employees", SECRET_NAME)
    classes = {"text": 30}
    fields = tuple(
        ObservedField(name, "text", sampled_rows=30, classes={"integer": 30} if name == SECRET_NAME else classes)
        for name in names
    )
    return ObservedStream("accounts", fields, ("account_id",))


def share(control_plane: ControlPlane, tenant: Tenant, is_on: bool = True) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.repair_settings.set("ann", share_priors=is_on)


def give(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        give_priors(session, "files", "account", [RULE])


def proposed(control_plane: ControlPlane, tenant: Tenant) -> dict[str, float]:
    """Target of the unknown field -> probability, with what the tenant is told by others."""
    with control_plane.tenant_session(tenant.id) as session:
        shared = shared_priors(session, "files", [field.name for field in stream().fields])
    found = propose_mapping(stream(), "files", (), shared)
    assert found.entity == "account"
    return {each.target: each.probability for each in found.candidates[SECRET_NAME]}


@pytest.fixture
def others(control_plane: ControlPlane) -> list[Tenant]:
    """Five tenants that decided the same and share."""
    made = [new_tenant(control_plane, f"other{number}") for number in range(5)]
    for tenant in made:
        share(control_plane, tenant)
        give(control_plane, tenant)
    return made


def test_what_five_others_decided_is_sure_enough(control_plane: ControlPlane, others: list[Tenant]) -> None:
    newcomer = new_tenant(control_plane, "newcomer")
    before = proposed(control_plane, newcomer).get("annual_revenue", 0.0)
    share(control_plane, newcomer)
    assert before < 0.85 <= proposed(control_plane, newcomer)["annual_revenue"]


def test_who_does_not_share_neither_gets_nor_gives(control_plane: ControlPlane, others: list[Tenant]) -> None:
    silent = new_tenant(control_plane, "silent")
    with control_plane.tenant_session(silent.id) as session:
        assert shared_priors(session, "files", [SECRET_NAME]) == {}
    give(control_plane, silent)
    share(control_plane, others[0], is_on=False)  # and takes back what it gave
    reader = new_tenant(control_plane, "reader")
    share(control_plane, reader)
    with control_plane.tenant_session(reader.id) as session:
        ((prior,),) = shared_priors(session, "files", [SECRET_NAME]).values()
    assert prior.tenants == len(others) - 1


def test_no_name_value_or_tenant_crosses(control_plane: ControlPlane, others: list[Tenant], database: Database) -> None:
    with database.superuser() as connection:
        rows = [dict(row) for row in connection.execute(sa.text("SELECT * FROM field_priors")).mappings()]
    assert len(rows) == len(others)
    told = json.dumps(rows, default=str)
    assert SECRET_NAME not in told
    for tenant in others:
        assert str(tenant.id) not in told and tenant.id.hex not in told
    said = {(row["connector"], row["entity"], row["target"]) for row in rows}
    assert said == {("files", "account", "annual_revenue")}
