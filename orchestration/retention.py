"""How long Dagster's own records are kept: runs with their events, in bounded portions.

A busy platform makes a hundred thousand runs a day; the control plane keeps the history people look at.
"""

import time
from datetime import UTC, datetime, timedelta

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

KEEP_DAYS = {DagsterRunStatus.SUCCESS: 7, DagsterRunStatus.CANCELED: 7, DagsterRunStatus.FAILURE: 30}
PORTION = 200


def delete_old_runs(instance: DagsterInstance, now: datetime, budget_s: float) -> int:
    """Delete runs past their time, oldest first, until the budget is used up. Returns how many."""
    deadline = time.monotonic() + budget_s
    deleted = 0
    for status, days in KEEP_DAYS.items():
        expired = RunsFilter(statuses=[status], created_before=now.astimezone(UTC) - timedelta(days=days))
        while time.monotonic() < deadline:
            runs = instance.get_run_records(expired, limit=PORTION, ascending=True)
            for record in runs:
                instance.delete_run(record.dagster_run.run_id)
                deleted += 1
            if len(runs) < PORTION:
                break
    return deleted
