"""Records that could not be taken: what is wrong with each, and what it looked like."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.paging import Page

LONGEST_RAW = 20_000  # characters


class WrongOut(BaseModel):
    """One thing that is wrong with a record."""

    field: str | None = Field(None, description="The target; null for the record as a whole.")
    source: str | None = Field(None, description="The field of the source.")
    value: str | None = None
    reason: str


class RejectOut(BaseModel):
    """One record that is rejected in the published snapshot."""

    stream: str
    entity: str | None = Field(description="Null when it failed before it was mapped.")
    stage: Literal["extract", "normalize"]
    record_id: str | None
    origin: str | None
    line: int | None
    errors: list[WrongOut]
    raw: str | None = Field(description="As it came; null where columns are hidden.")
    raw_cut: bool = Field(description="Whether `raw` was shortened.")
    rejected_at: datetime


class RejectPage(Page[RejectOut]):
    """Rejected records of one published snapshot."""

    snapshot_id: int | None = Field(description="Null before anything was published.")


class RejectReasonOut(BaseModel):
    """How many records of a stream are rejected for the first thing that is wrong with them."""

    stream: str
    reason: str
    records: int


class RejectSummaryOut(BaseModel):
    """Rejected records counted by stream and reason, the most frequent first."""

    snapshot_id: int | None
    rejected: int
    reasons: list[RejectReasonOut]
