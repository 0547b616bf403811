"""What people chose for a stream: whether and how it is read, which columns are taken, left out or hashed.

Stored per stream with the connection. Applying it to values is `staging`'s work.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.errors import ConfigInvalid
from connectors.protocol import Field as StreamField
from connectors.protocol import Mode, Stream

MODES: tuple[Mode, ...] = get_args(Mode)


class StreamSettings(BaseModel):
    """Choices for one stream. `columns` None takes all; `drop` leaves some out; `hash` keeps a digest in their place.

    The primary key and the cursor field are taken whatever `columns` says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    mode: Mode | None = None
    columns: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()
    hash: tuple[str, ...] = Field(default=())
    cursor_field: str | None = None

    @property
    def hides(self) -> bool:
        """Whether some values of the source must not be kept as they are."""
        return bool(self.columns is not None or self.drop or self.hash)


def settings_for(streams: Mapping[str, Any], stream: str) -> StreamSettings:
    """The choices for a stream; the defaults when there are none.

    Raises:
        ConfigInvalid: what is stored for the stream cannot be read.
    """
    stored = streams.get(stream)
    if stored is None:
        return StreamSettings()
    try:
        return StreamSettings.model_validate(stored)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        named = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in wrong)
        raise ConfigInvalid(
            f"The stream's settings are wrong: {named}.", stream=stream, hint="Set them again."
        ) from None


def select(stream: Stream, settings: StreamSettings) -> Stream:
    """The stream as it is to be asked of the source: chosen mode, cursor field and columns.

    Raises:
        ConfigInvalid: the choice leaves out what identifies records, or the source offers no such mode or field.
    """
    if settings.mode is not None and settings.mode not in (*stream.modes, stream.mode):
        offered = ", ".join(stream.modes or (stream.mode,))
        raise ConfigInvalid(
            f"The stream cannot be read in mode {settings.mode!r}.",
            stream=stream.name,
            hint=f"Choose one of: {offered}.",
        )
    cursor_field = stream.cursor_field
    if settings.cursor_field is not None:
        if settings.cursor_field not in {field.name for field in stream.fields}:
            raise ConfigInvalid(
                f"The cursor field {settings.cursor_field!r} is not a field of the stream.",
                stream=stream.name,
                hint="Choose a field that grows with every change.",
            )
        cursor_field = settings.cursor_field
    chosen = replace(stream, mode=settings.mode or stream.mode, cursor_field=cursor_field)
    needed = [name for name in (*stream.primary_key, *([cursor_field] if cursor_field else [])) if name]
    dropped = next((name for name in needed if _is_named(name, settings.drop)), None)
    if dropped is not None:
        what = "part of the primary key" if dropped in stream.primary_key else "the cursor field"
        raise ConfigInvalid(
            f"Column {dropped!r} cannot be dropped: it is {what}.", stream=stream.name, hint="Hash it instead."
        )
    return visible(chosen, settings)


def visible(stream: Stream, settings: StreamSettings) -> Stream:
    """The stream with the fields that are taken, hashed ones as text. Also right for what a batch turns out to hold."""
    needed = {*stream.primary_key, stream.cursor_field}
    fields = (
        field
        for field in stream.fields
        if field.name in needed
        or (
            not _is_named(field.name, settings.drop)
            and (settings.columns is None or _is_named(field.name, settings.columns))
        )
    )
    return replace(stream, fields=tuple(_as_taken(field, settings) for field in fields))


def unknown_names(stream: Stream, settings: StreamSettings) -> tuple[str, ...]:
    """Names in the settings that the stream does not have."""
    known = {field.name.casefold() for field in stream.fields}
    named = (*(settings.columns or ()), *settings.drop, *settings.hash)
    return tuple(dict.fromkeys(name for name in named if name.casefold() not in known))


def is_hashed(name: str, settings: StreamSettings) -> bool:
    """Whether a field's values are to be hashed."""
    return _is_named(name, settings.hash)


def _as_taken(field: StreamField, settings: StreamSettings) -> StreamField:
    return replace(field, type="text", mix=()) if _is_named(field.name, settings.hash) else field


def _is_named(name: str, names: tuple[str, ...]) -> bool:
    """In any case, as the lake takes names: a column to be left out must not slip through as `EMAIL`."""
    return name.casefold() in {other.casefold() for other in names}
