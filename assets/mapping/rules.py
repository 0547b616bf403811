"""What a mapping says: which source field fills which canonical field, and how its text is read.

The vocabulary that mapping writes and normalize compiles. Transforms are a closed, safe set: none runs code.
Deciding on rules is `candidates` and `policy`; turning them into SQL is normalize's work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

TransformKind = Literal[
    "cast",  # read the text as the target's type (the default)
    "lower",
    "upper",
    "epoch",  # args: unit = "s" | "ms" | "us"; a number counted from 1970-01-01 UTC
    "date_format",  # args: format (strptime), zone (IANA name, default UTC)
    "scale",  # args: factor (decimal text); number times factor, e.g. 0-1 probability to percent
    "number_format",  # args: decimal = "," | ".", group = "." | "," | " " | ""
    "enum_map",  # args: values = {source text: target text}, default = "keep" | "null" | "reject"
    "boolean_map",  # args: true = [texts], false = [texts]; anything else is rejected
    "split",  # args: separator, index (0-based; -1 the last; "rest" all but the first)
    "list",  # args: separator; text to list of texts
    "constant",  # args: value; ignores the source text
]


@dataclass(frozen=True, slots=True)
class Transform:
    """One safe reading of a source text; `args` holds JSON values only."""

    kind: TransformKind = "cast"
    args: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One source field filling one target of the stream's entity.

    `target` is a canonical field, or one of the bookkeeping targets `_deleted` and `_source_updated_at`.
    Several rules may share a target: the first non-null value wins, in rule order.
    """

    source: str
    target: str
    transform: Transform = field(default_factory=Transform)
    probability: float = 1.0
    decided_by: Literal["policy", "person"] = "policy"
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StreamMapping:
    """The mapping of one stream in force: version counts from 1 per connection and stream.

    `entity` is None for a stream that fits no canonical entity: it lands raw and stays visible.
    """

    stream: str
    entity: str | None
    version: int
    rules: tuple[FieldRule, ...] = ()

    def targets(self) -> frozenset[str]:
        """Canonical and bookkeeping fields that some rule fills."""
        return frozenset(rule.target for rule in self.rules)
