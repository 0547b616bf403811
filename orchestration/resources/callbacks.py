"""Tells callers that their tasks ended: signed, to public addresses only, at least once, and never for ever.

Tenants take turns, one message at a time each, several tenants side by side: a receiver that does not answer keeps
nobody else's callbacks from being sent. Answers are judged by their status; nothing of them is read or kept.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import httpx
import orjson

from connectors.errors import ConnectorError, Retryable
from connectors.outbound.http_httpx import guarded_client
from connectors.outbound.policy import Outbound
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import ControlPlaneError, ControlPlaneUnavailable, NotFound
from orchestration.control_plane.task_callbacks import CallbackRecord
from orchestration.resources.callback_signing import SECRET_NAME, SigningSecretInvalid, signature_headers
from orchestration.resources.quiet_http import unlogged

TIMEOUT_S: Final = 5.0
SIDE_BY_SIDE: Final = 8
TENANTS_AT_ONCE: Final = 200
AGENT: Final = "AutonomOS-Callbacks/1"


@dataclass(slots=True)
class Sent:
    """What one round did."""

    delivered: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt: `error` None when it was taken; `for_good` when repeating changes nothing."""

    status_code: int | None
    error: str | None = None
    for_good: bool = False


class Callbacks:
    """The sweep over tenants with due callbacks. `outbound` is asked anew for each message."""

    def __init__(
        self, control_plane: ControlPlane, outbound: Callable[[], Outbound], timeout_s: float = TIMEOUT_S
    ) -> None:
        self._control_plane = control_plane
        self._outbound = outbound
        self._timeout_s = timeout_s

    def send_due(self, budget_s: float) -> Sent:
        """Send what is due until there is nothing or the time is over."""
        deadline = time.monotonic() + budget_s
        with self._control_plane.operator_session() as operator:
            waiting = operator.tenants_with_due_callbacks(datetime.now(UTC), TENANTS_AT_ONCE)
        done = Sent()
        with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="callbacks") as pool:
            for sent in pool.map(lambda tenant_id: self._send_all(tenant_id, deadline), waiting):
                done.delivered += sent.delivered
                done.failed += sent.failed
        return done

    def _send_all(self, tenant_id: UUID, deadline: float) -> Sent:
        """One tenant's, one after another; after one that was not taken the rest waits for the next round."""
        done = Sent()
        while time.monotonic() < deadline:
            with self._control_plane.tenant_session(tenant_id) as session:
                due = session.task_callbacks.due(datetime.now(UTC), limit=1)
            if not due:
                break
            outcome = self._send(due[0])
            self._record(due[0], outcome)
            if outcome.error is not None:
                done.failed += 1
                break
            done.delivered += 1
        return done

    def _record(self, callback: CallbackRecord, outcome: Outcome) -> None:
        with self._control_plane.tenant_session(callback.tenant_id) as session:
            if outcome.error is None:
                session.task_callbacks.delivered(callback.id, outcome.status_code or 0)
            else:
                session.task_callbacks.failed(
                    callback.id, outcome.status_code, outcome.error, for_good=outcome.for_good
                )

    def _send(self, callback: CallbackRecord) -> Outcome:
        try:
            with self._control_plane.tenant_session(callback.tenant_id) as session:
                url = session.tasks.get(callback.task_id).callback_url or ""
                secret = session.secrets.open(SECRET_NAME)
            body = orjson.dumps(callback.payload)
            headers = signature_headers(secret, f"msg_{callback.id.hex}", int(time.time()), body)
        except NotFound:
            return Outcome(None, f"There is no secret {SECRET_NAME!r} to sign with.")
        except SigningSecretInvalid as error:
            return Outcome(None, str(error))
        except ControlPlaneUnavailable:
            raise
        except ControlPlaneError as error:
            return Outcome(None, str(error))
        return self._post(url, body, headers)

    def _post(self, url: str, body: bytes, headers: dict[str, str]) -> Outcome:
        more = {"content-type": "application/json", "user-agent": AGENT}
        try:
            with (
                unlogged(),
                guarded_client(self._outbound(), self._timeout_s, follow_redirects=False) as client,
                _answered(client, url, body, headers | more) as response,
            ):
                return judged(response.status_code)
        except ConnectorError as error:
            return Outcome(None, error.message, for_good=not isinstance(error, Retryable))
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            return Outcome(None, "The callback's URL cannot be used.", for_good=True)
        except httpx.HTTPError as error:
            # httpx quotes the URL in some of its errors.
            return Outcome(None, f"The receiver did not answer ({type(error).__name__}).")


@contextmanager
def _answered(client: httpx.Client, url: str, body: bytes, headers: dict[str, str]) -> Iterator[httpx.Response]:
    """The head of the answer; its body is left unread, however long."""
    with client.stream("POST", url, content=body, headers=headers) as response:
        yield response


def judged(status_code: int) -> Outcome:
    """2xx is taken, 410 says never again, and everything else is tried again."""
    if 200 <= status_code < 300:
        return Outcome(status_code)
    if status_code == httpx.codes.GONE:
        return Outcome(status_code, "The receiver wants to hear nothing of this any more.", for_good=True)
    if 300 <= status_code < 400:
        return Outcome(status_code, "The receiver redirects elsewhere; redirects are not followed.")
    return Outcome(status_code, f"The receiver answered with status {status_code}.")
