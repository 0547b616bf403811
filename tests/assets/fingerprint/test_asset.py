"""What the stage records about a stream: the first shape is the baseline, what differs opens drift once."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from assets.fingerprint.asset import check_drift
from assets.fingerprint.fingerprint import ObservedField, ObservedStream
from assets.fingerprint.recording import record_shape
from connectors.protocol import SourceType
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.drift import DriftRecord
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.partitions import ConnectionKey
from tests.orchestration.control_plane.tenant import Tenant

pytestmark = pytest.mark.servers
Seen = Callable[..., int]


@pytest.fixture
def books(control_plane: ControlPlane, tenant: Tenant) -> Iterator[TenantSession]:
    """The tenant's control plane within one transaction."""
    with control_plane.tenant_session(tenant.id) as session:
        yield session


@pytest.fixture
def seen(books: TenantSession, tenant: Tenant) -> Seen:
    """A sync that sees the stream `deals` with these fields; how many changes it reports."""
    key = ConnectionKey(tenant.id, tenant.connection)
    sync_run_id = books.sync_runs.request(tenant.connection, "test").id

    def sync(*fields: ObservedField, gone: bool = False) -> int:
        return len(record_shape(books, key, sync_run_id, ObservedStream("deals", fields), gone))

    return sync


def column(name: str, kind: SourceType = "text", *, nullable: bool | None = False) -> ObservedField:
    return ObservedField(name, kind, nullable=nullable, sampled_rows=10, classes={"text": 10})


def described(events: list[DriftRecord]) -> set[tuple[str, str]]:
    return {(event.kind, event.field) for event in events}


def baseline(books: TenantSession, connection: UUID) -> str:
    approved = books.schemas.baseline(connection, "deals")
    assert approved is not None
    return approved.digest


def test_the_first_shape_is_the_baseline(books: TenantSession, tenant: Tenant, seen: Seen) -> None:
    assert seen(column("id"), column("amount", "decimal")) == 0
    approved = books.schemas.baseline(tenant.connection, "deals")
    assert approved is not None
    assert approved.decided_by == "first sync"
    assert [field["name"] for field in approved.fields[0]["fields"]] == ["id", "amount"]
    assert books.drift.list(tenant.connection) == []


def test_drift_opens_once_stays_open_and_leaves_the_baseline(books: TenantSession, tenant: Tenant, seen: Seen) -> None:
    seen(column("id"), column("amount", "decimal"))
    before = baseline(books, tenant.connection)
    for _ in range(3):
        assert seen(column("id"), column("total", "decimal")) == 2
    events = list(books.drift.open(tenant.connection))
    assert described(events) == {("removed", "amount"), ("added", "total")}
    assert len(events) == 2
    assert all(event.last_seen_at > event.first_seen_at for event in events)
    assert baseline(books, tenant.connection) == before


def test_drift_stays_open_when_the_old_shape_comes_back(books: TenantSession, tenant: Tenant, seen: Seen) -> None:
    seen(column("id"), column("amount", "decimal"))
    seen(column("id"))
    assert seen(column("id"), column("amount", "decimal")) == 0
    assert described(list(books.drift.open(tenant.connection))) == {("removed", "amount")}


def test_an_approved_shape_is_no_drift_any_more(books: TenantSession, tenant: Tenant, seen: Seen) -> None:
    seen(column("id"))
    seen(column("id"), column("total"))
    (event,) = books.drift.open(tenant.connection)
    newest = books.schemas.latest(tenant.connection, "deals")
    assert newest is not None
    books.schemas.approve(newest.id, "ann")
    books.drift.resolve(event.id, "approved", "ann")
    assert seen(column("id"), column("total")) == 0
    assert books.drift.open(tenant.connection) == []


def test_drift_resolved_without_approval_opens_again(books: TenantSession, tenant: Tenant, seen: Seen) -> None:
    seen(column("id"))
    seen(column("id"), column("total"))
    (event,) = books.drift.open(tenant.connection)
    books.drift.resolve(event.id, "ignored", "ann")
    seen(column("id"), column("total"))
    assert [again.id != event.id for again in books.drift.open(tenant.connection)] == [True]


def test_only_losing_a_mapped_field_is_breaking(books: TenantSession, tenant: Tenant, seen: Seen) -> None:
    seen(column("id"), column("amount", "decimal"), column("colour"))
    rule = {"source": "amount", "target": "amount"}
    books.mappings.save(tenant.connection, "deals", "opportunity", [rule], "test", "policy")
    seen(column("id"))
    events = {event.field: event for event in books.drift.open(tenant.connection)}
    assert {name: event.is_breaking for name, event in events.items()} == {"amount": True, "colour": False}
    warned = check_drift([event for event in events.values() if event.is_breaking])
    assert not warned.passed
    assert warned.metadata.keys() == {"deals.amount"}
    assert check_drift([]).passed


def test_a_stream_that_is_gone_is_one_event(books: TenantSession, tenant: Tenant, seen: Seen) -> None:
    seen(column("id"), column("amount"))
    before = books.schemas.latest(tenant.connection, "deals")
    assert seen(gone=True) == seen(gone=True) == 1
    (event,) = books.drift.open(tenant.connection)
    assert (event.kind, event.field, event.is_breaking) == ("stream_removed", "", False)
    latest = books.schemas.latest(tenant.connection, "deals")
    assert before is not None
    assert latest is not None
    assert latest.id == before.id


def test_a_column_that_was_empty_becomes_known_without_drift(books: TenantSession, tenant: Tenant, seen: Seen) -> None:
    seen(column("id"), column("amount", "unknown", nullable=None))
    before = baseline(books, tenant.connection)
    assert seen(column("id"), column("amount", "decimal", nullable=True)) == 0
    assert baseline(books, tenant.connection) != before
    assert books.drift.open(tenant.connection) == []
