"""What a step does about an error, and that a permanent one is retried at neither level."""

from collections.abc import Callable

import dagster as dg
import pytest
import redis
from sqlalchemy.exc import OperationalError

from connectors.errors import ConnectorError, CredentialsExpired, RateLimited, SourceUnavailable, StreamGone
from orchestration.control_plane.errors import ControlPlaneUnavailable, NotFound
from orchestration.control_plane.failure import Failure
from orchestration.failures import STEP_WAITS_S, Retry, decide, describe, reporting_failures
from orchestration.outcomes import ending_of, failure_of_run
from orchestration.resources.lake_session import LakeFull, LakeUnavailable


@pytest.mark.parametrize(
    "error",
    [
        SourceUnavailable("away"),
        ControlPlaneUnavailable("away"),
        LakeUnavailable("away"),
        redis.ConnectionError("away"),
        OperationalError("SELECT 1", {}, Exception("away")),
    ],
)
def test_what_may_pass_is_tried_again_with_longer_pauses_and_then_given_up(error: Exception) -> None:
    decisions = [decide(error, number) for number in range(len(STEP_WAITS_S))]
    assert decisions == [Retry(wait_s) for wait_s in STEP_WAITS_S]
    given_up = decide(error, len(STEP_WAITS_S))
    assert isinstance(given_up, Failure)
    assert given_up.retryable


def test_a_short_rate_limit_is_waited_for_and_a_long_one_is_left_to_the_next_sync() -> None:
    assert decide(RateLimited("slow down", retry_after_s=7), 0) == Retry(7)
    long = decide(RateLimited("slow down", retry_after_s=3600), 0)
    assert long == Failure("rate_limited", "slow down", "", retryable=True, retry_after_s=3600)


@pytest.mark.parametrize(
    "error", [CredentialsExpired("no"), StreamGone("no"), LakeFull("no"), NotFound("connection", "x")]
)
def test_what_needs_a_person_is_not_tried_again(error: Exception) -> None:
    decision = decide(error, 0)
    assert isinstance(decision, Failure)
    assert not decision.retryable


def test_the_words_of_an_unexpected_error_are_not_shown_to_a_tenant() -> None:
    failure = describe(RuntimeError("password=hunter2"))
    assert failure.code == "RuntimeError"
    assert "hunter2" not in failure.message + failure.hint


def run_failing(error_of: Callable[[int], Exception | None], instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    @dg.asset
    def failing(context: dg.AssetExecutionContext) -> None:
        with reporting_failures(context):
            error = error_of(context.retry_number)
            if error is not None:
                raise error

    return dg.materialize([failing], instance=instance, raise_on_error=False)


def test_a_permanent_failure_is_retried_by_neither_step_nor_run_and_keeps_its_words() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        error = CredentialsExpired("The token expired.", hint="Log in again.", detail="internal")
        result = run_failing(lambda _: error, instance)
        restarts = [e for e in result.all_events if e.event_type is dg.DagsterEventType.STEP_UP_FOR_RETRY]
        assert not result.success
        assert restarts == []
        assert failure_of_run(instance, result.run_id) == Failure(
            "credentials_expired", "The token expired.", "Log in again.", retryable=False
        )
        run = instance.get_run_by_id(result.run_id)
        assert run is not None
        assert ending_of(run) == "failed"


def test_a_passing_failure_is_retried_in_the_same_run() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        limit = RateLimited("slow down", retry_after_s=0.01)
        result = run_failing(lambda number: limit if number < 2 else None, instance)
        restarts = [e for e in result.all_events if e.event_type is dg.DagsterEventType.STEP_UP_FOR_RETRY]
        assert result.success
        assert len(restarts) == 2


def test_a_failed_run_without_a_failed_step_was_lost() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.add_run(dg.DagsterRun("job", status=dg.DagsterRunStatus.FAILURE))
        assert failure_of_run(instance, run.run_id).code == "run_lost"


def test_a_failed_run_that_starts_again_has_not_ended() -> None:
    failed = dg.DagsterRun("job", status=dg.DagsterRunStatus.FAILURE, tags={"dagster/will_retry": "true"})
    assert ending_of(failed) is None
    assert ending_of(failed.with_tags({"dagster/will_retry": "false"})) == "failed"
    assert ending_of(dg.DagsterRun("job", status=dg.DagsterRunStatus.STARTED)) is None


@pytest.mark.parametrize(
    "error", [RateLimited("The source said no.", retry_after_s=0.01), CredentialsExpired("The source said no.")]
)
def test_what_a_library_said_below_a_connectors_error_is_not_stored(error: ConnectorError) -> None:
    def failing(retry_number: int) -> Exception | None:
        try:
            raise OSError("https://user:canary-secret@host/")
        except OSError as cause:
            error.__cause__ = cause
            return None if retry_number else error

    with dg.DagsterInstance.ephemeral() as instance:
        result = run_failing(failing, instance)
        events = "".join(str(event) for event in instance.all_logs(result.run_id))
        assert "The source said no." in events
        assert "canary" not in events


def test_how_long_a_source_asked_to_be_left_alone_reaches_the_control_plane() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result = run_failing(lambda _: RateLimited("slow down", retry_after_s=7200), instance)
        assert failure_of_run(instance, result.run_id) == Failure("rate_limited", "slow down", "", True, 7200)
