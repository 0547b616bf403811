"""Rows people look at before they decide, and how fresh they are."""

from datetime import datetime

from pydantic import BaseModel, Field


class SampleOut(BaseModel):
    """One record: its changed fields at the source, and the view's values of it. Every value is a text."""

    record_id: str
    before: dict[str, str | None] | None = Field(description="As it was before the change; null: not known any more.")
    after: dict[str, str | None] = Field(description="As it is now.")
    standing: dict[str, str | None] | None = Field(description="In the view now; null: it is not in the view.")
    proposed: dict[str, str | None] | None = Field(description="As the rules would have it; null: it is rejected.")
    problems: list[str] = Field(description="Why it would be rejected; empty when it would not be.")


class SamplesOut(BaseModel):
    """Sample rows from the published snapshot: the live lake is never read for them."""

    rows: list[SampleOut]
    snapshot_id: int | None = Field(description="null: nothing of the tenant is published yet, so there are no rows.")
    published_at: datetime | None
    is_behind: bool = Field(
        description="The snapshot is older than the change, so its rows are not among these. It catches up by itself."
    )
