"""Asks Dagster for a run in this process: through the code server and the run storage, not through the webserver.

The id of the run is chosen by the one who asks, so that asking twice for the same work gives one run.
"""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from dagster import DagsterInstance, DagsterRunStatus
from dagster._core.definitions.selector import JobSubsetSelector
from dagster._core.errors import DagsterRunAlreadyExists
from dagster._core.remote_representation.code_location import CodeLocation
from dagster._core.remote_representation.external import RemoteExecutionPlan, RemoteJob
from dagster._core.storage.tags import PARTITION_NAME_TAG
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget

from orchestration.dagster_home import LOCATION

REPOSITORY = "__repository__"  # the name Dagster gives to what `Definitions` holds


class RunRequester:
    """A workspace of its own and the run storage. One per process; not for several threads."""

    def __init__(self, instance: DagsterInstance, workspace: Path) -> None:
        self.instance = instance
        self._context = WorkspaceProcessContext(instance, WorkspaceFileTarget([str(workspace)]))
        self._plans: dict[str, tuple[CodeLocation, RemoteJob, RemoteExecutionPlan]] = {}

    def __enter__(self) -> Self:
        self._context.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._context.__exit__(kind, error, trace)

    def request(self, job: str, run_id: str, partition_key: str, tags: Mapping[str, str]) -> None:
        """Queue a run of a job for a partition, under this id, if it is not queued or done already.

        Raises:
            DagsterError: the code server or the storage cannot be reached; asking again later is safe.
        """
        workspace = self._context.create_request_context()
        location, remote_job, plan = self._plan(job)
        try:
            self.instance.create_run(
                job_name=job,
                run_id=run_id,
                run_config={},
                status=DagsterRunStatus.NOT_STARTED,
                tags={**remote_job.run_tags, PARTITION_NAME_TAG: partition_key, **tags},
                root_run_id=None,
                parent_run_id=None,
                step_keys_to_execute=None,
                execution_plan_snapshot=plan.execution_plan_snapshot,
                job_snapshot=remote_job.job_snapshot,
                parent_job_snapshot=remote_job.parent_job_snapshot,
                asset_selection=None,
                asset_check_selection=None,
                resolved_op_selection=None,
                op_selection=None,
                remote_job_origin=remote_job.get_remote_origin(),
                job_code_origin=remote_job.get_python_origin(),
                asset_graph=location.get_repository(REPOSITORY).asset_graph,
            )
        except DagsterRunAlreadyExists:
            run = self.instance.get_run_by_id(run_id)
            if run is None or run.status is not DagsterRunStatus.NOT_STARTED:
                return
            if run.job_name != job:  # a replay that nobody launched, of which a sync was made meanwhile
                self.instance.delete_run(run_id)
                self.request(job, run_id, partition_key, tags)
                return
        self.instance.submit_run(run_id, workspace)

    def _plan(self, job: str) -> tuple[CodeLocation, RemoteJob, RemoteExecutionPlan]:
        """Job and execution plan of the code as it is loaded now; every partition has the same."""
        location = self._context.create_request_context().get_code_location(LOCATION)
        known = self._plans.get(job)
        if known is not None and known[0] is location:
            return known
        selector = JobSubsetSelector(
            location_name=LOCATION, repository_name=REPOSITORY, job_name=job, op_selection=None
        )
        remote_job = location.get_job(selector)
        plan = location.get_execution_plan(remote_job, {}, None, None, self.instance)
        self._plans[job] = (location, remote_job, plan)
        return self._plans[job]
