"""The history of a tenant is a chain: nothing in it can be changed without being seen."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import AuditChainBroken
from tests.orchestration.control_plane.databases import Database
from tests.orchestration.control_plane.tenant import Tenant

pytestmark = pytest.mark.servers


def test_events_are_chained_and_survive_what_json_does_to_numbers_and_text(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        first = session.audit.record(
            "a", "s", {"float": 1e22, "one": 1.0, "text": "é\0\ud800", "order": {"b": 1, "a": 2}}, "ann"
        )
        second = session.audit.record("b", "s\0", {}, "ann\0")
        assert second.previous_hash == first.hash
    with control_plane.tenant_session(tenant.id) as session:
        assert session.audit.verify() == 3
        assert [event.seq for event in session.audit.list()] == [3, 2, 1]
        assert [event.seq for event in session.audit.list(limit=1, before_seq=3)] == [2]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_events SET actor = 'somebody else' WHERE seq = 2",
        "UPDATE audit_events SET at = at + interval '1 microsecond' WHERE seq = 2",
        """UPDATE audit_events SET data = '{"n": 3}' WHERE seq = 2""",
        "UPDATE audit_events SET hash = repeat('0', 64) WHERE seq = 3",
        "DELETE FROM audit_events WHERE seq = 2",
        "DELETE FROM audit_events WHERE seq = 1",
    ],
)
def test_a_changed_history_is_seen(
    control_plane: ControlPlane, tenant: Tenant, database: Database, change: str
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        for number in range(3):
            session.audit.record("counted", "s", {"n": number}, "ann")
    with database.superuser() as connection:
        assert connection.execute(sa.text(change)).rowcount == 1
    with control_plane.tenant_session(tenant.id) as session, pytest.raises(AuditChainBroken):
        session.audit.verify()


def test_events_recorded_at_once_make_one_chain(control_plane: ControlPlane, tenant: Tenant) -> None:
    def record(number: int) -> None:
        with control_plane.tenant_session(tenant.id) as session:
            session.audit.record("counted", "s", {"n": number}, "ann")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(record, range(40)))
    with control_plane.tenant_session(tenant.id) as session:
        assert session.audit.verify() == 41
