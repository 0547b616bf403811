"""pymongo's errors as ours. Server texts are not passed on: they quote commands, and commands hold record values."""

import re

from bson.errors import BSONError
from pymongo.errors import (
    AutoReconnect,
    ConfigurationError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
)

from connectors.errors import (
    ConfigInvalid,
    ConnectorError,
    CredentialsExpired,
    CursorLost,
    PermissionMissing,
    RateLimited,
    RecordInvalid,
    SourceUnavailable,
    StreamForbidden,
    StreamGone,
    StreamMisbehaves,
    Timeout,
)

# Codes of MongoDB's error_codes.yml.
_LOGIN = {11, 18, 391}
_UNAUTHORIZED, _ATLAS = 13, 8000
_TIMES = {50, 202, 262}
_RATES = {429, 462, 16500}
_HISTORY = {136, 260, 280, 286, 40585, 40615}
_TOO_LARGE = 10334
# The cursor is over, not the source: the read goes on from its last key.
_CURSORS = {43, 175, 206, 237}
_AWAY = {6, 7, 89, 91, 133, 134, 189, 9001, 10107, 11600, 11602, 13435, 13436}
# The cluster is moving data or is busy for a moment.
_AWAY |= {63, 112, 150, 234, 246, 358, 11601, 13388}
_RETRY_AFTER = re.compile(r"RetryAfterMs=(\d{1,9})")
_TLS = re.compile(r"certificate|SSL|TLS", re.IGNORECASE)


def classified(error: Exception, stream: str | None) -> ConnectorError:
    """What an error means to the runner."""
    if isinstance(error, ConnectorError):
        return error
    if isinstance(error, OperationFailure) and not isinstance(error, ExecutionTimeout):
        return _refused(error, stream)
    if isinstance(error, ExecutionTimeout | NetworkTimeout | WaitQueueTimeoutError):
        return _slow(error, stream)
    if isinstance(error, ServerSelectionTimeoutError):
        return _unreachable(error, stream)
    if isinstance(error, AutoReconnect):
        return _away("The server closed the connection.", error, stream)
    if isinstance(error, ConfigurationError):
        return ConfigInvalid(
            "The server and the options of the MongoDB URL do not fit.",
            stream=stream,
            hint="Check replicaSet, authMechanism and directConnection in the URL.",
            detail=type(error).__name__,
        )
    if isinstance(error, BSONError):
        return RecordInvalid(
            "A document cannot be decoded.",
            stream=stream,
            hint="Look for a document that the database's own tools cannot show either.",
            detail=type(error).__name__,
        )
    return _elsewhere(error, stream)


def is_unknown_command(error: Exception) -> bool:
    """Whether the server does not have the command or stage, or not in its way of being set up."""
    return isinstance(error, OperationFailure) and error.code in {20, 59, 115, 166, 303, 40324, 40573}


def is_too_large(error: Exception) -> bool:
    """Whether a reply would be larger than the 16 MB a server can send: it will be the next time as well."""
    return isinstance(error, OperationFailure) and error.code == _TOO_LARGE


def _refused(error: OperationFailure, stream: str | None) -> ConnectorError:
    code, told = error.code or 0, str((error.details or {}).get("errmsg", ""))
    detail = f"code {code} {(error.details or {}).get('codeName', '')}".strip()
    if code in _LOGIN or (code == _UNAUTHORIZED and "requires authentication" in told) or "bad auth" in told:
        return CredentialsExpired(
            "The server no longer accepts the login.",
            stream=stream,
            hint="Give the connection a URL with a valid user and password.",
            detail=detail,
        )
    if code in (_UNAUTHORIZED, _ATLAS):
        return _forbidden(stream, detail)
    if code in _RATES or error.has_error_label("SystemOverloadedError"):
        asked = _RETRY_AFTER.search(told)
        return RateLimited(
            "The server asks for fewer requests.",
            retry_after_s=int(asked[1]) / 1000 if asked else 1.0,
            stream=stream,
            hint="The sync waits and goes on by itself.",
            detail=detail,
        )
    if code in _TIMES:
        return _slow(error, stream, detail)
    if code in _HISTORY:
        return CursorLost(
            "The server's log of changes no longer reaches back to the last sync.",
            stream=stream,
            hint="Sync more often, or keep a longer oplog.",
            detail=detail,
        )
    if code == 26:
        return gone(stream, detail)
    if code in _CURSORS | _AWAY:
        message = "The server ended the read." if code in _CURSORS else "The server is not available at the moment."
        return SourceUnavailable(message, stream=stream, hint="The sync goes on where it stopped.", detail=detail)
    return StreamMisbehaves(
        f"The server refused the read with code {code}.",
        stream=stream,
        hint="Look the code up in the server's log; some services speak only part of MongoDB's commands.",
        detail=detail,
    )


def gone(stream: str | None, detail: str = "") -> StreamGone:
    """The collection is not there any more."""
    return StreamGone(
        "The collection no longer exists.",
        stream=stream,
        hint="Remove it from the connection, or restore it at the source.",
        detail=detail,
    )


def _forbidden(stream: str | None, detail: str) -> ConnectorError:
    hint = "Grant the user the role `read` on the database."
    if stream is None:
        return PermissionMissing("The user may not read the database.", hint=hint, detail=detail)
    return StreamForbidden("The user may not read the collection.", stream=stream, hint=hint, detail=detail)


def _slow(error: Exception, stream: str | None, detail: str = "") -> Timeout:
    return Timeout(
        "The server did not answer in time.",
        stream=stream,
        hint="Try again later, or raise limits.timeout_s.",
        detail=detail or type(error).__name__,
    )


def _away(message: str, error: Exception, stream: str | None) -> SourceUnavailable:
    hint = "Check that the server is up and reachable from here; the sync goes on where it stopped."
    return SourceUnavailable(message, stream=stream, hint=hint, detail=type(error).__name__)


def _unreachable(error: ServerSelectionTimeoutError, stream: str | None) -> ConnectorError:
    if _TLS.search(str(error)):
        return _away("No server of the URL could be reached with TLS.", error, stream)
    return _away("No server of the URL could be reached.", error, stream)


def _elsewhere(error: Exception, stream: str | None) -> ConnectorError:
    """Errors met on our side while a batch was taken in."""
    if isinstance(error, TimeoutError):
        return _slow(error, stream)
    if isinstance(error, OSError):
        return SourceUnavailable(
            "The read stopped because of the platform's own disk or network.",
            stream=stream,
            hint="Try again; if it persists, the operator finds the cause in the log.",
            detail=f"{type(error).__name__} {error.errno}",
        )
    return RecordInvalid(
        "The documents could not be taken in.",
        stream=stream,
        hint="Report this with the time of the sync.",
        detail=type(error).__name__,
    )
