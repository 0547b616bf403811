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
_BUSY_WAIT_S, _LOGINS_WAIT_S = 1.0, 300.0
_CORRECT = "Connect the org again, or correct the credentials."
_PASSING = (406, 420)  # answered now and then by the service's edge, without a body
_FORBIDDEN = {"INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "NO_ACCESS"}
_NO_API = {"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "INVALID_LOGIN", "INSUFFICIENT_ORG_PERMISSIONS"}
_NO_BULK = {"INVALIDENTITY", "FUNCTIONALITY_NOT_ENABLED", "FEATURENOTENABLED", "FEATURE_NOT_ENABLED", "INVALIDJOB"}
_NO_BULK |= {"LIMIT_EXCEEDED"}  # of the Bulk API's own jobs or volume a day
_NO_BULK_TEXT = re.compile(r"Max bulk v2 query|not supported by the Bulk API|not supported in Bulk Query")
_NO_OBJECT_TEXT = re.compile(r"sObject type '\w+' is not supported")
# Of refused tokens, by a part of the description: whose wording is the service's own and fixed.
_LOGIN_HINTS = {
    "audience": "Set jwt_audience to https://test.salesforce.com for a sandbox or scratch org, else leave it out.",
    "no client credentials user": "Name a 'Run As' user in the policies of the connected app.",
    "approved this consumer": "Pre-authorize the user for the connected app, by profile or permission set.",
}


class FieldRefused(RecordInvalid):
    """A field of the query is not there, or not for this login. Never leaves the connector."""


class PagesLost(StreamMisbehaves):
    """The service no longer knows the place in a result: ask anew from the last record."""


class BulkRefused(StreamMisbehaves):
    """The Bulk API does not serve this object, or nothing more today."""


def from_answer(
    status: int, content: Any, headers: Mapping[str, str], stream: str | None, now: datetime | None = None
) -> ConnectorError:
    """The error an answer with this status and body stands for."""
    code, message = code_and_message(content)
    found = _by_code(code, message, stream) or _by_status(status, headers, stream, now or datetime.now(UTC))
    found.detail = f"HTTP {status} {code}".strip()
    return found


def from_job(told: str, stream: str) -> ConnectorError:
    """The error a failed bulk job tells of: like `InvalidBatch : Failed to process query: INVALID_FIELD: ...`."""
    codes = [part.strip() for part in told[:300].split(":")]
    known = (code for code in codes if re.fullmatch(r"[A-Za-z_]{1,60}", code))
    for code in known:
        if found := _by_code(code.upper(), told, stream):
            found.detail = f"bulk job failed: {code}"
            return found
    first = codes[0] if re.fullmatch(r"[A-Za-z_]{1,60}", codes[0]) else ""
    return StreamMisbehaves(
        "Salesforce could not run the bulk query.",
        stream=stream,
        hint="Run the sync again.",
        detail=f"bulk job failed: {first}".rstrip(": "),
    )


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
    # The Bulk API says some of these with a code of its own, but in the same words.
    if stream and (code == "INVALID_TYPE" or _NO_OBJECT_TEXT.search(message)):
        return gone(stream)
    if code == "INVALID_FIELD" or "No such column" in message:
        return FieldRefused("A field that was asked for is not there.", stream=stream, hint="Discover the source anew.")
    if code in ("INVALID_QUERY_LOCATOR", "INVALIDJOBSTATE"):
        return PagesLost("Salesforce lost the place in a result.", stream=stream, hint="Run the sync again.")
    if code in _NO_BULK or _NO_BULK_TEXT.search(message):
        return BulkRefused(
            "The Bulk API does not serve this object.", stream=stream, hint="Set bulk_from_records higher."
        )
    if code == "QUERY_TIMEOUT":
        return Timeout("Salesforce took too long over a query.", stream=stream, hint="The sync tries again by itself.")
    if code in ("SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW", "TXN_SECURITY_METERING_ERROR"):
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
    if status >= 500 or status in _PASSING:
        return unavailable(stream)
    if status == 409 and stream:
        # Results of a job that was made with another version of the API.
        return PagesLost("Salesforce lost the place in a result.", stream=stream, hint="Run the sync again.")
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
    told = str(content.get("error_description") or "") if isinstance(content, dict) else ""
    if status in (420, 429) or status >= 500:
        found = _by_status(status, headers, None, datetime.now(UTC))
    elif "already being processed" in told or code == "rate_limit_exceeded" or "login rate exceeded" in told:
        # The service takes one request at a time for a refresh token, and so many logins an hour for a user.
        found = RateLimited(
            "Salesforce takes no login at the moment.",
            retry_after_s=_BUSY_WAIT_S if "already" in told else _LOGINS_WAIT_S,
            hint="The sync tries again by itself.",
        )
    elif not code:
        found = not_an_org()
    elif code == "unsupported_grant_type":
        found = ConfigInvalid(
            "The org does not allow this way to log in.", hint="Allow the OAuth flow in the connected app."
        )
    elif "not supported on this domain" in told:
        found = ConfigInvalid(
            "This way to log in works only at the org's own address.",
            hint="Set instance_url to its My Domain, such as https://acme.my.salesforce.com.",
        )
    else:
        found = CredentialsExpired(
            "Salesforce does not accept the credentials.",
            hint=next((hint for part, hint in _LOGIN_HINTS.items() if part in told.lower()), _CORRECT),
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


def rotating() -> ConfigInvalid:
    return ConfigInvalid(
        "The connected app gives a new refresh token with every login, and the one of this connection is used up.",
        hint="Turn refresh token rotation off for the app and connect again, or use client credentials or a JWT.",
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
