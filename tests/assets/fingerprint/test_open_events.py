"""A change stays one event however often it is seen, and becomes another only when more is known."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from assets.fingerprint.drift import settle_event
from assets.fingerprint.fingerprint import ObservedStream
from assets.fingerprint.pairs import load_pairs
from assets.fingerprint.recording import record_shape
from assets.fingerprint.renamed_streams import find_renamed_streams
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.drift import DriftRecord
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.partitions import ConnectionKey
from orchestration.resources.lake_session import LakeSession
from tests.assets.fingerprint.source_play import Columns, Source, customers, renamed
from tests.lakes import lake, lake_catalog, location, session, tenant_id
from tests.orchestration.control_plane.tenant import Tenant

__all__ = ["lake", "lake_catalog", "location", "session", "tenant_id"]

pytestmark = pytest.mark.servers

BEFORE = customers()


class Watched:
    """The source with its events in the control plane."""

    def __init__(self, session: LakeSession, books: TenantSession, tenant: Tenant) -> None:
        self.source = Source(session)
        self.source.connection = self.key = ConnectionKey(tenant.id, tenant.connection)
        self.books = books
        self.run = books.sync_runs.request(tenant.connection, "test").id

    def sync(self, columns: Columns) -> dict[tuple[str, str], DriftRecord]:
        """Land and look; the events open afterwards by kind and field."""
        observed, window = self.source.sync(columns)
        opened = self.books.drift.open(self.key.connection_id)
        record_shape(self.books, self.key, self.run, observed, False, window, opened)
        return {(event.kind, event.field): event for event in self.books.drift.open(self.key.connection_id)}


@pytest.fixture
def watched(session: LakeSession, control_plane: ControlPlane, tenant: Tenant) -> Iterator[Watched]:
    with control_plane.tenant_session(tenant.id) as books:
        yield Watched(session, books, tenant)


def test_a_rename_seen_again_is_the_same_event(watched: Watched) -> None:
    watched.sync(BEFORE)
    after = renamed(BEFORE, email="mail")
    first = watched.sync(after)
    assert set(first) == {("renamed", "email")}
    event = first["renamed", "email"]
    assert (event.fields_before, event.fields_after, event.first_version) == (["email"], ["mail"], 2)
    later = watched.sync({name: texts[:3] for name, texts in after.items()} | {"phone": ["1", "2", "3"]})
    again = watched.sync(after | {"phone": [f"+1 {i}" for i in range(120)]})
    assert set(later) == set(again) == {("renamed", "email")}
    assert again["renamed", "email"].id == event.id
    assert again["renamed", "email"].first_version == 2
    assert again["renamed", "email"].probability == event.probability


def test_what_too_few_records_showed_becomes_a_rename_with_more(watched: Watched) -> None:
    watched.sync(BEFORE)
    after = renamed(BEFORE, email="mail")
    few = watched.sync({name: texts[:3] for name, texts in after.items()})
    assert set(few) == {("removed", "email"), ("added", "mail")}
    assert few["removed", "email"].evidence["too_little"]
    assert set(watched.sync(after)) == {("renamed", "email")}
    closed = watched.books.drift.get(few["removed", "email"].id)
    assert closed.resolution == "seen as renamed email -> mail"


def test_an_accepted_event_is_no_drift_any_more(watched: Watched) -> None:
    watched.sync(BEFORE)
    cents = BEFORE | {"revenue": [str(round(float(str(text)) * 100)) for text in BEFORE["revenue"]]}
    events = watched.sync(cents)
    assert set(events) == {("unit", "revenue")}
    schemas, connection = watched.books.schemas, watched.key.connection_id
    baseline, latest = schemas.baseline(connection, "people"), schemas.latest(connection, "people")
    assert baseline is not None and latest is not None and latest.id != baseline.id
    approved, seen = (ObservedStream.from_json(record.fields[0]) for record in (baseline, latest))
    settled = settle_event(approved, seen, events["unit", "revenue"])
    assert settled.digest == approved.digest
    assert settled.field_named("revenue") != approved.field_named("revenue")
    assert settled.field_named("email") == approved.field_named("email")


def test_a_stream_under_another_name_is_known_by_keys_and_values(session: LakeSession) -> None:
    connection, shapes = uuid4(), []
    for stream, columns in (("people", BEFORE), ("persons", BEFORE), ("other", customers(seed=9))):
        source = Source(session)
        source.connection = ConnectionKey(uuid4(), connection)
        observed, _ = source.sync(columns, stream)
        shapes.append(observed)
    old, same, other = shapes
    (change,) = find_renamed_streams(session, connection, [old], [other, same])
    assert (change.kind, change.stream, change.evidence["renamed_to"]) == ("stream_renamed", "people", "persons")
    assert change.probability > 0.85
    assert find_renamed_streams(session, connection, [old], [other]) == []


def test_a_snapshot_that_is_gone_tells_nothing_and_breaks_nothing(session: LakeSession) -> None:
    source = Source(session)
    source.sync(BEFORE)
    _, window = source.sync(renamed(BEFORE, email="mail"))
    assert window.snapshot_before is not None
    assert load_pairs(session, window.table, 14, 2, window.snapshot_before) is not None
    assert load_pairs(session, window.table, 14, 2, 99_999) is None
    assert load_pairs(session, window.table, 14, 2, 0) is None
