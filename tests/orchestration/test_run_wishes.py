"""A run is tagged with the trace of the request it comes from, so that both can be found by one id."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.dispatch import ClaimedRefresh, ClaimedSync
from orchestration.partitions import TRACE_TAG
from orchestration.run_wishes import RunWish
from tests.orchestration.control_plane.databases import Database, database, migrated_template

__all__ = ["database", "migrated_template"]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    "claim",
    [
        ClaimedSync(uuid4(), uuid4(), uuid4(), "jane@acme.example", NOW, trace_id=TRACE),
        ClaimedRefresh(uuid4(), uuid4(), NOW, trace_id=TRACE),
    ],
    ids=["sync", "refresh"],
)
def test_the_trace_is_a_tag_of_the_run(claim: ClaimedSync | ClaimedRefresh) -> None:
    assert RunWish.of(claim).tags[TRACE_TAG] == TRACE


def test_without_a_trace_there_is_no_tag() -> None:
    assert TRACE_TAG not in RunWish.of(ClaimedRefresh(uuid4(), uuid4(), NOW)).tags


@pytest.mark.servers
def test_a_claim_carries_the_trace_of_the_first_request_that_had_one(database: Database) -> None:
    control_plane: ControlPlane = database.control_plane()
    with control_plane.operator_session() as operator:
        tenant_id = operator.create_tenant("traced", "owner@traced.example", "a hash").id
    with control_plane.tenant_session(tenant_id) as session:
        connection = session.connections.create("crm", "files", {})
        session.sync_runs.request(connection.id, "schedule")
        session.sync_runs.request(connection.id, "jane", trace_id=TRACE)
        joined = session.sync_runs.request(connection.id, "joe", trace_id="0" * 31 + "1")
        session.refreshes.request(trace_id=TRACE)
    with control_plane.operator_session() as operator:
        (sync,), (refresh,) = operator.claim_syncs(5), operator.claim_refreshes(5)
    control_plane.dispose()
    assert (joined.trace_id, sync.trace_id, refresh.trace_id) == (TRACE, TRACE, TRACE)
