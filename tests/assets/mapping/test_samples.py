"""Sample rows of a change: before and now, also where the past has expired, and never a table that is not there."""

from uuid import UUID, uuid4

import pytest

from assets.extract.raw_tables import raw_table
from assets.mapping.rules import FieldRule, StreamMapping, Transform
from assets.mapping.samples import SAMPLES, raw_samples
from assets.normalize.catalog import CANONICAL
from assets.normalize.preview import preview_mapping
from orchestration.resources.lake_session import LakeSession
from tests.lakes import lake, lake_catalog, location, session, tenant_id
from tests.orchestration.commands.drifted import NEW_PHONE, OLD, STREAM, land

__all__ = ["lake", "lake_catalog", "location", "session", "tenant_id"]
pytestmark = pytest.mark.servers


@pytest.fixture
def connection_id() -> UUID:
    return uuid4()


@pytest.fixture
def snapshot_before(session: LakeSession, connection_id: UUID) -> int:
    """Twenty people with a phone, of whom eight then have a mobile instead."""
    table = raw_table(connection_id, STREAM)
    before = [{"id": str(n), "name": f"P{n}", "phone": f"030-{n}"} for n in range(20)]
    snapshot = land(session, table, before, 1)
    land(session, table, [{"id": str(n), "name": f"P{n}", "phone": None, "mobile": f"030-{n}"} for n in range(8)], 2)
    return snapshot


def test_records_of_the_change_come_with_what_they_were(
    session: LakeSession, connection_id: UUID, snapshot_before: int
) -> None:
    rows = raw_samples(session, connection_id, STREAM, ["phone"], ["mobile"], 2, snapshot_before)
    assert len(rows) == SAMPLES
    assert all(int(row.record_id) < 8 for row in rows)
    for row in rows:
        assert row.before == {"phone": f"030-{row.record_id}"}
        assert row.after == {"mobile": f"030-{row.record_id}", "phone": None}
    again = raw_samples(session, connection_id, STREAM, ["phone"], ["mobile"], 2, snapshot_before)
    assert [row.record_id for row in again] == [row.record_id for row in rows]


@pytest.mark.parametrize("snapshot", [None, 0, 99_999])
def test_a_past_that_is_not_kept_is_said_to_be_unknown(
    session: LakeSession, connection_id: UUID, snapshot_before: int, snapshot: int | None
) -> None:
    rows = raw_samples(session, connection_id, STREAM, ["phone"], ["mobile"], 2, snapshot)
    assert [row.before for row in rows] == [None] * SAMPLES


def test_a_field_that_is_nowhere_and_a_stream_that_never_landed_are_no_error(
    session: LakeSession, connection_id: UUID, snapshot_before: int
) -> None:
    rows = raw_samples(session, connection_id, STREAM, ["fax"], ["telex"], 7, snapshot_before)
    assert [(row.before, row.after) for row in rows] == [({}, {})] * SAMPLES
    assert raw_samples(session, uuid4(), STREAM, ["phone"], ["mobile"], 2, snapshot_before) == []


def test_a_mapping_is_previewed_with_what_it_would_reject(
    session: LakeSession, connection_id: UUID, snapshot_before: int
) -> None:
    rows = raw_samples(session, connection_id, STREAM, ["phone"], ["mobile"], 2, snapshot_before)
    keys = [row.key for row in rows]
    fits = StreamMapping(STREAM, "contact", 2, (*OLD[:2], NEW_PHONE, OLD[2]))
    shown = preview_mapping(session, connection_id, fits, CANONICAL, keys, ["phone"])
    assert {record: row.proposed for record, row in shown.items()} == {
        row.record_id: {"phone": f"030-{row.record_id}"} for row in rows
    }
    assert all(row.standing is None and row.problems == () for row in shown.values())
    dated = FieldRule("mobile", "_source_updated_at", Transform("date_format", {"format": "%d.%m.%Y"}))
    fails = StreamMapping(STREAM, "contact", 2, (*OLD[:2], dated))
    shown = preview_mapping(session, connection_id, fails, CANONICAL, keys, ["phone"])
    assert all(row.proposed is None and row.problems[0].startswith("_source_updated_at: ") for row in shown.values())
    raw_only = StreamMapping(STREAM, None, 2, ())
    assert preview_mapping(session, connection_id, raw_only, CANONICAL, keys, ["phone"]) == {}
