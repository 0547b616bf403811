"""The shapes of streams: fields, types and what their values are like as counts. Never a value."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

ChangeKind = Literal[
    "added", "removed", "renamed", "split", "merged", "swapped", "retyped", "nullability", "format", "unit", "enum",
    "currency", "locale", "null_rate", "volume", "stream_added", "stream_removed", "stream_renamed",
]  # fmt: skip
Severity = Literal["info", "warning", "breaking"]


class FingerprintOut(BaseModel):
    """A shape in which a stream was seen."""

    id: UUID
    connection_id: UUID
    stream: str
    digest: str = Field(description="SHA-256 of names, types and nullability, in hex.", examples=["9f86d081884c7d65"])
    is_baseline: bool = Field(description="The approved shape, which drift is measured against.")
    decided_by: str | None = Field(description="Who approved it; null when nobody did.", examples=["policy"])
    decided_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    sync_run_id: UUID | None = Field(description="The sync that saw it first.")
    fields: int = Field(description="How many fields it has.", examples=[12])


class SketchOut(BaseModel):
    """What the sampled values of a field are like, as counts. Estimates are of the sample, not of the stream."""

    rows: int
    filled: int = Field(description="Rows with a text that is not blank.")
    null_share: float = Field(description="Part of the rows without one, 0-1.")
    distinct: int
    max_length: int
    patterns: dict[str, float] = Field(
        description="Commonest masks of the texts with their share: A upper, a lower, 9 digit.",
        examples=[{"+99 99 9": 0.98}],
    )
    is_enum: bool = Field(description="Few values that repeat.")


class ShapeFieldOut(BaseModel):
    """One field as it was seen."""

    name: str
    type: str = Field(examples=["decimal"])
    declared: str | None = Field(description="The type that the source declares; null where it declares none.")
    nullable: bool | None = Field(description="null where no row was seen.")
    classes: dict[str, float] = Field(
        description="What the sampled texts read as, by share.", examples=[{"integer": 0.7, "decimal": 0.3}]
    )
    sketch: SketchOut | None = Field(description="null where no value was sampled.")


class WholeFingerprintOut(FingerprintOut):
    """A shape with its fields."""

    primary_key: list[str]
    mode: str = Field(description="How the source is read.", examples=["incremental"])
    rows: int | None = Field(description="Records the source held where it was read whole; null where it was not.")
    shape: list[ShapeFieldOut]


class ShapeChangeOut(BaseModel):
    """One difference between two shapes."""

    kind: ChangeKind
    field: str
    severity: Severity
    before: dict[str, Any] | None = Field(examples=[{"name": "amount", "type": "integer", "nullable": False}])
    after: dict[str, Any] | None


class ShapeDiffOut(BaseModel):
    """How a shape differs from another one of the same stream."""

    fingerprint_id: UUID
    against_id: UUID
    changes: list[ShapeChangeOut]
