"""Bodies of the endpoints of entities that a tenant declares."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.dependencies import Id
from api.schemas.values import Paragraph, SourceName
from assets.normalize.custom import FieldType

# What a name may hold is checked where declarations are: here only that it can be looked at.
_Name = Annotated[str, StringConstraints(min_length=1, max_length=63, pattern=r"^[a-z][a-z0-9_]*$")]


class EntityFieldOut(BaseModel):
    """A field of an entity."""

    name: str
    type: str = Field(description="The declared type, or the DuckDB type of a canonical field.", examples=["decimal"])
    description: str
    required: bool
    key: bool = Field(description="Whether it is part of what tells rows apart.")
    filled_by: list[str] = Field(description="CONNECTION/STREAM: FIELD of every rule that fills it.")


class EntityOut(BaseModel):
    """An entity, canonical or declared."""

    name: str = Field(examples=["invoice_line"])
    view: str = Field(examples=["invoice_lines"])
    custom: bool
    rows: int | None = Field(description="Rows of its view; null while it is not published.")
    streams: list[str] = Field(description="CONNECTION/STREAM of every stream that is mapped onto it.")
    fields: list[EntityFieldOut]
    created_by: str | None = Field(description="Null for a canonical one.")
    created_at: datetime | None


class EntitiesOut(BaseModel):
    """All entities, canonical ones first."""

    items: list[EntityOut]


class FieldChoiceIn(BaseModel):
    """One field of the stream that is wanted."""

    model_config = ConfigDict(extra="forbid")

    source: SourceName = Field(description="The source field.", examples=["Line_Total__c"])
    target: _Name | None = Field(None, description="Its name in the entity; made from the source's when left out.")
    type: FieldType | None = Field(None, description="As it was observed when left out.")


class StreamChoiceIn(BaseModel):
    """A stream to take records from."""

    model_config = ConfigDict(extra="forbid")

    connection_id: Id
    stream: SourceName = Field(examples=["Invoice_Line__c"])
    fields: list[FieldChoiceIn] = Field(default_factory=list, max_length=1000, description="All, when left out.")
    replace: bool = Field(False, description="Move the stream out of the view it is in.")


class DeclareEntityIn(StreamChoiceIn):
    """An entity to declare from a stream."""

    name: _Name = Field(examples=["invoice_line"])
    view: _Name | None = Field(None, description="Name of its view; the plural when left out.")


class NewFieldIn(BaseModel):
    """A field to add."""

    model_config = ConfigDict(extra="forbid")

    name: _Name = Field(examples=["delivered_at"])
    type: FieldType = "text"
    description: Paragraph = ""


class AddFieldsIn(BaseModel):
    """Fields to add; they are empty until a stream fills them."""

    model_config = ConfigDict(extra="forbid")

    fields: list[NewFieldIn] = Field(min_length=1, max_length=200)


class MappedStreamOut(BaseModel):
    """A stream that is being mapped onto an entity: a replay brings the records that landed into its view."""

    entity: str
    view: str
    mapping_version: int
    sync_run_id: UUID = Field(description="The replay that was asked for.")
