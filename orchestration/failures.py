"""What an error means for the step, for the run and for the tenant: decided from its class alone.

A retry is stopped at both levels. A step retries what may pass within half a minute, inside its run. A run is started
again only when its worker was lost (`run_retries` in dagster.yaml): a failed step never makes a new run, so a
permanent failure is retried by neither. What may pass later waits for the connection's next sync.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg
import redis
from sqlalchemy.exc import InterfaceError, OperationalError

from connectors.errors import ConnectorError, RateLimited
from orchestration.control_plane.errors import ControlPlaneError, ControlPlaneUnavailable
from orchestration.control_plane.failure import Failure
from orchestration.resources.lake_session import LakeFull, LakeUnavailable

MAX_RUN_RETRIES = 10  # runs lost with their worker; more than that is no accident
STEP_WAITS_S = (1.0, 4.0, 15.0)
LONGEST_STEP_WAIT_S = 30.0  # a waiting step holds a worker

_UNAVAILABLE = (ControlPlaneUnavailable, LakeUnavailable, OperationalError, InterfaceError, redis.ConnectionError)
_FAILURE_KEYS = ("code", "message", "hint", "retryable")


@dataclass(frozen=True, slots=True)
class Retry:
    """Try the step again after a pause."""

    wait_s: float


def decide(error: Exception, retry_number: int) -> Retry | Failure:
    """What follows from an error in a step that was retried `retry_number` times already."""
    failure = describe(error)
    if not _passes_soon(error) or retry_number >= len(STEP_WAITS_S):
        return failure
    wait_s = error.retry_after_s if isinstance(error, RateLimited) else STEP_WAITS_S[retry_number]
    return Retry(wait_s) if wait_s <= LONGEST_STEP_WAIT_S else failure


def describe(error: Exception) -> Failure:
    """The error in words that a tenant may read."""
    if isinstance(error, ConnectorError):
        message = f"Stream {error.stream!r}: {error.message}" if error.stream else error.message
        retry_after_s = error.retry_after_s if isinstance(error, RateLimited) else None
        return Failure(error.code, message, error.hint, error.effect == "retry", retry_after_s)
    if isinstance(error, LakeFull):
        return Failure("lake_full", str(error), "Ask the operator of this platform to make room.", retryable=False)
    if isinstance(error, _UNAVAILABLE):
        hint = "The next sync carries on by itself."
        return Failure("platform_unavailable", "A database of the platform did not answer.", hint)
    if isinstance(error, ControlPlaneError):
        return Failure(type(error).__name__, str(error), retryable=False)
    hint = "The operator finds the reason in the run's log."
    return Failure(type(error).__name__, "An internal error stopped this run.", hint)


def _passes_soon(error: Exception) -> bool:
    return isinstance(error, _UNAVAILABLE) or (isinstance(error, ConnectorError) and error.effect == "retry")


@contextmanager
def reporting_failures(context: dg.AssetExecutionContext | dg.OpExecutionContext) -> Iterator[None]:
    """Turn whatever a step raises into what Dagster should do about it, with the words for the tenant attached.

    The run's worker writes them to the control plane when the run has ended (`outcomes.py`).
    """
    try:
        yield
    except (dg.Failure, dg.RetryRequested):
        raise
    except Exception as error:  # noqa: BLE001 - every error gets words; nothing is swallowed
        decision = decide(error, context.retry_number)
        # What a library raised below a connector's error may quote a URL with a token: it is not passed on.
        cause = None if isinstance(error, ConnectorError) else error
        if isinstance(error, ConnectorError) and error.detail:
            context.log.warning("%s: %s", error.code, error.detail)
        if isinstance(decision, Retry):
            context.log.warning("%s; trying again in %.0f s", error, decision.wait_s)
            raise dg.RetryRequested(max_retries=len(STEP_WAITS_S), seconds_to_wait=decision.wait_s) from cause
        metadata = {key: getattr(decision, key) for key in _FAILURE_KEYS}
        if decision.retry_after_s is not None:
            metadata["retry_after_s"] = decision.retry_after_s
        raise dg.Failure(decision.message, metadata=metadata, allow_retries=False) from cause


def failure_of(metadata: dict[str, dg.MetadataValue]) -> Failure | None:
    """The words attached by `reporting_failures`, from the metadata of a failed step."""
    values = {key: metadata[key].value for key in _FAILURE_KEYS if key in metadata}
    if len(values) < len(_FAILURE_KEYS):
        return None
    asked = metadata.get("retry_after_s")
    retry_after_s = asked.value if asked is not None and isinstance(asked.value, int | float) else None
    code, message, hint = (str(values[key]) for key in ("code", "message", "hint"))
    return Failure(code, message, hint, bool(values["retryable"]), retry_after_s)
