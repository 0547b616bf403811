"""What the platform notices by itself: new connections, due syncs, stale views, and runs nobody reported on.

Ticks come every five seconds at best, so nobody waits for them: the dispatcher launches requests at once. Each tick is
bounded in time and number and goes on where the last one stopped. The arithmetic is in `sweeping.py`.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import dagster as dg
import redis

from orchestration.approval_sweep import escalate_overdue, rebuild_mirror
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.dispatch import ActiveRun, ClaimedRefresh, ClaimedSync
from orchestration.dispatcher import ALIVE_KEY, REFRESHES_AT_ONCE
from orchestration.jobs import ASSET_JOBS, REPORTED_JOBS
from orchestration.outcomes import write_back
from orchestration.partitions import REFRESH_TAG, SYNC_TAG, ConnectionKey, connections, tenants
from orchestration.rebuild import rebuild_tenant
from orchestration.resources.approvals_mirror import ApprovalsMirror
from orchestration.resources.callbacks import Callbacks
from orchestration.resources.events import Events
from orchestration.resources.slack_notes import SlackNotes, parse_paused
from orchestration.run_launcher import fail_lost_launches
from orchestration.run_wishes import RunWish
from orchestration.sweeping import Budget, ChangeCursor, DueCursor, last_of_each, room_left, sweep_pages
from orchestration.task_sweep import Stopper, advance_tasks, run_stopper

PAGE = 1000
DUE_BUDGET = Budget(seconds=2.0, requests=5000)
CHANGES_AT_ONCE = 5000
STALE_RETRY_AFTER_S = 60
STALE_AT_ONCE = 500
NET_WORKERS = 2  # the net below the dispatcher asks for few runs at a time
REPORTED_WITHIN = timedelta(seconds=15)
APPROVALS_AT_ONCE = 200
MIRRORED_AT_ONCE = 100
NOTES_BUDGET_S = 8.0
CALLBACKS_BUDGET_S = 8.0


@dg.sensor(minimum_interval_seconds=10, default_status=dg.DefaultSensorStatus.RUNNING)
def register_partitions(
    context: dg.SensorEvaluationContext, control_plane: dg.ResourceParam[ControlPlane]
) -> dg.SensorResult:
    """A partition for every connection and tenant, none for deleted connections."""
    cursor = ChangeCursor.parse(context.cursor)
    with control_plane.operator_session() as session:
        changed = session.connection_keys(cursor.connections, CHANGES_AT_ONCE)
        came = session.tenant_ids(cursor.tenants, CHANGES_AT_ONCE)
    added, deleted = last_of_each(
        (str(ConnectionKey(change.tenant_id, change.connection_id)), change.deleted) for change in changed
    )
    requests: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    if added:
        requests.append(connections.build_add_request(added))
    if deleted:
        requests.append(connections.build_delete_request(deleted))
    if came:
        requests.append(tenants.build_add_request([str(change.tenant_id) for change in came]))
    cursor = ChangeCursor(changed[-1].seq if changed else cursor.connections, came[-1].seq if came else cursor.tenants)
    return dg.SensorResult(dynamic_partitions_requests=requests, cursor=cursor.serialize())


@dg.sensor(minimum_interval_seconds=10, default_status=dg.DefaultSensorStatus.RUNNING)
def due_connections(
    context: dg.SensorEvaluationContext, control_plane: dg.ResourceParam[ControlPlane]
) -> dg.SensorResult:
    """Connections whose schedule says that it is time; each gets a request that the dispatcher launches."""
    now = datetime.now(UTC)

    def request(cursor: DueCursor) -> list[tuple[datetime, UUID]]:
        with control_plane.operator_session() as session:
            due = session.due_connections(now, cursor.place, PAGE)
            session.request_due(due, now)
        return [(item.next_due_at, item.connection_id) for item in due]

    cursor, requested = sweep_pages(request, DueCursor.parse(context.cursor), PAGE, DUE_BUDGET, time.monotonic)
    reason = dg.SkipReason(f"{requested} syncs requested") if requested else dg.SkipReason("nothing is due")
    return dg.SensorResult(skip_reason=reason, cursor=cursor.serialize())


@dg.sensor(minimum_interval_seconds=15, default_status=dg.DefaultSensorStatus.RUNNING)
def stale_tenants(control_plane: dg.ResourceParam[ControlPlane]) -> dg.SkipReason:
    """Tenants whose connections finished after their views were built; each gets a refresh request."""
    with control_plane.operator_session() as session:
        stale = session.stale_tenants(datetime.now(UTC), STALE_RETRY_AFTER_S, STALE_AT_ONCE)
        requested = session.request_refreshes(stale) if stale else 0
    return dg.SkipReason(f"{requested} refreshes requested")


@dg.sensor(
    jobs=ASSET_JOBS,
    minimum_interval_seconds=10,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def unheard_requests(
    control_plane: dg.ResourceParam[ControlPlane], events: dg.ResourceParam[Events]
) -> dg.SensorResult | dg.SkipReason:
    """Launches requests while no dispatcher lives."""
    if _dispatcher_lives(events):
        return dg.SkipReason("the dispatcher is at work")
    with control_plane.operator_session() as session:
        room = room_left(len(session.active_runs()), NET_WORKERS)
        claims: list[ClaimedSync | ClaimedRefresh] = list(session.claim_refreshes(REFRESHES_AT_ONCE, anew=False))
        claims += session.claim_syncs(room)
    return _asked_for(claims)


# By name, since Dagster warns of every sensor that it copies in order to give services to a job of ops.
@dg.sensor(job_name=rebuild_tenant.name, minimum_interval_seconds=10, default_status=dg.DefaultSensorStatus.RUNNING)
def unheard_rebuilds(
    control_plane: dg.ResourceParam[ControlPlane], events: dg.ResourceParam[Events]
) -> dg.SensorResult | dg.SkipReason:
    """Launches rebuilds of tenants while no dispatcher lives."""
    if _dispatcher_lives(events):
        return dg.SkipReason("the dispatcher is at work")
    with control_plane.operator_session() as session:
        return _asked_for(session.claim_refreshes(NET_WORKERS, anew=True))


def _asked_for(claims: Sequence[ClaimedSync | ClaimedRefresh]) -> dg.SensorResult:
    wishes = [RunWish.of(claim) for claim in claims]
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(wish.run_id, job_name=wish.job, partition_key=wish.partition_key, tags=dict(wish.tags))
            for wish in wishes
        ],
        dynamic_partitions_requests=[wish.partitions.build_add_request([wish.partition_key]) for wish in wishes],
    )


def _dispatcher_lives(events: Events) -> bool:
    try:
        return bool(events.client.exists(ALIVE_KEY))
    except redis.RedisError:
        return False


@dg.sensor(minimum_interval_seconds=10, default_status=dg.DefaultSensorStatus.RUNNING)
def unreported_runs(
    context: dg.SensorEvaluationContext,
    control_plane: dg.ResourceParam[ControlPlane],
    events: dg.ResourceParam[Events],
) -> dg.SkipReason:
    """Settles runs whose end nobody reported, claims nobody launched, and launches the broker lost."""
    before = datetime.now(UTC) - REPORTED_WITHIN
    with control_plane.operator_session() as session:
        suspects = [active for active in session.active_runs() if active.since < before]
    settled = sum(settle(control_plane, context.instance, active) for active in suspects)
    lost = fail_lost_launches(context.instance, events.client)
    return dg.SkipReason(f"{settled} of {len(suspects)} settled, {len(lost)} lost launches")


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.FAILURE,
    monitored_jobs=list(REPORTED_JOBS),
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def failed_runs(context: dg.RunStatusSensorContext, control_plane: dg.ResourceParam[ControlPlane]) -> None:
    """Writes failures back that no worker lived to report."""
    write_back(control_plane, context.instance, context.dagster_run)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.CANCELED,
    monitored_jobs=list(REPORTED_JOBS),
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def canceled_runs(context: dg.RunStatusSensorContext, control_plane: dg.ResourceParam[ControlPlane]) -> None:
    """Writes back that somebody canceled a run, also one that never started."""
    write_back(control_plane, context.instance, context.dagster_run)


@dg.sensor(minimum_interval_seconds=10, default_status=dg.DefaultSensorStatus.RUNNING)
def notes_to_send(context: dg.SensorEvaluationContext, slack: dg.ResourceParam[SlackNotes]) -> dg.SensorResult:
    """Sends what people are to hear of to their Slack; the cursor remembers who asked to be left alone."""
    done = slack.send_due(NOTES_BUDGET_S, parse_paused(context.cursor, time.time()))
    return dg.SensorResult(
        skip_reason=dg.SkipReason(f"{done.sent} notes sent, {done.failed} not taken"), cursor=done.serialize()
    )


def settle(control_plane: ControlPlane, instance: dg.DagsterInstance, active: ActiveRun) -> bool:
    """Bring what the control plane believes into line with what Dagster knows. True when that changed something."""
    tag = SYNC_TAG if active.connection_id else REFRESH_TAG
    runs = instance.get_runs(dg.RunsFilter(tags={tag: str(active.id)}), limit=1)
    if not runs or runs[0].status is dg.DagsterRunStatus.NOT_STARTED:
        # Whoever claimed it died before, or while, asking Dagster: asking again gives the same run.
        with control_plane.operator_session() as session:
            session.release(_claim_of(active))
        return True
    if active.dagster_run_id is None:
        with control_plane.operator_session() as session:
            session.launched(_claim_of(active), runs[0].run_id)
    # A run that died before it said that it took over is known under the id of the run before it.
    return write_back(control_plane, instance, runs[0], known_as=active.dagster_run_id or runs[0].run_id)


def _claim_of(active: ActiveRun) -> ClaimedSync | ClaimedRefresh:
    if active.connection_id:
        return ClaimedSync(active.tenant_id, active.id, active.connection_id, "", active.since)
    return ClaimedRefresh(active.tenant_id, active.id, active.since)


@dg.sensor(minimum_interval_seconds=10, default_status=dg.DefaultSensorStatus.RUNNING)
def unfollowed_tasks(
    context: dg.SensorEvaluationContext,
    control_plane: dg.ResourceParam[ControlPlane],
    events: dg.ResourceParam[Events],
) -> dg.SkipReason:
    """Brings tasks in line with their runs, and stops those that were canceled, while no dispatcher lives."""
    if _dispatcher_lives(events):
        return dg.SkipReason("the dispatcher is at work")
    moved = advance_tasks(control_plane)
    stopped = Stopper(control_plane, run_stopper(control_plane, context.instance)).look()
    return dg.SkipReason(f"{moved} tasks moved on, {stopped} runs stopped")


@dg.sensor(minimum_interval_seconds=10, default_status=dg.DefaultSensorStatus.RUNNING)
def callbacks_to_send(callbacks: dg.ResourceParam[Callbacks]) -> dg.SkipReason:
    """Tells callers of the ends of their tasks, at the URLs they gave."""
    done = callbacks.send_due(CALLBACKS_BUDGET_S)
    return dg.SkipReason(f"{done.delivered} callbacks delivered, {done.failed} not taken")


@dg.sensor(minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def expiring_approvals(
    context: dg.SensorEvaluationContext,
    control_plane: dg.ResourceParam[ControlPlane],
    events: dg.ResourceParam[Events],
) -> dg.SensorResult:
    """Repairs that nobody decided on in time wait on, and people are told again; open ones are mirrored in Redis."""
    escalated = escalate_overdue(control_plane, events, datetime.now(UTC), APPROVALS_AT_ONCE)
    after = UUID(context.cursor) if context.cursor else None
    after = rebuild_mirror(control_plane, ApprovalsMirror(events.client), after, MIRRORED_AT_ONCE)
    return dg.SensorResult(skip_reason=dg.SkipReason(f"{escalated} escalated"), cursor=str(after) if after else "")


SENSORS = (
    register_partitions,
    due_connections,
    stale_tenants,
    unheard_requests,
    unheard_rebuilds,
    unreported_runs,
    failed_runs,
    canceled_runs,
    notes_to_send,
    unfollowed_tasks,
    callbacks_to_send,
    expiring_approvals,
)
