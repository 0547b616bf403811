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
    "trim",  # the text without white space around it (what every reading does; a step of a chain)
    "concat",  # args: fields = [more source fields], separator; source + separator + fields..., blanks left out
    "chain",  # args: steps = [{kind, args}, ...]; text to text each, the last one read into the target's type
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
    `since` and `until` are commit versions of raw rows, both included: the rule reads only rows landed in between,
    so that rows of before a changed unit keep the old reading. 0 is from the beginning, None is without end.
    """

    source: str
    target: str
    transform: Transform = field(default_factory=Transform)
    probability: float = 1.0
    decided_by: Literal["policy", "person"] = "policy"
    evidence: tuple[str, ...] = ()
    since: int = field(default=0, kw_only=True)
    until: int | None = field(default=None, kw_only=True)

    def sources(self) -> tuple[str, ...]:
        """Every source field the rule reads: its own, and those that `concat` joins to it."""
        return tuple(dict.fromkeys((self.source, *joined_fields(self.transform))))


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


def joined_fields(transform: Transform) -> tuple[str, ...]:
    """The further source fields of a `concat`, also within a chain; () where arguments are not of that shape."""
    if transform.kind == "concat":
        fields = transform.args.get("fields")
        return tuple(name for name in fields if isinstance(name, str)) if isinstance(fields, list | tuple) else ()
    steps = transform.args.get("steps") if transform.kind == "chain" else None
    if not isinstance(steps, list | tuple):
        return ()
    return tuple(
        name
        for step in steps
        if isinstance(step, Mapping) and step.get("kind") == "concat" and isinstance(step.get("args"), Mapping)
        for name in joined_fields(Transform("concat", step["args"]))
    )
