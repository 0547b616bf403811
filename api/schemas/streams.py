"""Streams of a connection: what the source offers, what was chosen, and how they looked last."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.values import SourceName
from assets.extract.selection import StreamSettings
from assets.fingerprint.fingerprint import ObservedStream
from connectors.protocol import Field as SourceField
from connectors.protocol import Stream

Mode = Literal["snapshot", "append", "incremental", "full", "full_with_deletes"]
Columns = Annotated[list[SourceName], Field(max_length=5_000)]


class FieldOut(BaseModel):
    """One field of a stream, as the source declares it or as most values are."""

    name: str
    type: str
    nullable: bool
    label: str | None
    description: str | None
    mix: dict[str, float] = Field(description="Shares of the types that a sample's values had; empty when they agree.")

    @classmethod
    def of(cls, field: SourceField) -> Self:
        """As a connector found it."""
        return cls(
            name=field.name, type=field.type, nullable=field.nullable, label=field.label,
            description=field.description, mix=dict(field.mix),
        )  # fmt: skip


class StreamChoice(BaseModel):
    """What was chosen for a stream. Key and cursor field are taken whatever `columns` says."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    enabled: bool = True
    mode: Mode | None = Field(None, description="How it is read; null as the source offers it.")
    columns: Columns | None = Field(None, description="Take only these; null takes all.")
    drop: Columns = Field(default_factory=list, description="Leave these out.")
    hash: Columns = Field(default_factory=list, description="Keep a keyed digest in place of these.")
    cursor_field: SourceName | None = Field(None, description="A field that grows with every change.")


class StreamChange(BaseModel):
    """What is to be chosen otherwise. What is left out stays; null takes a choice back."""

    model_config = ConfigDict(extra="forbid")

    enabled: bool | None = None
    mode: Mode | None = None
    columns: Columns | None = None
    drop: Columns | None = None
    hash: Columns | None = None
    cursor_field: SourceName | None = None


class StreamOut(BaseModel):
    """A stream as its source offers it, with what was chosen for it."""

    name: str
    label: str | None
    description: str | None
    fields: list[FieldOut]
    primary_key: list[str]
    key_origin: Literal["declared", "proposed", "none"]
    mode: Mode = Field(description="How it is read.")
    modes: list[Mode] = Field(description="How it may be read.")
    cursor_field: str | None
    detects_deletes: bool
    choice: StreamChoice

    @classmethod
    def of(cls, stream: Stream, settings: StreamSettings | None = None) -> Self:
        """As a connector found it."""
        settings = settings or StreamSettings()
        return cls(
            name=stream.name, label=stream.label, description=stream.description,
            fields=[FieldOut.of(field) for field in stream.fields], primary_key=list(stream.primary_key),
            key_origin=stream.key_origin, mode=settings.mode or stream.mode,
            modes=list(stream.modes or (stream.mode,)), cursor_field=settings.cursor_field or stream.cursor_field,
            detects_deletes=stream.detects_deletes, choice=StreamChoice.model_validate(settings),
        )  # fmt: skip


class DiscoveredOut(BaseModel):
    """What a source holds now."""

    streams: list[StreamOut]
    absent: list[str] = Field(description="Streams with a choice that the source does not have now.")


class SeenFieldOut(BaseModel):
    """A field as the last sync saw it."""

    name: str
    type: str | None


class StreamStateOut(BaseModel):
    """A stream that was synced or chosen, without asking the source."""

    name: str
    choice: StreamChoice
    fields: list[SeenFieldOut] | None = Field(description="As the last sync saw them; null before the first.")
    last_seen_at: datetime | None


class StreamStatesOut(BaseModel):
    """Every stream of a connection that is known."""

    streams: list[StreamStateOut]


class StreamChoicesIn(BaseModel):
    """The choices for all streams at once; a stream that is left out is read as the source offers it."""

    model_config = ConfigDict(extra="forbid")

    streams: dict[SourceName, StreamChoice] = Field(max_length=5_000, examples=[{"accounts": {"drop": ["email"]}}])


class PreviewColumnOut(BaseModel):
    """A column of a preview; values of one that is dropped or hashed are not shown."""

    name: str
    type: str
    taken: Literal["as_is", "hashed", "dropped"]


class PreviewOut(BaseModel):
    """The first records of a stream as the source gives them."""

    stream: str
    columns: list[PreviewColumnOut]
    records: list[dict[str, str | None]] = Field(description="Every value as text.")
    cut: bool = Field(description="Whether a long value was shortened.")


def seen_fields(stored: Sequence[Mapping[str, Any]]) -> list[SeenFieldOut]:
    """The fields of a stored shape, which is one document."""
    fields = ObservedStream.from_json(stored[0]).fields if stored else ()
    return [SeenFieldOut(name=field.name, type=field.type) for field in fields]


def choice_of(stored: Mapping[str, Any], stream: str) -> StreamChoice:
    """What is stored for a stream; the defaults when nothing is."""
    return StreamChoice.model_validate(stored.get(stream) or {})
