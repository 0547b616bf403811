"""The first mapping of a stream is made by itself, and what a person decided is used for the next connection."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import dagster as dg
import pytest

from assets.fingerprint.fingerprint import ObservedStream
from assets.fingerprint.recording import FROM_FULL_SYNC, FROM_SAMPLE
from assets.knowledge.meanings import count_meanings, store_meanings
from assets.mapping.asset import column_lineage, describe, load_mappings, map_new_streams, remembered_decisions
from assets.mapping.candidates import Decision
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.tenant_session import TenantSession
from tests.assets.canonical_rows import local_lake
from tests.orchestration.control_plane.tenant import Tenant

pytestmark = pytest.mark.servers
COMPANIES = "hs_object_id@integer; name; website; numberofemployees@integer; hs_lastmodifieddate@timestamp; zq17"


@pytest.fixture
def books(control_plane: ControlPlane, tenant: Tenant) -> Iterator[TenantSession]:
    """The tenant's control plane within one transaction."""
    with control_plane.tenant_session(tenant.id) as session:
        yield session


def approve(books: TenantSession, connection: UUID, stream: ObservedStream, decided_by: str = "first sync") -> None:
    """Make the shape the stream's baseline, as the first sync does."""
    record = books.schemas.record(connection, stream.name, f"{decided_by} {stream.digest}", [stream.to_json()])
    books.schemas.approve(record.id, decided_by)


def targets(books: TenantSession, connection: UUID, stream: str = "companies") -> dict[str, str]:
    """Source field -> target of the mapping in force."""
    return {rule.source: rule.target for rule in load_mappings(books, connection)[stream].rules}


def test_a_new_stream_gets_its_first_mapping_and_keeps_it(
    books: TenantSession, tenant: Tenant, shape: Callable[..., ObservedStream]
) -> None:
    approve(books, tenant.connection, shape("companies", COMPANIES, ("hs_object_id",)))
    (made,) = map_new_streams(books, tenant.connection, list)
    assert (made.entity, made.version, made.decided_by) == ("account", 1, "policy")
    first = targets(books, tenant.connection)
    assert first["name"] == "name"
    assert "zq17" not in first
    (event,) = [event for event in books.audit.list() if event.action == "mapping.applied"]
    assert "zq17" in event.data["unmapped"]
    approve(books, tenant.connection, shape("companies", "other@integer; columns"))
    assert map_new_streams(books, tenant.connection, list) == []
    assert targets(books, tenant.connection) == first


def test_what_a_sample_told_is_mapped_anew_once_the_stream_was_read_whole(
    books: TenantSession, tenant: Tenant, shape: Callable[..., ObservedStream]
) -> None:
    approve(books, tenant.connection, shape("companies", "hs_object_id@integer; zq17", ("hs_object_id",)), FROM_SAMPLE)
    (first,) = map_new_streams(books, tenant.connection, list)
    assert map_new_streams(books, tenant.connection, list) == []
    approve(books, tenant.connection, shape("companies", COMPANIES, ("hs_object_id",)), FROM_FULL_SYNC)
    (anew,) = map_new_streams(books, tenant.connection, list)
    assert (anew.entity, anew.version, anew.decided_by) == ("account", 2, "policy")
    assert len(anew.rules) > len(first.rules)
    assert map_new_streams(books, tenant.connection, list) == []


def test_a_persons_mapping_of_a_sample_is_kept(
    books: TenantSession, tenant: Tenant, shape: Callable[..., ObservedStream]
) -> None:
    approve(books, tenant.connection, shape("companies", COMPANIES, ("hs_object_id",)), FROM_SAMPLE)
    (made,) = map_new_streams(books, tenant.connection, list)
    books.mappings.save(tenant.connection, "companies", "account", made.rules[:2], "a person knows", "ann")
    approve(books, tenant.connection, shape("companies", COMPANIES, ("hs_object_id",)), FROM_FULL_SYNC)
    assert map_new_streams(books, tenant.connection, list) == []


def test_a_stream_that_fits_no_entity_is_mapped_to_none_and_shown(
    books: TenantSession, tenant: Tenant, shape: Callable[..., ObservedStream]
) -> None:
    approve(books, tenant.connection, shape("qqq", "zq17; zq18; zq19"))
    (made,) = map_new_streams(books, tenant.connection, list)
    assert (made.entity, made.rules) == (None, [])
    assert map_new_streams(books, tenant.connection, list) == []


def test_a_persons_decision_is_used_for_the_next_connection(
    books: TenantSession, tenant: Tenant, shape: Callable[..., ObservedStream], tmp_path: Path
) -> None:
    approve(books, tenant.connection, shape("companies", COMPANIES, ("hs_object_id",)))
    (made,) = map_new_streams(books, tenant.connection, list)
    transform = {"kind": "cast", "args": {}}
    decided = {"source": "zq17", "target": "industry", "transform": transform, "decided_by": "person"}
    books.mappings.save(tenant.connection, "companies", "account", [*made.rules, decided], "a person knows", "ann")
    with local_lake(tmp_path) as session:
        assert remembered_decisions(session) == []
        meanings = count_meanings(books.mappings.memory())
        session.transaction(lambda s: store_meanings(s, meanings))
        memory = remembered_decisions(session)
    assert Decision("account", "zq17", "industry") in [
        Decision(item.entity, item.source, item.target) for item in memory if item.decided_by == "person"
    ]
    next_one = books.connections.create("second crm", "files", {"path": "/second"}).id
    approve(books, next_one, shape("companies", COMPANIES, ("hs_object_id",)))
    map_new_streams(books, next_one, lambda: memory)
    assert targets(books, next_one) == targets(books, tenant.connection)
    assert targets(books, next_one)["zq17"] == "industry"


def test_the_policys_own_decisions_confirm_nothing(
    books: TenantSession, tenant: Tenant, shape: Callable[..., ObservedStream]
) -> None:
    approve(books, tenant.connection, shape("companies", COMPANIES, ("hs_object_id",)))
    map_new_streams(books, tenant.connection, lambda: [Decision("account", "zq17", "industry", decided_by="policy")])
    assert "zq17" not in targets(books, tenant.connection)


def test_lineage_and_the_table_for_people_name_every_rule(
    books: TenantSession, tenant: Tenant, shape: Callable[..., ObservedStream]
) -> None:
    approve(books, tenant.connection, shape("companies", COMPANIES, ("hs_object_id",)))
    made = map_new_streams(books, tenant.connection, list)
    lineage = column_lineage([*made, *made]).deps_by_column
    raw = dg.AssetKey(["extract", "raw_records"])
    assert lineage["account.name"] == [dg.TableColumnDep(asset_key=raw, column_name="companies.name")]
    assert "| companies | v1 | account | name | name |" in describe(made)
