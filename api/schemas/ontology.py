"""Bodies of ontology, coverage and lineage: nodes, links, and figures that are null where nobody counted."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field


class FieldLinkOut(BaseModel):
    """One source field that fills one field of an entity."""

    source: str = Field(examples=["AnnualRevenue"])
    target: str = Field(examples=["annual_revenue"])
    transform: dict[str, Any] = Field(examples=[{"kind": "cast", "args": {}}])
    probability: float
    decided_by: str
    held: bool = Field(description="Whether a hold keeps what it reads back.")


class OntologyNodeOut(BaseModel):
    """A connection, one of its streams, an entity or a view."""

    id: str
    kind: Literal["connection", "stream", "entity", "view"]
    name: str
    status: str | None = Field(description="Of a connection; null for the others.")
    rows: int | None = Field(description="Live records or rows; null where nothing is published.")


class OntologyLinkOut(BaseModel):
    """What flows from a node to another."""

    source: str
    target: str
    rows: int | None
    fields: list[FieldLinkOut] = Field(description="Field mappings, from a stream to its entity.")


class UnmappedOut(BaseModel):
    """Fields of a stream that no rule reads."""

    connection_id: UUID
    connection: str
    stream: str
    fields: list[str]


class OntologyOut(BaseModel):
    """Sources, the entities they fill, and the views people read."""

    nodes: list[OntologyNodeOut]
    links: list[OntologyLinkOut]
    unmapped: list[UnmappedOut]
    snapshot_id: int | None


class StreamCoverageOut(BaseModel):
    """How much of a stream is mapped, and how much of what is mapped is filled."""

    connection_id: UUID
    connection: str
    stream: str
    entity: str | None = Field(description="Null for a stream that is kept raw.")
    mapping_version: int | None
    fields: int
    mapped: list[str]
    unmapped: list[str]
    held: list[str]
    records: int | None
    filled: float | None = Field(description="Share of the cells that its rules fill which hold a value.")


class ColumnCoverageOut(BaseModel):
    """How much of a view's column is filled, and by which streams."""

    column: str
    filled: float | None = Field(description="Share of rows with a value; null for a view without rows.")
    sources: list[str] = Field(description="CONNECTION/STREAM of those with a rule for it.")


class ViewCoverageOut(BaseModel):
    """The columns of a view."""

    view: str
    rows: int | None
    columns: list[ColumnCoverageOut]


class CoverageOut(BaseModel):
    """What is mapped, and what is filled."""

    streams: list[StreamCoverageOut]
    views: list[ViewCoverageOut]
    snapshot_id: int | None


class TableNodeOut(BaseModel):
    """A table on the way from a source to a view."""

    id: str
    stage: Literal["raw", "canonical", "clusters", "view"]
    name: str
    rows: int | None = Field(description="Live records, clusters or rows; null where nothing is published.")
    connection_id: UUID | None
    mapping_version: int | None = Field(description="In force, for a raw table.")
    last_run_at: datetime | None = Field(description="End of the newest sync, or of the publication.")
    last_run_status: str | None


class TableEdgeOut(BaseModel):
    """Rows that went from one table into another."""

    source: str
    target: str
    rows: int | None


class TableLineageOut(BaseModel):
    """From raw streams to a view."""

    view: str
    snapshot_id: int | None
    nodes: list[TableNodeOut]
    edges: list[TableEdgeOut]


class ColumnSourceOut(BaseModel):
    """A rule that fills the column."""

    connection_id: UUID
    connection: str
    stream: str
    mapping_version: int
    source_fields: list[str]
    transform: dict[str, Any]
    probability: float
    decided_by: str
    since: int = Field(description="The first commit of the stream whose records it reads; 0 for all.")
    until: int | None = Field(description="The last one; null without end.")
    records: int | None = Field(description="Live records of the stream with a value for the column.")


class ColumnLineageOut(BaseModel):
    """From source fields to a view's column."""

    view: str
    column: str
    description: str | None
    snapshot_id: int | None
    sources: list[ColumnSourceOut]
