"""From a request in Postgres to Dagster being asked, once, whatever breaks in between."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import dagster as dg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.dispatch import ActiveRun
from orchestration.dispatcher import ALIVE_KEY, Dispatcher
from orchestration.partitions import CONNECTION_TAG, REFRESH_TAG, SYNC_TAG, TENANT_TAG
from orchestration.resources.events import Events
from orchestration.resources.nudges import nudge, wait_for_nudges
from orchestration.run_wishes import RunWish
from orchestration.sensors import settle
from tests.orchestration.control_plane.tenant import Tenant

pytestmark = pytest.mark.servers


class Launches(list[RunWish]):
    """Stands where Dagster is: takes wishes, or refuses them while `away`."""

    away = False

    def __call__(self, wish: RunWish) -> None:
        if self.away:
            raise dg.DagsterError("the code server is away")
        self.append(wish)


@pytest.fixture
def launches() -> Launches:
    return Launches()


@pytest.fixture
def dispatcher(control_plane: ControlPlane, broker: "redis.Redis", launches: Launches) -> Dispatcher:
    return Dispatcher(control_plane, broker, launches)


def request(control_plane: ControlPlane, tenant: Tenant, by: str = "ann") -> UUID:
    with control_plane.tenant_session(tenant.id) as session:
        return session.sync_runs.request(tenant.connection, by).id


def status(control_plane: ControlPlane, tenant: Tenant, sync_run_id: UUID) -> tuple[str, str | None]:
    with control_plane.tenant_session(tenant.id) as session:
        run = session.sync_runs.get(sync_run_id)
    return run.status, run.dagster_run_id


def active(control_plane: ControlPlane) -> ActiveRun:
    with control_plane.operator_session() as session:
        (only,) = session.active_runs()
    return only


def test_a_request_becomes_a_run_under_its_own_id(
    dispatcher: Dispatcher, control_plane: ControlPlane, tenant: Tenant, launches: Launches
) -> None:
    sync_run_id = request(control_plane, tenant)
    assert dispatcher.look() == 1
    (wish,) = launches
    assert (wish.job, wish.run_id, wish.partition_key) == (
        "sync_connection", str(sync_run_id), f"{tenant.id}/{tenant.connection}",
    )  # fmt: skip
    assert wish.tags[SYNC_TAG] == str(sync_run_id)
    assert (wish.tags[TENANT_TAG], wish.tags[CONNECTION_TAG]) == (str(tenant.id), str(tenant.connection))
    assert status(control_plane, tenant, sync_run_id) == ("queued", str(sync_run_id))
    assert dispatcher.look() == 0


def test_a_requested_replay_becomes_a_run_of_its_own_job(
    dispatcher: Dispatcher, control_plane: ControlPlane, tenant: Tenant, launches: Launches
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        replay = session.sync_runs.request(tenant.connection, "ann", kind="replay")
    assert dispatcher.look() == 1
    (wish,) = launches
    assert (wish.job, wish.run_id, wish.partition_key, wish.tags[SYNC_TAG]) == (
        "replay_connection", str(replay.id), f"{tenant.id}/{tenant.connection}", str(replay.id),
    )  # fmt: skip


def test_people_go_before_the_schedule(
    dispatcher: Dispatcher, control_plane: ControlPlane, tenant: Tenant, launches: Launches
) -> None:
    request(control_plane, tenant, by="schedule")
    dispatcher.look()
    scheduled = int(launches.pop().tags["dagster/priority"])
    with control_plane.operator_session() as session:
        session.sync_finished(active(control_plane).dagster_run_id or "", "succeeded")
    request(control_plane, tenant, by="ann")
    dispatcher.look()
    assert int(launches.pop().tags["dagster/priority"]) > scheduled


def test_a_request_dagster_could_not_take_is_made_again(
    dispatcher: Dispatcher, control_plane: ControlPlane, tenant: Tenant, launches: Launches
) -> None:
    sync_run_id = request(control_plane, tenant)
    launches.away = True
    assert dispatcher.look() == 0
    assert status(control_plane, tenant, sync_run_id) == ("requested", None)
    launches.away = False
    assert dispatcher.look() == 1
    assert [wish.run_id for wish in launches] == [str(sync_run_id)]


def test_a_committed_batch_becomes_a_refresh(
    dispatcher: Dispatcher, tenant: Tenant, launches: Launches, broker: "redis.Redis"
) -> None:
    Events(broker).batch_committed(tenant.id, {"batch": 1})
    assert dispatcher.look([tenant.id]) == 1
    (wish,) = launches
    assert (wish.job, wish.partition_key) == ("refresh_views", str(tenant.id))
    assert wish.tags[REFRESH_TAG] == wish.run_id


def test_a_batch_nobody_nudged_for_is_found_by_the_first_look(
    dispatcher: Dispatcher, tenant: Tenant, launches: Launches, broker: "redis.Redis"
) -> None:
    Events(broker).batch_committed(tenant.id, {"batch": 1})
    assert dispatcher.look() == 1
    assert [wish.job for wish in launches] == ["refresh_views"]


def test_requests_are_heard_without_redis(control_plane: ControlPlane, tenant: Tenant, launches: Launches) -> None:
    request(control_plane, tenant)
    deaf = Dispatcher(control_plane, away(), launches)
    assert deaf.look([tenant.id]) == 1
    assert len(launches) == 1


def away() -> "redis.Redis":
    return redis.Redis(port=1, retry=Retry(NoBackoff(), 0))


def until(true: Callable[[], bool], timeout_s: float = 10) -> None:
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_a_nudge_is_answered_at_once_and_the_dispatcher_says_that_it_lives(
    dispatcher: Dispatcher, control_plane: ControlPlane, tenant: Tenant, launches: Launches, broker: "redis.Redis"
) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=dispatcher.run, args=(stop,))
    thread.start()
    try:
        until(lambda: bool(broker.exists(ALIVE_KEY)))
        request(control_plane, tenant)
        assert nudge(broker, tenant.id)
        until(lambda: len(launches) == 1)
    finally:
        stop.set()
        thread.join()


def test_a_nudge_that_redis_cannot_take_is_no_error() -> None:
    assert not nudge(away(), UUID(int=1))


def test_many_nudges_wake_the_dispatcher_once(broker: "redis.Redis") -> None:
    for text in (UUID(int=1), UUID(int=2), UUID(int=1), "", "nonsense"):
        nudge(broker, text)
    assert wait_for_nudges(broker, 1) == {UUID(int=1), UUID(int=2)}
    assert wait_for_nudges(broker, 0.01) == frozenset()


def dagster_run(sync_run_id: UUID, ended: dg.DagsterRunStatus, run_id: str | None = None) -> dg.DagsterRun:
    return dg.DagsterRun("sync_connection", run_id=run_id, status=ended, tags={SYNC_TAG: str(sync_run_id)})


def claim(control_plane: ControlPlane) -> None:
    """What a dispatcher does before it dies."""
    with control_plane.operator_session() as session:
        assert session.claim_syncs(10)


def test_a_claim_whose_dispatcher_died_is_asked_for_again_under_the_same_id(
    dispatcher: Dispatcher, control_plane: ControlPlane, tenant: Tenant, launches: Launches
) -> None:
    sync_run_id = request(control_plane, tenant)
    claim(control_plane)
    assert dispatcher.look() == 0
    with dg.DagsterInstance.ephemeral() as instance:
        assert settle(control_plane, instance, active(control_plane))
    dispatcher.look()
    assert [wish.run_id for wish in launches] == [str(sync_run_id)]


def test_a_claim_that_was_launched_although_its_dispatcher_died_is_left_to_its_run(
    dispatcher: Dispatcher, control_plane: ControlPlane, tenant: Tenant, launches: Launches
) -> None:
    sync_run_id = request(control_plane, tenant)
    claim(control_plane)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_run(dagster_run(sync_run_id, dg.DagsterRunStatus.STARTED, str(sync_run_id)))
        settle(control_plane, instance, active(control_plane))
    assert dispatcher.look() == 0
    assert status(control_plane, tenant, sync_run_id) == ("queued", str(sync_run_id))


@pytest.mark.parametrize(
    ("ended", "expected"), [(dg.DagsterRunStatus.FAILURE, "failed"), (dg.DagsterRunStatus.CANCELED, "canceled")]
)
def test_a_run_that_ended_unreported_before_it_started_is_written_back(
    control_plane: ControlPlane, tenant: Tenant, ended: dg.DagsterRunStatus, expected: str
) -> None:
    sync_run_id = request(control_plane, tenant)
    claim(control_plane)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_run(dagster_run(sync_run_id, ended))
        assert settle(control_plane, instance, active(control_plane))
    assert status(control_plane, tenant, sync_run_id)[0] == expected


def test_a_retry_that_died_before_it_took_over_is_written_back(control_plane: ControlPlane, tenant: Tenant) -> None:
    sync_run_id = request(control_plane, tenant)
    claim(control_plane)
    with control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.start(sync_run_id, "the-first-run")
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_run(dagster_run(sync_run_id, dg.DagsterRunStatus.FAILURE))
        assert settle(control_plane, instance, active(control_plane))
    assert status(control_plane, tenant, sync_run_id)[0] == "failed"


def test_a_run_that_will_start_again_is_not_written_back(control_plane: ControlPlane, tenant: Tenant) -> None:
    sync_run_id = request(control_plane, tenant)
    claim(control_plane)
    with dg.DagsterInstance.ephemeral() as instance:
        again = dagster_run(sync_run_id, dg.DagsterRunStatus.FAILURE).with_tags(
            {SYNC_TAG: str(sync_run_id), "dagster/will_retry": "true"}
        )
        instance.add_run(again)
        assert not settle(control_plane, instance, active(control_plane))
    assert status(control_plane, tenant, sync_run_id)[0] == "queued"
    assert active(control_plane).since < datetime.now(UTC) + timedelta(seconds=1)
