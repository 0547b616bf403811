"""Sends one message to a Slack incoming webhook, and says what came of it.

The URL is a secret: it is in no error, log line or record. What a message says is `slack_blocks`; when which note is
sent, and when it is tried again, is the sweep's business.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx

from connectors.errors import ConnectorError, Retryable
from connectors.outbound.http_httpx import guarded_client
from connectors.outbound.policy import Outbound
from orchestration.resources.quiet_http import unlogged

TIMEOUT_S: Final = 10.0
LONGEST_RETRY_AFTER_S: Final = 3600.0  # what a service asks beyond this is not believed
_LONGEST_REASON: Final = 200


class SlackError(Exception):
    """The message was not taken; str() is safe to show."""


class SlackRefused(SlackError):
    """Repeating changes nothing: the webhook is gone, or not allowed, or does not take this."""


class SlackSlow(SlackError):
    """Slack asks us to send later."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"Slack asks us to wait {retry_after_s:.0f} s.")
        self.retry_after_s = retry_after_s


class SlackUnavailable(SlackError):
    """No answer, or one that says nothing: it may pass."""


class Slack:
    """Posts to webhooks at addresses that the operator's rules allow. `outbound` is asked anew for each message."""

    def __init__(self, outbound: Callable[[], Outbound], timeout_s: float = TIMEOUT_S) -> None:
        self._outbound = outbound
        self._timeout_s = timeout_s

    def post(self, webhook_url: str, message: Mapping[str, Any]) -> None:
        """Send it; return when Slack took it.

        Raises:
            SlackRefused, SlackSlow, SlackUnavailable: see there.
        """
        try:
            with unlogged(), guarded_client(self._outbound(), self._timeout_s, follow_redirects=False) as client:
                response = client.post(webhook_url, json=dict(message))
        except ConnectorError as error:
            raise (SlackUnavailable if isinstance(error, Retryable) else SlackRefused)(str(error)) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise SlackRefused("The secret for Slack is no URL of a webhook.") from None
        except httpx.HTTPError as error:
            # httpx quotes the URL in some of its errors.
            raise SlackUnavailable(f"Slack did not answer ({type(error).__name__}).") from None
        _judge(response)


def _judge(response: httpx.Response) -> None:
    """Webhooks answer 200 `ok`, or a status and a short word such as no_service."""
    if response.status_code == httpx.codes.OK:
        return
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise SlackSlow(_retry_after_s(response))
    if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise SlackUnavailable(f"Slack answered with status {response.status_code}.")
    word = response.text[:_LONGEST_REASON].strip()
    reason = f" ({word})" if word.replace("_", "").isalnum() else ""
    raise SlackRefused(f"Slack refused the message with status {response.status_code}{reason}.")


def _retry_after_s(response: httpx.Response) -> float:
    try:
        asked = float(response.headers.get("Retry-After", "1"))
    except ValueError:
        asked = 1.0
    return min(max(asked, 1.0), LONGEST_RETRY_AFTER_S) if asked == asked else 1.0
