"""Syncs as they are answered: what was read and what became of it, stream by stream."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from orchestration.control_plane.sync_notes import SyncNoteRecord
from orchestration.control_plane.sync_runs import SyncRunRecord

# Makes a sentence of a connector's fit to be shown: without where on this machine a tenant's files lie.
Telling = Callable[[str], str]
SyncStatus = Literal["requested", "queued", "running", "succeeded", "failed", "canceled"]


class CountsOut(BaseModel):
    """Records by what became of them. Of a sync that succeeded, read = loaded + rejected + unchanged."""

    read: int = Field(0, examples=[1200])
    loaded: int = Field(0, description="New or changed, and in the canonical tables now.", examples=[40])
    rejected: int = Field(0, description="Did not fit, or are held until a change is decided.", examples=[3])
    unchanged: int = Field(0, examples=[1157])
    deleted: int = Field(0, description="Gone at the source; they were not read, so the balance is without them.")
    held: int = Field(0, description="Of the rejected, those that wait in quarantine.")
    replayed: int = Field(0, description="Came out of quarantine.")
    rederived: int = Field(0, description="Records of before that a new mapping changed.")

    @classmethod
    def of(cls, counts: Mapping[str, Any]) -> Self:
        """From what a sync keeps of a stream."""
        return cls(**{name: int(counts.get(name) or 0) for name in cls.model_fields})

    @property
    def balance(self) -> bool:
        """Whether every record read is accounted for."""
        return self.read == self.loaded + self.rejected + self.unchanged


class FailureOut(BaseModel):
    """Why something did not succeed, and what to do about it."""

    code: str = Field(description="Stable; decide by it.", examples=["credentials_expired"])
    message: str
    hint: str | None = None
    retryable: bool | None = Field(None, description="Whether trying again may help without anybody acting.")


class SyncStreamOut(CountsOut):
    """One stream of a sync."""

    balances: bool | None = Field(description="Null until the sync has succeeded.")
    error: FailureOut | None = None


class SyncOut(BaseModel):
    """One sync: one reading of one connection, or a replay of what it brought."""

    id: UUID
    connection_id: UUID
    kind: Literal["sync", "replay"] = Field(description="A replay maps what is in the lake anew and asks no source.")
    status: SyncStatus
    requested_by: str
    requested_at: datetime
    queued_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    duration_s: float | None = Field(None, description="From its start to its end.")
    is_sample: bool = Field(description="Read in Safe Mode: a few records of each stream.")
    counts: CountsOut
    balances: bool | None = Field(description="Whether every record read is accounted for; null until it succeeded.")
    error: FailureOut | None = None

    @classmethod
    def fields_of(cls, run: SyncRunRecord, tell: Telling) -> dict[str, Any]:
        """The values of these fields. `tell` makes a sentence fit to be shown."""
        counts = totals(run)
        known = ("id", "connection_id", "kind", "status", "requested_by", "requested_at", "queued_at", "started_at")
        return {
            **{name: getattr(run, name) for name in known},
            "finished_at": run.finished_at, "is_sample": run.is_sample, "counts": counts,
            "duration_s": _duration_s(run), "balances": counts.balance if run.status == "succeeded" else None,
            "error": failure_of(run, tell),
        }  # fmt: skip

    @classmethod
    def of(cls, run: SyncRunRecord, tell: Telling) -> Self:
        """The sync as its record has it."""
        return cls(**cls.fields_of(run, tell))


class SyncDetailOut(SyncOut):
    """One sync with its streams."""

    streams: dict[str, SyncStreamOut] = Field(description="By name, as far as they have come.")

    @classmethod
    def of(cls, run: SyncRunRecord, tell: Telling) -> Self:
        """The sync as its record has it."""
        ended_well = run.status == "succeeded"
        streams = {name: _stream(counts, ended_well, tell) for name, counts in sorted(run.streams.items())}
        return cls(**cls.fields_of(run, tell), streams=streams)


class SyncNoteOut(BaseModel):
    """A sentence that was written down while a sync ran."""

    seq: int
    at: datetime
    stream: str | None = Field(description="Null for what concerns the whole sync.")
    level: Literal["info", "warning", "error"]
    code: str = Field(examples=["stream_read"])
    message: str

    @classmethod
    def of(cls, note: SyncNoteRecord, tell: Telling) -> Self:
        """The note as its record has it."""
        return cls(
            seq=note.seq, at=note.at, stream=note.stream, level=note.level, code=note.code, message=tell(note.message)
        )


def totals(run: SyncRunRecord) -> CountsOut:
    """The sums over the streams, as far as they have come."""
    streams = [CountsOut.of(counts) for counts in run.streams.values()]
    return CountsOut(**{name: sum(getattr(one, name) for one in streams) for name in CountsOut.model_fields})


def failure_of(run: SyncRunRecord, tell: Telling) -> FailureOut | None:
    """Why a sync failed; None for one that did not."""
    if run.error_code is None:
        return None
    hint = tell(run.error_hint) if run.error_hint else None
    return FailureOut(code=run.error_code, message=tell(run.error_message or ""), hint=hint, retryable=run.retryable)


def _stream(counts: Mapping[str, Any], ended_well: bool, tell: Telling) -> SyncStreamOut:
    numbers, error = CountsOut.of(counts), counts.get("error")
    failure = None
    if error:
        hint = tell(error["hint"]) if error.get("hint") else None
        failure = FailureOut(code=error["code"], message=tell(error["message"]), hint=hint)
    return SyncStreamOut(**numbers.model_dump(), balances=numbers.balance if ended_well else None, error=failure)


def _duration_s(run: SyncRunRecord) -> float | None:
    if run.started_at is None or run.finished_at is None:
        return None
    return round((run.finished_at - run.started_at).total_seconds(), 3)
