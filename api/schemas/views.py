"""Bodies of the views' endpoints: what is published, pages of rows, and where a row comes from."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from api.published.columns import Kind

Short = Annotated[str, StringConstraints(max_length=500)]


class ColumnOut(BaseModel):
    """One column of a view."""

    name: str = Field(examples=["annual_revenue"])
    type: Kind = Field(description="What it holds; `texts` and `sources` are lists.", examples=["decimal"])
    description: str | None = Field(description="What it means; null for columns of a view as it once was.")
    required: bool | None = Field(description="Whether every row has it; null where the model does not say.")


class ViewSourceOut(BaseModel):
    """A connection whose records are in the view."""

    connection_id: UUID
    connection: str | None = Field(description="Its name; null once it is deleted.")
    records: int = Field(description="Live records it brought, before records are joined.")


class ViewOut(BaseModel):
    """A view as it is published now; figures are null before the first publication."""

    name: str = Field(examples=["accounts"])
    entity: str = Field(description="The entity its rows are.", examples=["account"])
    custom: bool = Field(description="Whether the organisation declared the entity itself.")
    rows: int | None
    joined: int | None = Field(description="Rows that join records of several connections.")
    sources: list[ViewSourceOut]
    snapshot_id: int | None
    published_at: datetime | None
    newest_source_change: datetime | None = Field(description="When a source last changed one of its records.")
    columns: list[ColumnOut]


class ViewsOut(BaseModel):
    """All views, canonical ones first."""

    items: list[ViewOut]


class RowColumnOut(BaseModel):
    """A column of a page."""

    name: str
    type: Kind


class RowsOut(BaseModel):
    """A page of rows of one snapshot.

    A number that JSON's double cannot hold exactly is text: decimals of many digits, integers beyond 2**53.
    """

    columns: list[RowColumnOut]
    rows: list[dict[str, Any]] = Field(examples=[[{"_entity_id": "9f3c", "name": "Acme", "annual_revenue": 1250000.5}]])
    next_cursor: str | None = Field(description="Null on the last page.")
    snapshot_id: int
    published_at: datetime
    total: int | None = Field(description="Rows that the filters leave; null unless `count=exact`.")


class RowsQuery(BaseModel):
    """What a listing can be asked."""

    columns: str = Field("", max_length=8000, description="Columns between commas; all of them when left out.",
                         examples=["name,annual_revenue"])  # fmt: skip
    where: list[Annotated[str, StringConstraints(min_length=1, max_length=4000)]] = Field(
        default_factory=list,
        max_length=20,
        description="A filter, `field:op:value`; repeated, all must hold. Operators: eq, ne, lt, lte, gt, gte, in "
        "(values between commas, or a JSON list), contains, starts (both in any case), isnull, notnull. `ne` takes "
        "rows without a value too. `_sources:contains:ID` finds rows with records of that connection.",
        examples=[["annual_revenue:gte:1000000", "industry:in:Tools,Glass"]],
    )
    q: str = Field("", max_length=200, description="Text that must stand in some text column, in any case.")
    sort: str = Field("", max_length=1000, description="Columns between commas, `-` before a descending one; rows "
                      "without a value come last. Newest source change first when left out.",
                      examples=["-annual_revenue,name"])  # fmt: skip
    cursor: str | None = Field(None, max_length=2000, description="`next_cursor` of the page before. It goes on in "
                               "the snapshot of its first page, whatever was published since.")  # fmt: skip
    limit: int = Field(50, ge=1, le=500, description="Rows at most.")
    as_of: str | None = Field(None, max_length=40, description="A snapshot's id or an RFC 3339 time: rows as they were "
                              "published then.", examples=["2026-03-01T08:00:00Z"])  # fmt: skip
    count: Literal["none", "exact"] = Field("none", description="Whether to count all rows that the filters leave.")


class SourceRecordOut(BaseModel):
    """Which record of which connection."""

    connection_id: UUID
    connection: str | None = Field(description="Its name; null once it is deleted.")
    stream: str | None = Field(description="Null where it cannot be told.")
    record_id: str
    updated_at: datetime | None = Field(description="When its source changed it last.")


class RuleOut(BaseModel):
    """How a source field fills a column."""

    source: str = Field(description="The source field.", examples=["AnnualRevenue"])
    transform: dict[str, Any] = Field(examples=[{"kind": "cast", "args": {}}])
    probability: float
    decided_by: str


class ContributionOut(SourceRecordOut):
    """What one record gives for a column."""

    value: Any
    mapping_version: int
    rules: list[RuleOut] = Field(description="Rules of that version for the column; empty where it is kept no more.")


class CellOut(BaseModel):
    """One value of a row and where it comes from."""

    column: str
    value: Any
    winner: ContributionOut | None = Field(description="Null for an empty cell, and where it cannot be told.")
    others: list[ContributionOut] = Field(description="Records that gave a value too, in order of precedence.")


class ProvenanceOut(BaseModel):
    """Where every value of a row comes from."""

    entity_id: str
    snapshot_id: int
    published_at: datetime
    cells: list[CellOut]


class RowOut(BaseModel):
    """One row."""

    columns: list[RowColumnOut]
    row: dict[str, Any]
    snapshot_id: int
    published_at: datetime


class SourceSideOut(SourceRecordOut):
    """One source record as the view sees it, and as it came."""

    mapping_version: int
    values: dict[str, Any] = Field(description="Its canonical values.")
    unmapped: dict[str, Any] = Field(description="Source fields that no rule reads.")
    raw: dict[str, str | None] | None = Field(
        description="The record as it came, every value as text; hashed fields are hashes. Null when it is not kept."
    )


class SourcesOut(BaseModel):
    """The source records of a row side by side, in order of precedence."""

    entity_id: str
    snapshot_id: int
    records: list[SourceSideOut]


class ChangeOut(BaseModel):
    """The row as one publication had it, where it differs from the one before."""

    snapshot_id: int
    published_at: datetime
    present: bool = Field(description="Whether the row was there.")
    changed: dict[str, Any] = Field(description="Columns that differ from the publication before, with new values.")


class HistoryOut(BaseModel):
    """How a row changed over the publications that are kept, newest first."""

    entity_id: str
    items: list[ChangeOut]


class SnapshotOut(BaseModel):
    """A publication that can still be read."""

    snapshot_id: int
    published_at: datetime
    current: bool
    views: dict[str, int] = Field(description="Rows by view.", examples=[{"accounts": 1200}])


class SnapshotsOut(BaseModel):
    """Publications that can still be read, newest first."""

    items: list[SnapshotOut]


ExportFormat = Literal["csv", "parquet", "arrow", "json"]
