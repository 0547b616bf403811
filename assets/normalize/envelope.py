"""What is announced once canonical rows are committed: one message a batch, and the event of a single record.

Names and numbers only in a batch message: the rows stay in the lake, where the snapshot range finds them.
"""

import datetime as dt
from typing import Annotated, Any, Literal, Self
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from assets.normalize.model import ENTITIES

EntityName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]  # a canonical entity, or one the tenant declared
SCHEMA_VERSION = 1


def now_utc() -> dt.datetime:
    """The present moment."""
    return dt.datetime.now(dt.UTC)


class SourceOfRecords(BaseModel):
    """Where records come from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connection_id: UUID
    stream: str = Field(min_length=1)
    mapping_version: int = Field(ge=1)


class BatchCommitted(BaseModel):
    """The message of the stream `t:{tenant}:aam:dcl`: canonical rows of one stream were committed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = SCHEMA_VERSION
    batch_id: str = Field(min_length=1)
    tenant_id: UUID
    entity: EntityName
    op: Literal["upsert", "delete", "mixed"]
    source: SourceOfRecords
    first_snapshot: int = Field(ge=0, description="First lake snapshot that holds rows of the batch")
    last_snapshot: int = Field(ge=0, description="Last lake snapshot that holds rows of the batch")
    upserted: int = Field(ge=0)
    deleted: int = Field(ge=0)
    rejected: int = Field(ge=0)
    fingerprint: str = Field(description="Digest of the schema the rows arrived in")
    trace_id: str = Field(default_factory=lambda: uuid4().hex, min_length=1)
    emitted_at: AwareDatetime = Field(default_factory=now_utc)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.last_snapshot < self.first_snapshot:
            raise ValueError("the snapshot range ends before it starts")
        expected = operation(self.upserted, self.deleted)
        if self.op != expected:
            raise ValueError(f"op is {self.op}, the counts say {expected}")
        return self

    def to_fields(self) -> dict[str, str]:
        """The message as fields of a Redis stream entry: one field, so that readers parse one JSON text."""
        return {"message": self.model_dump_json()}

    @classmethod
    def from_fields(cls, fields: dict[str, str]) -> Self:
        """Raises pydantic.ValidationError or KeyError for an entry that is no such message."""
        return cls.model_validate_json(fields["message"])


class CanonicalEvent(BaseModel):
    """One canonical record upserted or deleted, for whoever wants records rather than batches."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = SCHEMA_VERSION
    id: UUID = Field(default_factory=uuid4)
    tenant_id: UUID
    entity: EntityName
    op: Literal["upsert", "delete"]
    source: SourceOfRecords
    record_id: str = Field(min_length=1)
    fingerprint: str
    trace_id: str
    emitted_at: AwareDatetime = Field(default_factory=now_utc)
    data: dict[str, Any] | None = Field(description="The entity's fields; None for a delete")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.data is None) != (self.op == "delete"):
            raise ValueError("an upsert carries data and a delete none")
        model = ENTITIES.get(self.entity)  # what a tenant declared is not known here
        unknown = (self.data or {}).keys() - model.model_fields.keys() if model else set()
        if unknown:
            raise ValueError(f"{self.entity} has no field {', '.join(sorted(unknown))}")
        return self


def operation(upserted: int, deleted: int) -> Literal["upsert", "delete", "mixed"]:
    """What a batch with these counts does."""
    if upserted and deleted:
        return "mixed"
    return "delete" if deleted else "upsert"
