"""What a claimed sync, replay or refresh wants of Dagster: which job, which partition, under which run id and tags."""

from collections.abc import Mapping
from dataclasses import dataclass

import dagster as dg

from orchestration.control_plane.dispatch import ClaimedRefresh, ClaimedSync
from orchestration.jobs import refresh_views, replay_connection, sync_connection
from orchestration.partitions import (
    CONNECTION_TAG,
    REFRESH_TAG,
    REFRESHED_TENANT_TAG,
    SYNC_TAG,
    TENANT_TAG,
    TRACE_TAG,
    ConnectionKey,
    connections,
    tenants,
)
from orchestration.rebuild import rebuild_tenant

SCHEDULED_PRIORITY, PERSON_PRIORITY, REFRESH_PRIORITY = 0, 5, 10


@dataclass(frozen=True, slots=True)
class RunWish:
    """`run_id` is the id of the claim itself: whoever asks for it again asks for the same run."""

    job: str
    partitions: dg.DynamicPartitionsDefinition
    partition_key: str
    run_id: str
    tags: Mapping[str, str]

    @classmethod
    def of(cls, claim: ClaimedSync | ClaimedRefresh) -> "RunWish":
        return _sync(claim) if isinstance(claim, ClaimedSync) else _refresh(claim)


def _sync(claim: ClaimedSync) -> RunWish:
    priority = SCHEDULED_PRIORITY if claim.requested_by == "schedule" else PERSON_PRIORITY
    tags = {
        TENANT_TAG: str(claim.tenant_id),
        CONNECTION_TAG: str(claim.connection_id),
        SYNC_TAG: str(claim.sync_run_id),
        "dagster/priority": str(priority),
        **_trace(claim),
    }
    key = str(ConnectionKey(claim.tenant_id, claim.connection_id))
    job = replay_connection if claim.kind == "replay" else sync_connection
    return RunWish(job.name, connections, key, str(claim.sync_run_id), tags)


def _refresh(claim: ClaimedRefresh) -> RunWish:
    tenant_id = str(claim.tenant_id)
    tags = {
        TENANT_TAG: tenant_id,
        REFRESHED_TENANT_TAG: tenant_id,
        REFRESH_TAG: str(claim.refresh_id),
        "dagster/priority": str(REFRESH_PRIORITY),
        **_trace(claim),
    }
    job = rebuild_tenant if claim.anew else refresh_views
    return RunWish(job.name, tenants, tenant_id, str(claim.refresh_id), tags)


def _trace(claim: ClaimedSync | ClaimedRefresh) -> dict[str, str]:
    return {TRACE_TAG: claim.trace_id} if claim.trace_id else {}
