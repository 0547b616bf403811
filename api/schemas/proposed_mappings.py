"""What the first mapping of a stream would be, before anything of it is stored."""

from pydantic import BaseModel, Field

from api.schemas.rules import RuleOut


class ProposedRuleOut(RuleOut):
    """A rule that would fill a field of the entity, with what becomes of it."""

    is_applied: bool = Field(description="Whether it is sure enough for policy to apply it alone.")


class ProposedMappingOut(BaseModel):
    """Which entity a stream looks like, and which of its fields would fill which."""

    stream: str
    records: int = Field(description="How many records were looked at.", examples=[20])
    entity: str | None = Field(description="null: it looks like none.", examples=["contact"])
    entity_probability: float
    entity_evidence: list[str]
    is_applied: bool = Field(description="false: the stream only lands raw, until a person maps it.")
    apply_at: float = Field(description="From this probability on a rule is applied without a person.")
    rules: list[ProposedRuleOut]
    unmapped: list[str] = Field(description="Fields that nothing would be mapped from.")
