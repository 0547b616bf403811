"""Choices for a stream, checked against what the source offers before they are stored."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from assets.extract.selection import StreamSettings, select, unknown_names
from connectors.protocol import Stream


class ChoiceRefused(Exception):
    """The choice does not fit. `code` is stable; `meant` lists the names there are when one was `asked` for."""

    def __init__(self, message: str, code: str, asked: str = "", meant: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.asked = asked
        self.meant = tuple(meant)


def choose(streams: Sequence[Stream], name: str, wanted: Mapping[str, Any]) -> StreamSettings:
    """The settings, once they are known to fit the stream.

    Raises:
        ChoiceRefused: there is no such stream or column, or a setting is malformed.
        ConfigInvalid: the source cannot be read like that.
    """
    stream = next((known for known in streams if known.name == name), None)
    if stream is None:
        known = [stream.name for stream in streams]
        raise ChoiceRefused(f"The source has no stream {name!r}.", "unknown_stream", name, known)
    try:
        settings = StreamSettings.model_validate(wanted)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        wrong = "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems)
        raise ChoiceRefused(f"The setting is wrong: {wrong}.", "setting_invalid") from None
    unknown = unknown_names(stream, settings)
    if unknown:
        fields = [field.name for field in stream.fields]
        raise ChoiceRefused(f"Stream {name!r} has no column {unknown[0]!r}.", "unknown_column", unknown[0], fields)
    select(stream, settings)
    return settings


def with_choice(chosen: Mapping[str, Any], name: str, settings: StreamSettings) -> dict[str, Any]:
    """A connection's choices with this one in its place; a stream that is read as offered has none."""
    kept = {**chosen, name: settings.model_dump(mode="json", exclude_defaults=True)}
    return {stream: choice for stream, choice in kept.items() if choice}
