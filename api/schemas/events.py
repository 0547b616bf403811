"""Events as they are answered, and the tickets that open streams of them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from api.live.places import LONGEST_ID
from api.paging import Page

_ID = "1732300000000-0"
KindsText = Annotated[
    str | None,
    Query(
        max_length=500,
        description="Only these kinds, separated by commas: whole kinds, or what stands before the dot.",
        examples=["sync,drift.seen"],
    ),
]
AfterText = Annotated[
    str | None,
    Query(
        max_length=LONGEST_ID,
        description="Id of the last event seen: go on behind it. `0-0` begins with the oldest that is kept.",
        examples=[_ID],
    ),
]


class EventOut(BaseModel):
    """Something that happened."""

    id: str = Field(description="Its place in the stream; ids only grow.", examples=[_ID])
    kind: str = Field(description="`thing.happened`, one of `GET /kinds`.", examples=["sync.succeeded"])
    at: datetime = Field(description="When it was told, just after it happened.")
    trace_id: str | None = Field(description="Of the request it comes from; null where none is known.")
    actor: str | None = Field(description="Who did it; null for what happens by itself.", examples=["ann@acme.example"])
    data: dict[str, Any] = Field(description="Ids, names and counts; which ones, `GET /kinds` tells.")


class EventGapOut(BaseModel):
    """Events that cannot be told any more. They are in the history and in the state of things, not in this stream."""

    from_: str = Field(alias="from", description="What was seen last.", examples=[_ID])
    to: str | None = Field(description="The oldest that is kept; null when none is.")
    reason: Literal["not_kept", "lost"] = Field(description="Too long ago to be kept, or the store of events lost it.")


class EventPlaceOut(BaseModel):
    """An event's place and time."""

    id: str = Field(examples=[_ID])
    at: datetime


class EventPageOut(Page[EventOut]):
    """Events newest first, or oldest first behind `after`."""

    kept_since: EventPlaceOut | None = Field(description="The oldest event that can be read; null when there is none.")
    gap: EventGapOut | None = Field(description="What followed `after` and cannot be read any more; null for nothing.")


class EventKindOut(BaseModel):
    """A kind of event."""

    kind: str = Field(examples=["sync.succeeded"])
    description: str = Field(examples=["A sync is done."])
    fields: list[str] = Field(description="What its data holds, as far as it is known.")


class TicketOut(BaseModel):
    """A ticket: opens one stream, once, as whoever asked for it."""

    ticket: str = Field(description="For the `ticket` parameter of `/stream` or `/ws`. It is no token.")
    expires_in_s: int = Field(description="Seconds in which it has to be used.", examples=[30])
