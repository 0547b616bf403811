"""Old runs go, with their events; young ones and unfinished ones stay."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from orchestration.retention import KEEP_DAYS, delete_old_runs


def test_each_kind_of_run_is_kept_for_its_time() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        for status in (*KEEP_DAYS, dg.DagsterRunStatus.STARTED):
            instance.add_run(dg.DagsterRun("job", status=status))

        def left(after_days: int) -> set[dg.DagsterRunStatus]:
            delete_old_runs(instance, datetime.now(UTC) + timedelta(days=after_days), budget_s=60)
            return {run.status for run in instance.get_runs()}

        everything = {*KEEP_DAYS, dg.DagsterRunStatus.STARTED}
        assert left(after_days=6) == everything
        assert left(after_days=8) == {dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.STARTED}
        assert left(after_days=31) == {dg.DagsterRunStatus.STARTED}


def test_nothing_is_deleted_without_time() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_run(dg.DagsterRun("job", status=dg.DagsterRunStatus.SUCCESS))
        assert delete_old_runs(instance, datetime.now(UTC) + timedelta(days=99), budget_s=-1) == 0
