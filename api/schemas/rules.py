"""Field rules as callers write and read them: as one line, and as structure. What they mean is the mapping stage's."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.values import JsonObject, Paragraph, SourceName

MOST_RULES = 1000
_MOST_COMMITS = 2**62

TransformKind = Literal[
    "cast", "lower", "upper", "epoch", "date_format", "scale", "number_format", "enum_map", "boolean_map", "split",
    "list", "constant", "trim", "concat", "chain",
]  # fmt: skip


FieldName = SourceName
Note = Annotated[
    Paragraph | None,
    Field(description="Why, for whoever reads the history.", examples=["The CRM team renamed it."]),
]


class TransformModel(BaseModel):
    """How the source's text is read. A closed set: none of them runs code."""

    model_config = ConfigDict(extra="forbid")

    kind: TransformKind = "cast"
    args: JsonObject = Field(default_factory=dict, description="What the kind takes.", examples=[{"factor": "0.01"}])


class RuleIn(BaseModel):
    """One rule: as a `line`, or as `source`, `target` and `transform`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"line": "mobile -> phone | trim"}, {"source": "mobile", "target": "phone"}]
        },
    )  # fmt: skip

    line: Paragraph | None = Field(
        default=None,
        description="`source -> target | step | step:arguments`; steps are cast, trim, lower, upper, scale:0.01, "
        "split:' ':0, concat:last,' ', date_format:%d.%m.%Y, number_format:',':'.', epoch:ms, enum:a=b,c=d, "
        "boolean:yes/no, list:';', constant:x.",
    )
    source: FieldName | None = Field(default=None, description="The field of the stream.")
    target: FieldName | None = Field(default=None, description="The field of the entity.")
    transform: TransformModel | None = None
    since: Annotated[int, Field(ge=0, le=_MOST_COMMITS)] = Field(
        default=0, description="First commit of landed rows that it reads; for whole mappings."
    )
    until: Annotated[int, Field(ge=0, le=_MOST_COMMITS)] | None = Field(
        default=None, description="Last commit that it reads; null for no end. For whole mappings."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        structured = self.source is not None and self.target is not None
        if (self.line is not None) == structured or (self.line and (self.source or self.target or self.transform)):
            raise ValueError("give either line, or source and target")
        if self.until is not None and self.until < self.since:
            raise ValueError("ends before it begins")
        return self


RulesIn = Annotated[
    list[RuleIn], Field(min_length=1, max_length=MOST_RULES, description="Rules, in the order in which they are tried.")
]


class RuleOut(BaseModel):
    """One rule: which field fills which, how it is read, and how that was decided."""

    line: str = Field(description="The rule as one line.", examples=["mobile -> phone | trim"])
    source: str
    target: str
    transform: TransformModel
    probability: float = Field(description="How sure it was, 0-1; 1 for what a person wrote.")
    decided_by: str = Field(description="`policy` or `person`.", examples=["person"])
    evidence: list[str]
    since: int
    until: int | None


class ChangeOut(BaseModel):
    """What a repair changes of one target; `before` is null for a new rule, `after` for one that goes."""

    target: str
    before: RuleOut | None
    after: RuleOut | None
