"""Salesforce's answers and the libraries' exceptions, read as our errors. Asks nothing and waits for nothing.

Only the service's error codes go into `detail`: its messages can hold values of records.
"""

import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import requests
from simple_salesforce.exceptions import SalesforceError

from connectors.errors import (
    ConfigInvalid,
    ConnectorError,
    CredentialsExpired,
    LimitReached,
    PermissionMissing,
    RateLimited,
    RecordInvalid,
    SourceUnavailable,
    StreamForbidden,
    StreamGone,
    StreamMisbehaves,
    Timeout,
)
from connectors.pacing import parse_retry_after

_DEFAULT_WAIT_S = 5.0
_FORBIDDEN = {"INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "NO_ACCESS"}
_NO_API = {"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "INVALID_LOGIN", "INSUFFICIENT_ORG_PERMISSIONS"}
_NO_BULK = {"INVALIDENTITY", "FUNCTIONALITY_NOT_ENABLED", "FEATURENOTENABLED", "FEATURE_NOT_ENABLED", "INVALIDJOB"}


class FieldRefused(RecordInvalid):
    """A field of the query is not there, or not for this login. Never leaves the connector."""


class PagesLost(StreamMisbehaves):
    """The service no longer knows the place in a result: ask anew from the last record."""


class BulkRefused(StreamMisbehaves):
    """The Bulk API does not serve this object."""


def from_answer(
    status: int, content: Any, headers: Mapping[str, str], stream: str | None, now: datetime | None = None
) -> ConnectorError:
    """The error an answer with this status and body stands for."""
    code, message = code_and_message(content)
    found = _by_code(code, message, stream) or _by_status(status, headers, stream, now or datetime.now(UTC))
    found.detail = f"HTTP {status} {code}".strip()
    return found


def code_and_message(content: Any) -> tuple[str, str]:
    """The first error's code and message; empty when the body is not in the service's shape."""
    first = content[0] if isinstance(content, list) and content else content
    if not isinstance(first, dict):
        return "", ""
    code = str(first.get("errorCode") or first.get("error") or "")
    # A code is a word: anything else could be content that someone put there.
    return (code if re.fullmatch(r"[A-Za-z_]{1,60}", code) else ""), str(first.get("message") or "")


def _by_code(code: str, message: str, stream: str | None) -> ConnectorError | None:
    if code == "INVALID_SESSION_ID":
        return expired(stream)
    if code == "REQUEST_LIMIT_EXCEEDED":
        if "Concurrent" in message:
            return RateLimited(
                "Salesforce has too many long requests at once.",
                retry_after_s=_DEFAULT_WAIT_S,
                stream=stream,
                hint="The sync tries again by itself.",
            )
        return LimitReached(
            "The org has used up its API requests of the last 24 hours.",
            hint="Wait until requests are free again, or have the limit raised in Salesforce.",
        )
    if code in _FORBIDDEN and stream:
        return forbidden(stream)
    if code in _NO_API or code in _FORBIDDEN:
        return no_permission()
    if code == "INVALID_TYPE" and stream:
        return gone(stream)
    if code == "INVALID_FIELD":
        return FieldRefused("A field that was asked for is not there.", stream=stream, hint="Discover the source anew.")
    if code in ("INVALID_QUERY_LOCATOR", "INVALIDJOBSTATE"):
        return PagesLost("Salesforce lost the place in a result.", stream=stream, hint="Run the sync again.")
    if code in _NO_BULK:
        return BulkRefused(
            "The Bulk API does not serve this object.", stream=stream, hint="Set bulk_from_records higher."
        )
    if code == "QUERY_TIMEOUT":
        return Timeout("Salesforce took too long over a query.", stream=stream, hint="The sync tries again by itself.")
    if code in ("SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW"):
        return unavailable(stream)
    if code in ("UNSUPPORTED_API_VERSION", "URL_NOT_RESET"):
        return not_an_org()
    return None


def _by_status(status: int, headers: Mapping[str, str], stream: str | None, now: datetime) -> ConnectorError:
    if status == 401:
        return expired(stream)
    if status == 429:
        asked = parse_retry_after(headers.get("Retry-After"), now)
        wait_s = _DEFAULT_WAIT_S if asked is None else asked
        return RateLimited(
            "Salesforce asks to slow down.", retry_after_s=wait_s, stream=stream, hint="The sync waits by itself."
        )
    if status == 403:
        return forbidden(stream) if stream else no_permission()
    if status == 404:
        return gone(stream) if stream else not_an_org()
    if status == 408:
        return Timeout("Salesforce took too long.", stream=stream, hint="The sync tries again by itself.")
    if status >= 500:
        return unavailable(stream)
    if stream is None:
        return not_an_org()
    return StreamMisbehaves(
        "Salesforce refused a request for this object.",
        stream=stream,
        hint="Leave the object out, or ask support with the code in the log.",
    )


def from_login(status: int, content: Any, headers: Mapping[str, str]) -> ConnectorError:
    """The error of a refused request for a token."""
    code, _ = code_and_message(content)
    if status == 429 or status >= 500:
        found = _by_status(status, headers, None, datetime.now(UTC))
    elif not code:
        found = not_an_org()
    elif code == "unsupported_grant_type":
        found = ConfigInvalid(
            "The org does not allow this way to log in.", hint="Allow the OAuth flow in the connected app."
        )
    else:
        found = CredentialsExpired(
            "Salesforce does not accept the credentials.", hint="Connect the org again, or correct the credentials."
        )
    found.detail = f"HTTP {status} {code} at login".strip()
    return found


def from_exception(error: Exception, stream: str | None) -> ConnectorError:
    """What a library raised, without its text: that can hold URLs, headers and records."""
    if isinstance(error, ConnectorError):
        error.stream = error.stream or stream
        return error
    if isinstance(error, SalesforceError):
        return from_answer(error.status, error.content, {}, stream)
    name = type(error).__name__
    if isinstance(error, requests.Timeout):
        return Timeout(
            "Salesforce did not answer in time.", stream=stream, hint="The sync tries again by itself.", detail=name
        )
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return ConfigInvalid(
            "The address of the org is not a URL.", hint="Correct instance_url or domain.", detail=name
        )
    if isinstance(error, requests.RequestException):
        return SourceUnavailable(
            "Salesforce could not be reached, or broke off.",
            stream=stream,
            hint="The sync tries again by itself.",
            detail=name,
        )
    if isinstance(error, OSError | MemoryError):
        return SourceUnavailable(
            "The records could not be taken in.", stream=stream, hint="The sync tries again by itself.", detail=name
        )
    return RecordInvalid(
        "Salesforce sent records that cannot be read.",
        stream=stream,
        hint="Try again; if it stays, leave the object out.",
        detail=name,
    )


UNREADABLE = (ValueError, binascii.Error)  # of a body that is not what its headers say


def expired(stream: str | None = None) -> CredentialsExpired:
    return CredentialsExpired(
        "Salesforce no longer accepts the login of this connection.", stream=stream, hint="Connect the org again."
    )


def forbidden(stream: str) -> StreamForbidden:
    return StreamForbidden(
        "The login may not read this object.", stream=stream, hint="Give the user read access to it, or leave it out."
    )


def no_permission() -> PermissionMissing:
    return PermissionMissing(
        "The login may not use the API of this org.", hint="Give the user the permission 'API Enabled' and read access."
    )


def gone(stream: str) -> StreamGone:
    return StreamGone(
        "The object is no longer there, or no longer visible to the login.",
        stream=stream,
        hint="Leave it out, or give the user access again.",
    )


def unavailable(stream: str | None = None) -> SourceUnavailable:
    return SourceUnavailable(
        "Salesforce is not available at the moment.", stream=stream, hint="The sync tries again by itself."
    )


def not_an_org() -> ConfigInvalid:
    return ConfigInvalid(
        "No Salesforce API of this version answers at the address.", hint="Check instance_url, domain and api_version."
    )
