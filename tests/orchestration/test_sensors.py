"""Each sensor's tick against a real control plane."""

from collections.abc import Iterator

import dagster as dg
import pytest
import redis
import sqlalchemy as sa

from orchestration import sensors
from orchestration.control_plane.database import ControlPlane
from orchestration.dispatcher import ALIVE_KEY
from orchestration.resources.events import Events
from tests.orchestration.control_plane.databases import Database
from tests.orchestration.control_plane.tenant import Tenant, new_tenant

pytestmark = pytest.mark.servers


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def statuses(control_plane: ControlPlane, tenant: Tenant) -> list[tuple[str, str]]:
    with control_plane.tenant_session(tenant.id) as session:
        return [(run.status, run.requested_by) for run in session.sync_runs.list()]


def register(control_plane: ControlPlane, instance: dg.DagsterInstance, cursor: str | None) -> dg.SensorResult:
    context = dg.build_sensor_context(instance=instance, cursor=cursor)
    result = sensors.register_partitions(context, control_plane=control_plane)
    assert isinstance(result, dg.SensorResult)
    for change in result.dynamic_partitions_requests or []:
        name, keys = change.partitions_def_name, list(change.partition_keys)
        if isinstance(change, dg.AddDynamicPartitionsRequest):
            instance.add_dynamic_partitions(name, keys)
        else:
            [instance.delete_dynamic_partition(name, key) for key in keys]
    return result


def test_partitions_follow_tenants_and_connections(control_plane: ControlPlane, instance: dg.DagsterInstance) -> None:
    first, second = new_tenant(control_plane, "first"), new_tenant(control_plane, "second")
    result = register(control_plane, instance, None)
    assert set(instance.get_dynamic_partitions("tenants")) == {str(first.id), str(second.id)}
    assert set(instance.get_dynamic_partitions("connections")) == {
        f"{first.id}/{first.connection}", f"{second.id}/{second.connection}",
    }  # fmt: skip
    unchanged = register(control_plane, instance, result.cursor)
    assert unchanged.dynamic_partitions_requests == []
    with control_plane.tenant_session(first.id) as session:
        session.connections.delete(first.connection)
    register(control_plane, instance, result.cursor)
    assert instance.get_dynamic_partitions("connections") == [f"{second.id}/{second.connection}"]


def test_what_is_due_is_requested_once(
    control_plane: ControlPlane, tenant: Tenant, instance: dg.DagsterInstance
) -> None:
    for _ in range(2):
        sensors.due_connections(dg.build_sensor_context(instance=instance), control_plane=control_plane)
    assert statuses(control_plane, tenant) == [("requested", "schedule")]


def test_stale_tenants_get_one_refresh(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.tenants.mark_stale()
    for _ in range(2):
        sensors.stale_tenants(control_plane=control_plane)
    with control_plane.operator_session() as session:
        assert [claim.tenant_id for claim in session.claim_refreshes(10)] == [tenant.id]


def test_requests_wait_for_a_living_dispatcher_and_are_launched_without_one(
    control_plane: ControlPlane, tenant: Tenant, instance: dg.DagsterInstance, broker: "redis.Redis"
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        sync_run_id = session.sync_runs.request(tenant.connection, "ann").id

    broker.set(ALIVE_KEY, "1")
    skipped = sensors.unheard_requests(control_plane=control_plane, events=Events(broker))
    assert isinstance(skipped, dg.SkipReason)
    broker.delete(ALIVE_KEY)
    result = sensors.unheard_requests(control_plane=control_plane, events=Events(broker))
    assert isinstance(result, dg.SensorResult)
    assert [(r.run_key, r.partition_key) for r in result.run_requests or []] == [
        (str(sync_run_id), f"{tenant.id}/{tenant.connection}")
    ]


def test_one_tick_requests_thousands_of_due_connections(
    database: Database, control_plane: ControlPlane, tenant: Tenant, instance: dg.DagsterInstance
) -> None:
    with database.superuser() as connection:
        columns = list(
            connection.execute(
                sa.text(
                    "SELECT attname FROM pg_attribute WHERE attrelid = 'connections'::regclass AND attnum > 0"
                    " AND NOT attisdropped AND attgenerated = '' AND attname NOT IN ('id', 'name', 'change_seq')"
                )
            ).scalars()
        )
        listed = ", ".join(columns)
        connection.execute(
            sa.text(
                f"INSERT INTO connections (id, name, {listed}) SELECT gen_random_uuid(), 'copy ' || n, {listed}"
                " FROM connections, generate_series(1, 4000) n"
            )
        )
    context = dg.build_sensor_context(instance=instance)
    result = sensors.due_connections(context, control_plane=control_plane)
    assert isinstance(result, dg.SensorResult)
    assert str(result.skip_reason).count("4001 syncs requested") == 1
    assert len(statuses(control_plane, tenant)) == 50
