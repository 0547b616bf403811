"""Writes how a run ended back to the control plane.

Called by the worker as soon as its run is over, and again by sensors for what no worker lived to report. Writing
twice is harmless: the control plane never overwrites an ending.
"""

from contextlib import suppress
from typing import Literal
from uuid import UUID

from dagster import DagsterEventType, DagsterInstance, DagsterRun, DagsterRunStatus
from dagster._core.storage.tags import PARTITION_NAME_TAG, WILL_RETRY_TAG

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import ControlPlaneError
from orchestration.control_plane.failure import Failure
from orchestration.failures import failure_of
from orchestration.partitions import REFRESH_TAG, SYNC_TAG, TRACE_TAG, ConnectionKey, tenant_of
from orchestration.resources.failure_notes import note_failure

Ending = Literal["succeeded", "failed", "canceled"]
_ENDINGS: dict[DagsterRunStatus, Ending] = {
    DagsterRunStatus.SUCCESS: "succeeded",
    DagsterRunStatus.FAILURE: "failed",
    DagsterRunStatus.CANCELED: "canceled",
}
_TOLD_OF_FAILURES = ("code", "message", "hint", "retryable")
_LOST = Failure("run_lost", "The run was lost and could not be carried on.", "The next sync carries on by itself.")
_UNKNOWN = Failure("run_failed", "The run failed.", "The operator finds the reason in the run's log.")


def ending_of(run: DagsterRun) -> Ending | None:
    """How the run ended; None while it goes on, also as a new run that Dagster will start in its place."""
    if run.status is DagsterRunStatus.FAILURE and run.tags.get(WILL_RETRY_TAG) == "true":
        return None
    return _ENDINGS.get(run.status)


def write_back(control_plane: ControlPlane, instance: DagsterInstance, run: DagsterRun, known_as: str = "") -> bool:
    """Tell the control plane that the run ended, if it has. True when that was news.

    `known_as` is the Dagster run id the control plane knows, when a run died before it said that it took over.
    """
    ending = ending_of(run)
    if ending is None:
        return False
    failure = failure_of_run(instance, run.run_id) if ending == "failed" else None
    news = False
    with control_plane.operator_session() as session:
        if SYNC_TAG in run.tags:
            news = session.sync_finished(known_as or run.run_id, ending, failure)
        elif REFRESH_TAG in run.tags:
            news = session.refresh_finished(known_as or run.run_id, ending, failure)
    if news:
        _tell(control_plane, run, ending, failure)
    return news


def _tell(control_plane: ControlPlane, run: DagsterRun, ending: Ending, failure: Failure | None) -> None:
    """Have people told of what failed for good, and dashboards of the end. It is written, whatever becomes of this."""
    partition = run.tags.get(PARTITION_NAME_TAG, "")
    why = {} if failure is None else {name: getattr(failure, name) for name in _TOLD_OF_FAILURES}
    with suppress(ControlPlaneError, ValueError):
        if SYNC_TAG not in run.tags:
            if ending != "succeeded":  # its end is the publication, which is told by itself
                with control_plane.tenant_session(tenant_of(partition)) as session:
                    session.trace_id = run.tags.get(TRACE_TAG)
                    session.tell(f"refresh.{ending}", {"refresh_id": run.tags[REFRESH_TAG], **why})
            return
        key = ConnectionKey.parse(partition)
        with control_plane.tenant_session(key.tenant_id) as session:
            session.trace_id = run.tags.get(TRACE_TAG)
            sync = session.sync_runs.get(UUID(run.tags[SYNC_TAG]))
            counts = {"read": sync.read, "loaded": sync.loaded, "rejected": sync.rejected}
            ids = {"connection_id": key.connection_id, "sync_run_id": sync.id}
            session.tell(f"sync.{ending}", {**ids, **counts, **why})
            if failure is not None:
                note_failure(session, sync)


def failure_of_run(instance: DagsterInstance, run_id: str) -> Failure:
    """Why a failed run failed, in words for the tenant: the first failed step's, or that its worker was lost."""
    records = instance.get_records_for_run(run_id, of_type=DagsterEventType.STEP_FAILURE, limit=1).records
    if not records:
        return _LOST
    event = records[0].event_log_entry.dagster_event
    user = event.step_failure_data.user_failure_data if event is not None else None
    return (failure_of(dict(user.metadata)) if user is not None else None) or _UNKNOWN
