"""When upkeep runs. Syncs have no schedule here: each connection has its own, swept by `due_connections`."""

import dagster as dg

from orchestration.jobs import clean_lakes, compact_lakes, keep_audit_heads, remove_old_runs, remove_publications

# On odd minutes, so that they do not start together with what people schedule on the hour.
SCHEDULES = tuple(
    dg.ScheduleDefinition(job=job, cron_schedule=cron, default_status=dg.DefaultScheduleStatus.RUNNING)
    for job, cron in (
        (remove_old_runs, "23 * * * *"),
        (remove_publications, "*/20 * * * *"),
        (compact_lakes, "41 1 * * *"),
        (clean_lakes, "11 3 * * *"),
        (keep_audit_heads, "31 0 * * *"),
    )
)
