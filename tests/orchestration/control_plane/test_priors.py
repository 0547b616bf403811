"""Priors between tenants: only among those who share, only hashes, taken back when sharing ends."""

import json
from uuid import UUID

import pytest
import sqlalchemy as sa

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import MasterKeyInvalid
from orchestration.control_plane.priors import Prior
from orchestration.control_plane.provisioning import APP
from orchestration.control_plane.sealing import Sealer
from tests.orchestration.control_plane.databases import MASTER_KEY, Database
from tests.orchestration.control_plane.tenant import Tenant, new_tenant

pytestmark = pytest.mark.servers


def share(control_plane: ControlPlane, tenant: Tenant, *fields: str, target: str = "name") -> list[str]:
    """Have a tenant share, and give what its fields became."""
    with control_plane.tenant_session(tenant.id) as session:
        session.repair_settings.set("ann", share_priors=True)
        hashes = [session.priors.field_hash("salesforce", field) for field in fields]
        session.priors.contribute("salesforce", [(each, "account", target) for each in hashes])
    return hashes


def looked_up(
    control_plane: ControlPlane, tenant: Tenant, hashes: list[str], connector: str = "salesforce"
) -> list[Prior]:
    with control_plane.tenant_session(tenant.id) as session:
        return list(session.priors.look_up(connector, hashes))


def stored(database: Database) -> list[dict[str, str]]:
    with database.superuser() as connection:
        return [dict(row) for row in connection.execute(sa.text("SELECT * FROM field_priors")).mappings()]


def test_those_who_share_learn_what_others_made_of_a_field(control_plane: ControlPlane, tenant: Tenant) -> None:
    second, third = new_tenant(control_plane, "second"), new_tenant(control_plane, "third")
    hashes = share(control_plane, tenant, "Firma_Name__c")
    share(control_plane, second, "firma name (c)")  # the same name to a reader
    share(control_plane, third, "Firma_Name__c", target="industry")
    assert looked_up(control_plane, third, hashes) == [Prior(hashes[0], "account", "name", 2)]
    assert looked_up(control_plane, tenant, hashes) == [
        Prior(hashes[0], "account", "industry", 1), Prior(hashes[0], "account", "name", 1),
    ]  # fmt: skip
    assert looked_up(control_plane, third, hashes, connector="mongodb") == []
    assert looked_up(control_plane, third, []) == []


def test_a_tenant_that_does_not_share_neither_gives_nor_gets(
    control_plane: ControlPlane, database: Database, tenant: Tenant
) -> None:
    private = new_tenant(control_plane, "private")
    hashes = share(control_plane, tenant, "Firma")
    assert looked_up(control_plane, private, hashes) == []
    with control_plane.tenant_session(private.id) as session:
        assert session.priors.contribute("salesforce", [(hashes[0], "account", "name")]) == 0
    assert len(stored(database)) == 1


def test_who_stops_sharing_takes_back_what_was_given(
    control_plane: ControlPlane, database: Database, tenant: Tenant
) -> None:
    other = new_tenant(control_plane, "other")
    hashes = share(control_plane, tenant, "Firma", "Ort")
    share(control_plane, other, "Firma")
    with control_plane.tenant_session(tenant.id) as session:
        assert session.priors.contribute("salesforce", [(hashes[0], "account", "name")]) == 0  # given already
        session.repair_settings.set("ann", two_person=True)
    assert len(stored(database)) == 3
    with control_plane.tenant_session(tenant.id) as session:
        session.repair_settings.set("ann", share_priors=False)
    assert len(stored(database)) == 1
    assert looked_up(control_plane, other, hashes) == []
    with control_plane.tenant_session(other.id) as session:
        assert session.priors.withdraw() == 1


def test_nothing_in_the_table_tells_a_tenant_a_name_or_a_value(
    control_plane: ControlPlane, database: Database, tenant: Tenant
) -> None:
    """Read with the rights of a superuser, and tried out with everything but the key."""
    with control_plane.tenant_session(tenant.id) as session:
        session.repair_settings.set("ann", share_priors=True)
        session.custom_entities.declare("zebra_order", "zebra_orders", [], [], "ann")
        rules = [
            {"source": "ZebraSecret", "target": "name", "transform": {"kind": "enum_map", "args": {"x": "Geheim"}}}
        ]
        session.mappings.save(tenant.connection, "zebras", "account", rules, "by hand", "ann")
        field = session.priors.field_hash("files", "ZebraSecret")
        given = session.priors.contribute(
            "files",
            [
                (field, "account", "name"),
                (field, "zebra_order", "stripes"),  # an entity of the tenant's own: its name is the tenant's word
                (field, "account", "Geheim!"),  # no word of a model
                (field, "Kunde Geheim", "name"),
            ],
        )
        assert given == 1
    (row,) = stored(database)
    assert row.keys() == {"contributor", "connector", "field_hash", "entity", "target"}
    text = json.dumps(row).lower()
    for secret in (str(tenant.id), tenant.id.hex, str(tenant.connection), "acme", "zebra", "geheim", "stripes"):
        assert secret not in text
    guesses = Sealer(bytes(reversed(MASTER_KEY)))  # another key
    assert guesses.keyed_hash("prior contributor", str(tenant.id)) != row["contributor"]
    assert guesses.keyed_hash("field prior", "files\0zebrasecret") != row["field_hash"]


def test_the_key_is_needed_to_give_and_to_ask(control_plane: ControlPlane, database: Database, tenant: Tenant) -> None:
    hashes = share(control_plane, tenant, "Firma")
    keyless = ControlPlane(database.url(APP))
    with keyless.tenant_session(tenant.id) as session, pytest.raises(MasterKeyInvalid, match="master key"):
        session.priors.look_up("salesforce", hashes)
    keyless.dispose()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Account Name", "account_name", True),
        ("STRASSE", "straße", True),
        ("Café", "Cafe\u0301", True),
        ("name", "name2", False),
        ("__", "--", False),
        ("電話", "電話番号", False),
    ],
)
def test_names_that_read_the_same_have_one_hash(
    control_plane: ControlPlane, tenant: Tenant, one: str, other: str, same: bool
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        hashes = [session.priors.field_hash("files", name) for name in (one, other)]
        assert (hashes[0] == hashes[1]) is same
        assert session.priors.field_hash("mongodb", one) != hashes[0]


def test_tenants_share_many_fields_at_once(control_plane: ControlPlane, tenant: Tenant) -> None:
    other = new_tenant(control_plane, "other")
    hashes = share(control_plane, tenant, *(f"field {n}" for n in range(2000)))
    share(control_plane, other, "none of these")
    found = looked_up(control_plane, other, hashes)
    assert {prior.field_hash for prior in found} == set(hashes)
    assert isinstance(other.id, UUID) and {prior.tenants for prior in found} == {1}
