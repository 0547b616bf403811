"""What an answer of the Data API, or its absence, means: PostgREST's and the gateway's codes as ConnectorErrors.

Nothing of an answer's text is passed on: it may hold values of records.
"""

import json
from datetime import UTC, datetime

import httpx

from connectors.errors import (
    ConfigInvalid,
    ConnectorError,
    CredentialsExpired,
    LimitReached,
    RateLimited,
    RecordInvalid,
    SourceUnavailable,
    StreamForbidden,
    StreamGone,
    Timeout,
)
from connectors.pacing import parse_retry_after
from connectors.supabase.source import ColumnsChanged, DescriptionRefused, PastTheEnd

_DEFAULT_WAIT_S = 5.0
KEY_HINT = "Give the connection a key that is valid now."
_LATER = "It is tried again later."
# Supabase keeps the root of the API to secret keys since 2026 (changelog 42949); PGRST126: switched off by its owner.
_NOT_FOR_THIS_KEY = b"Access to schema is forbidden"
_ROOT_OFF = "PGRST126"
# Statuses that Supabase's gateway has of its own.
_PAUSED, _TOO_LATE = 540, (504, 522, 524, 544)
Meaning = ConnectorError | ColumnsChanged | PastTheEnd | DescriptionRefused


def error_code(body: bytes) -> str:
    """The `code` of PostgREST's error document; empty when the body is none."""
    try:
        document = json.loads(body)
    except ValueError:
        return ""
    code = document.get("code") if isinstance(document, dict) else None
    return code if isinstance(code, str) and len(code) <= 12 else ""


def error_of(status: int, headers: httpx.Headers, body: bytes, stream: str | None) -> Meaning:
    """The error an answer other than success stands for; without a `stream` it is the root's."""
    code = error_code(body)
    detail = f"HTTP {status}{f', code {code}' if code else ''}"
    if code in ("42703", "PGRST204"):
        return ColumnsChanged(detail)
    if stream and (code == "PGRST103" or status == 416):
        return PastTheEnd(detail)
    if stream is None and (status == 403 or code in (_ROOT_OFF, "42501") or _NOT_FOR_THIS_KEY in body):
        return DescriptionRefused(detail)
    if code == "57014" or (status in _TOO_LATE and not code):
        return Timeout("The source took too long to answer.", stream=stream, hint=_LATER, detail=detail)
    if stream and (code == "42501" or status == 403):
        return _forbidden(stream, detail)
    if stream and (code in ("42P01", "PGRST205") or status == 404):
        return StreamGone(
            "The table is no longer there.", stream=stream, hint="Discover the source anew.", detail=detail
        )
    return _by_status(status, headers, code, stream, detail)


def _by_status(status: int, headers: httpx.Headers, code: str, stream: str | None, detail: str) -> ConnectorError:
    if status == 401 or code in ("PGRST301", "PGRST302", "PGRST303"):
        return CredentialsExpired("The API key is not accepted or has expired.", hint=KEY_HINT, detail=detail)
    if status == 429:
        wait_s = parse_retry_after(headers.get("retry-after"), datetime.now(UTC))
        wait_s = _DEFAULT_WAIT_S if wait_s is None else wait_s
        message = "The source asks to slow down."
        return RateLimited(message, retry_after_s=wait_s, stream=stream, hint=_LATER, detail=detail)
    if code == "PGRST106":
        message = "The schema is not among those the Data API shows."
        return ConfigInvalid(message, hint="Add it to the exposed schemas, or set db_schema.", detail=detail)
    if status == _PAUSED:
        return ConfigInvalid("The project is paused.", hint="Restore it in Supabase's dashboard.", detail=detail)
    if status == 402:
        message = "The project is restricted because its plan's quota is used up."
        return LimitReached(message, hint="Look at the project's usage in Supabase's dashboard.", detail=detail)
    if status >= 500:
        return SourceUnavailable(
            "The source answers with an error of its own.", stream=stream, hint=_LATER, detail=detail
        )
    if stream:
        hint = "Look at the detail; the other tables are read."
        return RecordInvalid("The source refuses the request for this table.", stream=stream, hint=hint, detail=detail)
    return ConfigInvalid(
        "There is no Data API at this address.", hint="Check url: https://PROJECT.supabase.co.", detail=detail
    )


def _forbidden(stream: str, detail: str) -> ConnectorError:
    hint = "Grant select to the key's role, or leave the table out."
    return StreamForbidden("The API key may not read this table.", stream=stream, hint=hint, detail=detail)


def transport_error(error: httpx.HTTPError, stream: str | None) -> ConnectorError:
    """What a request without a usable answer means. The library's text is left out: it may hold the address."""
    detail = type(error).__name__
    if isinstance(error, httpx.TimeoutException):
        return Timeout("The source did not answer in time.", stream=stream, hint=_LATER, detail=detail)
    return SourceUnavailable("The source cannot be reached.", stream=stream, hint=_LATER, detail=detail)
