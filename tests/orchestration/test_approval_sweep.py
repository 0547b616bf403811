"""Repairs nobody decided on in time: escalated, told of, mirrored; with Redis away all but the mirror."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import dagster as dg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from orchestration import sensors
from orchestration.approval_sweep import ESCALATED, escalate_overdue, rebuild_mirror
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.proposals import ProposalRecord
from orchestration.resources.approvals_mirror import ApprovalsMirror, approval_key
from orchestration.resources.events import Events, events_stream
from tests.orchestration.control_plane.tenant import Tenant, new_tenant

pytestmark = pytest.mark.servers


@pytest.fixture
def away() -> Iterator["redis.Redis"]:
    """A client of a Redis that nobody runs."""
    client = redis.Redis(port=1, retry=Retry(NoBackoff(), 0), socket_connect_timeout=1)
    yield client
    client.close()


def propose(control_plane: ControlPlane, tenant: Tenant, **values: Any) -> ProposalRecord:
    rule = {"source": "x", "target": "name", "transform": {"kind": "enum_map", "args": {"map": {"a": "secret value"}}}}
    given = {"status": "open", "probability": 0.7, "base_version": 1, "rules": [rule], **values}
    changes = [{"target": "name", "before": None, "after": rule}]
    with control_plane.tenant_session(tenant.id) as session:
        return session.proposals.add(tenant.connection, "accounts", kind="renamed", changes=changes, **given)


def events_of(broker: "redis.Redis", tenant_id: UUID) -> list[bytes]:
    entries: Any = broker.xrange(events_stream(tenant_id))
    return [entry[b"kind"] for _, entry in entries]


def test_an_overdue_approval_is_escalated_once_and_told_of(
    control_plane: ControlPlane, tenant: Tenant, broker: "redis.Redis"
) -> None:
    now = datetime.now(UTC)
    overdue = propose(control_plane, tenant, expires_at=now - timedelta(hours=1))
    waiting = propose(control_plane, tenant)
    for expected in (1, 0):
        assert escalate_overdue(control_plane, Events(broker), now, 10) == expected
    with control_plane.tenant_session(tenant.id) as session:
        escalated = session.proposals.get(overdue.id)
        assert escalated.status == "open" and escalated.escalated_at is not None
        assert escalated.expires_at == now - timedelta(hours=1) + timedelta(days=7)
        assert session.proposals.get(waiting.id) == waiting
        (note,) = session.notes_outbox.list()
        assert (note.kind, note.payload["proposal_id"], note.payload["connection"]) == (
            "approval", str(overdue.id), "crm",
        )  # fmt: skip
        assert session.audit.list()[0].action == ESCALATED
    assert events_of(broker, tenant.id) == [ESCALATED.encode()]
    # A second silence is told of again.
    again = escalated.expires_at + timedelta(minutes=1)
    assert escalate_overdue(control_plane, Events(broker), again, 10) == 1
    with control_plane.tenant_session(tenant.id) as session:
        assert len([each for each in session.notes_outbox.list() if each.key.startswith(str(overdue.id))]) == 2


def test_one_that_was_long_forgotten_gets_time_to_be_decided(
    control_plane: ControlPlane, tenant: Tenant, broker: "redis.Redis"
) -> None:
    now = datetime.now(UTC)
    overdue = propose(control_plane, tenant, expires_at=now - timedelta(days=60))
    escalate_overdue(control_plane, Events(broker), now, 10)
    with control_plane.tenant_session(tenant.id) as session:
        expires_at = session.proposals.get(overdue.id).expires_at
    assert expires_at is not None and expires_at > now + timedelta(days=3)


def test_without_redis_an_overdue_approval_is_escalated_all_the_same(
    control_plane: ControlPlane, tenant: Tenant, away: "redis.Redis"
) -> None:
    now = datetime.now(UTC)
    overdue = propose(control_plane, tenant, expires_at=now - timedelta(hours=1))
    assert escalate_overdue(control_plane, Events(away), now, 10) == 1
    mirror = ApprovalsMirror(away)
    assert (mirror.put(tenant.id, overdue), mirror.settle(tenant.id, overdue.id), mirror.list(tenant.id)) == (
        False, False, [],
    )  # fmt: skip
    assert rebuild_mirror(control_plane, mirror, None, 10) is None
    with control_plane.tenant_session(tenant.id) as session:
        assert session.proposals.get(overdue.id).escalated_at is not None


def test_the_mirror_shows_open_ones_until_they_expire_and_no_values(
    control_plane: ControlPlane, tenant: Tenant, broker: "redis.Redis"
) -> None:
    mirror = ApprovalsMirror(broker)
    proposal = propose(control_plane, tenant)
    assert mirror.put(tenant.id, proposal)
    (shown,) = mirror.list(tenant.id)
    assert (shown["id"], shown["targets"], shown["kind"]) == (str(proposal.id), ["name"], "renamed")
    assert b"secret value" not in (broker.get(approval_key(tenant.id, proposal.id)) or b"")  # type: ignore[operator]
    left_s: Any = broker.ttl(approval_key(tenant.id, proposal.id))
    assert timedelta(days=7) - timedelta(minutes=1) <= timedelta(seconds=left_s) <= timedelta(days=7)
    assert mirror.list(new_tenant(control_plane, "other").id) == []
    assert mirror.settle(tenant.id, proposal.id)
    assert mirror.list(tenant.id) == []
    mirror.put(tenant.id, proposal)
    with control_plane.tenant_session(tenant.id) as session:
        mirror.put(tenant.id, session.proposals.settle(proposal.id, "rejected", "ann"))
    assert mirror.list(tenant.id) == []


def test_a_lost_mirror_is_rebuilt_and_what_is_decided_leaves_it(
    control_plane: ControlPlane, tenant: Tenant, broker: "redis.Redis"
) -> None:
    others = [new_tenant(control_plane, f"tenant{n}") for n in range(3)]
    owners = [tenant, *others]
    proposals = {owner.id: propose(control_plane, owner) for owner in owners}
    mirror = ApprovalsMirror(broker)

    def rebuild() -> None:
        after = rebuild_mirror(control_plane, mirror, None, 2)
        while after is not None:
            after = rebuild_mirror(control_plane, mirror, after, 2)

    rebuild()
    assert {owner.id: [each["id"] for each in mirror.list(owner.id)] for owner in owners} == {
        owner: [str(proposal.id)] for owner, proposal in proposals.items()
    }
    with control_plane.tenant_session(tenant.id) as session:  # decided by somebody who told no mirror
        session.proposals.settle(proposals[tenant.id].id, "rejected", "ann")
    rebuild()
    assert mirror.list(tenant.id) == []
    broker.flushdb()
    rebuild()
    assert [len(mirror.list(owner.id)) for owner in owners] == [0, 1, 1, 1]


def test_the_sensor_escalates_and_mirrors(control_plane: ControlPlane, tenant: Tenant, broker: "redis.Redis") -> None:
    overdue = propose(control_plane, tenant, expires_at=datetime.now(UTC) - timedelta(hours=1))
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance)
        result = sensors.expiring_approvals(context, control_plane=control_plane, events=Events(broker))
    assert isinstance(result, dg.SensorResult)
    assert str(result.skip_reason).count("1 escalated") == 1 and not result.cursor
    assert [each["id"] for each in ApprovalsMirror(broker).list(tenant.id)] == [str(overdue.id)]


def test_a_deleted_connections_approvals_do_not_keep_the_sweep_busy(
    control_plane: ControlPlane, tenant: Tenant, broker: "redis.Redis"
) -> None:
    propose(control_plane, tenant, expires_at=datetime.now(UTC) - timedelta(hours=1))
    with control_plane.tenant_session(tenant.id) as session:
        session.connections.delete(tenant.connection)
    assert escalate_overdue(control_plane, Events(broker), datetime.now(UTC), 10) == 0
    with control_plane.operator_session() as operator:
        assert operator.expiring_approvals(datetime.now(UTC), 10) == []
