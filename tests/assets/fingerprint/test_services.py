"""Shapes of services' streams: a sample proves little, a small window nothing, a declared schema all."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from assets.extract.state import load_states
from assets.fingerprint.drift import diff_stream
from assets.fingerprint.fingerprint import ObservedField, ObservedStream
from assets.fingerprint.observing import observe_stream
from assets.fingerprint.recording import record_sample, record_shape
from connectors.protocol import Field
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.partitions import ConnectionKey
from orchestration.resources.lake_session import LakeSession
from tests.assets.extract.scripted import Row, ScriptedConnector, Syncs, delta, one, stream_of
from tests.lakes import lake, lake_catalog, location, session, tenant_id
from tests.orchestration.control_plane.tenant import Tenant

__all__ = ["lake", "lake_catalog", "location", "session", "tenant_id"]

pytestmark = pytest.mark.servers

MIX = (("integer", 0.97), ("text", 0.03))


@pytest.fixture
def syncs(session: LakeSession) -> Syncs:
    return Syncs(session)


def shape(syncs: Syncs, *, since: int = 1) -> ObservedStream:
    """What the fingerprint sees of the stream now."""
    state = load_states(syncs.session, syncs.connection_id)["people"]
    return observe_stream(syncs.session, ConnectionKey(uuid4(), syncs.connection_id), state, since)


def window(fields: tuple[Field, ...], rows: list[Row], page: int, *, declares_types: bool = True) -> ScriptedConnector:
    stream = stream_of(fields=fields)
    return one(stream, delta(stream, rows, page), declares_types=declares_types)


ID, NAME = Field("id", "text", nullable=False), Field("name", "text")


def test_a_small_window_of_a_source_with_a_schema_is_no_drift_and_a_lost_field_is(syncs: Syncs) -> None:
    syncs.run(window((ID, NAME), [("1", "7"), ("2", None)], 1))
    first = shape(syncs)
    syncs.run(window((ID, NAME), [("3", "Ada")], 2))
    assert diff_stream(first, shape(syncs, since=2)) == ()
    assert {field.name: (field.type, field.nullable) for field in first.fields} == {
        "id": ("text", False),
        "name": ("text", True),
    }
    syncs.run(window((ID,), [("3",)], 3))
    (change,) = diff_stream(first, shape(syncs, since=3))
    assert (change.kind, change.field) == ("removed", "name")


def test_a_window_of_a_source_without_a_schema_may_miss_fields(syncs: Syncs) -> None:
    age = Field("age", "integer", mix=MIX)
    syncs.run(window((ID, NAME, age), [("1", "a", "7"), ("2", "b", "old")], 1, declares_types=False))
    first = shape(syncs)
    syncs.run(window((ID, age), [("3", "8")], 2, declares_types=False))
    assert diff_stream(first, shape(syncs, since=2)) == ()


def test_how_often_a_field_has_which_type_is_kept_from_source_to_shape(syncs: Syncs) -> None:
    age = Field("age", "integer", mix=MIX)
    syncs.run(window((ID, age), [("1", "7"), ("2", "old")], 1, declares_types=False))
    (stored,) = (f for f in load_states(syncs.session, syncs.connection_id)["people"].as_stream().fields if f.mix)
    assert stored == age
    seen = ObservedStream.from_json(shape(syncs).to_json()).field_named("age")
    assert seen is not None
    assert (seen.mix, seen.type, seen.declared) == (MIX, "text", None)


@pytest.fixture
def books(control_plane: ControlPlane, tenant: Tenant) -> Iterator[TenantSession]:
    with control_plane.tenant_session(tenant.id) as opened:
        yield opened


def observed(kind: str, nullable: bool) -> ObservedStream:
    return ObservedStream("people", (ObservedField("age", kind, nullable=nullable, sampled_rows=20),))  # type: ignore[arg-type]


def decided_by(books: TenantSession, connection: UUID) -> str | None:
    found = books.schemas.baseline(connection, "people")
    return None if found is None else found.decided_by


def test_the_first_full_sync_replaces_what_a_sample_showed_without_drift(books: TenantSession, tenant: Tenant) -> None:
    key = ConnectionKey(tenant.id, tenant.connection)
    runs = [books.sync_runs.request(key.connection_id, "test").id]
    narrow, wide = observed("integer", nullable=False), observed("text", nullable=True)
    assert record_sample(books, key, runs[0], narrow, False) == []
    assert decided_by(books, key.connection_id) == "sample"
    assert record_shape(books, key, runs[0], wide, False) == []
    assert decided_by(books, key.connection_id) == "first full sync"
    assert books.drift.open(key.connection_id) == []
    assert record_sample(books, key, runs[0], narrow, False) == []  # held again: nothing is concluded from 20 records
    assert decided_by(books, key.connection_id) == "first full sync"


def test_a_full_sync_of_the_same_shape_settles_the_baseline_too(books: TenantSession, tenant: Tenant) -> None:
    key = ConnectionKey(tenant.id, tenant.connection)
    run = books.sync_runs.request(key.connection_id, "test").id
    narrow = observed("integer", nullable=False)
    record_sample(books, key, run, narrow, False)
    record_sample(books, key, run, narrow, False)
    assert record_shape(books, key, run, narrow, False) == []
    assert decided_by(books, key.connection_id) == "first full sync"
    (change,) = record_shape(books, key, run, ObservedStream("people", ()), False)
    assert (change.kind, change.field) == ("removed", "age")
