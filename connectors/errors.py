"""What goes wrong at a source, grouped by what the runner should do about it.

ConnectorError
  Retryable       RateLimited(retry_after_s), SourceUnavailable, Timeout     -> try again later
  NeedsPerson     CredentialsExpired, PermissionMissing, ConfigInvalid, AddressRefused, LimitReached
                                                                             -> no retry, tell someone
  StreamError     StreamGone, StreamForbidden, RecordInvalid, StreamMisbehaves, CursorLost
                                                                             -> skip the stream, report it

`str(error)` is safe to show a tenant; `detail` is for the operator's log. Secrets belong in neither.
"""

from typing import ClassVar, Literal


class ConnectorError(Exception):
    """A failure at a source. `stream` is the stream concerned, `hint` says what to do, `detail` is internal."""

    code: ClassVar[str] = "connector_error"
    effect: ClassVar[Literal["retry", "needs_person", "skip_stream"]] = "needs_person"

    def __init__(self, message: str, *, stream: str | None = None, hint: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.stream = stream
        self.hint = hint
        self.detail = detail

    def __str__(self) -> str:
        where = f"Stream {self.stream!r}: " if self.stream else ""
        return f"{where}{self.message}{f' {self.hint}' if self.hint else ''}"


class Retryable(ConnectorError):
    """The same request may succeed later."""

    code = "retryable"
    effect = "retry"


class RateLimited(Retryable):
    """The source asks us to slow down."""

    code = "rate_limited"

    def __init__(
        self, message: str, *, retry_after_s: float, stream: str | None = None, hint: str = "", detail: str = ""
    ) -> None:
        super().__init__(message, stream=stream, hint=hint, detail=detail)
        self.retry_after_s = retry_after_s


class SourceUnavailable(Retryable):
    """The source could not be reached, or moved under the reader."""

    code = "source_unavailable"


class Timeout(Retryable):
    """The source did not answer in time."""

    code = "timeout"


class NeedsPerson(ConnectorError):
    """Repeating changes nothing: somebody has to act."""

    code = "needs_person"
    effect = "needs_person"


class CredentialsExpired(NeedsPerson):
    """The source no longer accepts the credentials."""

    code = "credentials_expired"


class PermissionMissing(NeedsPerson):
    """The login or process may not read this."""

    code = "permission_missing"


class ConfigInvalid(NeedsPerson):
    """The connection's configuration does not fit the source."""

    code = "config_invalid"


class AddressRefused(NeedsPerson):
    """The address is internal to the platform's network, and the operator has not allowed it."""

    code = "address_refused"


class LimitReached(NeedsPerson):
    """The source's own quota (such as calls a day) is used up to the share we may take."""

    code = "limit_reached"


class StreamError(ConnectorError):
    """One stream cannot be read; the others can."""

    code = "stream_error"
    effect = "skip_stream"


class StreamGone(StreamError):
    """The source no longer has the stream."""

    code = "stream_gone"


class RecordInvalid(StreamError):
    """The stream's content cannot be read as records."""

    code = "record_invalid"


class StreamForbidden(StreamError):
    """The login may no longer read this stream."""

    code = "stream_forbidden"


class StreamMisbehaves(StreamError):
    """The source breaks its own protocol on this stream: the same page for ever, a page that moves backwards."""

    code = "stream_misbehaves"


class CursorLost(StreamError):
    """The source's history no longer reaches back to the cursor, and the stream cannot be read anew by itself."""

    code = "cursor_lost"
