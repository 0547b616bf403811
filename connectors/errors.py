"""What goes wrong at a source, grouped by what the runner should do about it.

ConnectorError
  Retryable       RateLimited(retry_after_s), SourceUnavailable, Timeout     -> try again later
  NeedsPerson     CredentialsExpired, PermissionMissing, ConfigInvalid       -> no retry, tell someone
  StreamError     StreamGone, RecordInvalid                                  -> skip the stream, report it

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
