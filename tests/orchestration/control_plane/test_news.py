"""News of a transaction is told once it is committed, and never of one that was rolled back."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.news import News

pytestmark = pytest.mark.servers


class Heard:
    def __init__(self, control_plane: ControlPlane) -> None:
        self.names: list[str] = []
        self.traces: list[str | None] = []
        self.seen: list[int] = []
        self._control_plane = control_plane
        control_plane.on_commit = self

    def __call__(self, tenant_id: UUID, news: Sequence[News], trace_id: str | None) -> None:
        with self._control_plane.tenant_session(tenant_id) as session:
            self.seen.append(len(session.audit.list()))  # another transaction: it sees what is committed
        self.names += [each.name for each in news]
        self.traces.append(trace_id)


@pytest.fixture
def tenant_id(control_plane: ControlPlane) -> UUID:
    with control_plane.operator_session() as operator:
        return operator.create_tenant("acme", "ann@acme.example", "a hash").id


def test_news_is_heard_after_the_commit_with_the_trace_of_its_cause(
    control_plane: ControlPlane, tenant_id: UUID
) -> None:
    heard = Heard(control_plane)
    with control_plane.tenant_session(tenant_id) as session:
        before = len(session.audit.list())
        session.trace_id = "0" * 32
        session.audit.record("drift.accepted", "connection:1", {}, "ann")
        session.tell("sync.note", {"message": "hello"})
        assert heard.names == []
    assert heard.names == ["drift.accepted", "sync.note"]
    assert (heard.traces, heard.seen) == (["0" * 32], [before + 1])


def test_what_was_rolled_back_is_not_heard_of(control_plane: ControlPlane, tenant_id: UUID) -> None:
    heard = Heard(control_plane)
    with pytest.raises(RuntimeError), control_plane.tenant_session(tenant_id) as session:
        session.audit.record("drift.accepted", "connection:1", {}, "ann")
        raise RuntimeError
    with control_plane.tenant_session(tenant_id) as session:  # most likely on the same pooled connection
        session.audit.list()
    assert heard.names == []


def test_a_request_for_a_sync_is_news(control_plane: ControlPlane, tenant_id: UUID) -> None:
    heard = Heard(control_plane)
    with control_plane.tenant_session(tenant_id) as session:
        connection = session.connections.create("files", "files", {"path": "/"})
        session.sync_runs.request(connection.id, "ann")
    assert heard.names == ["sync.requested"]
