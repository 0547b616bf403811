"""Rules made anew from a drift event's readings: the recovered old value, read as the old rule read it.

A reading says how the old value of one field is got from what comes now. Rows landed before the change keep the old
reading, by the spans of the rules. Nothing here decides whether a repair is good.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from assets.mapping.rules import FieldRule, Transform

MOST_STEPS: Final = 8  # of a chain; a repair of a repair of a repair is for a person
_STEPS: Final = frozenset(
    ("trim", "lower", "upper", "split", "concat", "scale", "number_format", "enum_map", "date_format", "epoch", "cast")
)
# Both say how the source writes a moment or a number: the newer one takes the place of the older.
_WRITINGS: Final = frozenset(("date_format", "epoch", "number_format"))


class Unfit(ValueError):
    """The reading cannot be joined to a rule; str() says which and why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the old value of `old` is got from `source`: proven on `explained` of `compared` pairs of records."""

    old: str
    source: str
    transform: Transform
    compared: int = 0
    explained: int = 0

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Reading":
        """A reading as drift evidence holds it."""
        transform = document.get("transform") or {}
        return cls(
            str(document["old"]), str(document["source"]),
            Transform(transform.get("kind", "cast"), dict(transform.get("args") or {})),
            int(document.get("compared") or 0), int(document.get("explained") or 0),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What happens to one target: `after` is read first from now on; None where nothing takes the place."""

    target: str
    before: FieldRule | None
    after: FieldRule | None


@dataclass(frozen=True, slots=True)
class Rederived:
    """The whole mapping's rules with the readings in them; `displaced` are rules whose field means something else."""

    rules: tuple[FieldRule, ...]
    changes: tuple[RuleChange, ...]
    displaced: tuple[FieldRule, ...] = ()


def readings_of(evidence: Mapping[str, Any]) -> tuple[Reading, ...]:
    """The readings of a drift event's evidence."""
    found = evidence.get("readings") or ()
    return tuple(Reading.from_json(document) for document in found if isinstance(document, Mapping))


def rederive(
    rules: Sequence[FieldRule], readings: Sequence[Reading], version: int, known: Collection[str], probability: float
) -> Rederived:
    """The rules with every rule that reads an old field joined by one that reads it as it comes now.

    `version` is the first commit of the change, `known` the fields that existed before it: a name among those meant
    what it meant until then, so rules on it end there and the new ones begin.

    Raises:
        Unfit: a reading cannot be joined to a rule.
    """
    reused = {reading.source for reading in readings} & set(known)
    if reused and version <= 0:
        raise Unfit("it is not known since which commit the field comes differently")
    by_old = {reading.old: reading for reading in readings}
    made: list[FieldRule] = []
    changes: list[RuleChange] = []
    displaced: list[FieldRule] = []
    for rule in rules:
        sources = set(rule.sources())
        if not _reads_on(rule, version):
            made.append(rule)
            continue
        past = replace(rule, until=version - 1) if sources & reused else rule
        if sources & by_old.keys():
            new = _joined(rule, by_old, probability)
            new = replace(new, since=version if set(new.sources()) & set(known) else 0, until=None)
            changes.append(RuleChange(rule.target, rule, new))
            made += [new, past]
            continue
        if past is not rule:
            displaced.append(rule)
            changes.append(RuleChange(rule.target, rule, None))
        made.append(past)
    return Rederived(_without_doubles(made), tuple(changes), tuple(displaced))


def compose(reading: Transform, rule: Transform) -> Transform:
    """One transform that recovers the old text and reads it as the rule did.

    Raises:
        Unfit: the two cannot be joined.
    """
    if rule.kind == "constant" or reading.kind == "cast":
        return rule
    if rule.kind == "cast":
        return reading
    if rule.kind == "boolean_map":
        return _boolean_map(reading, rule)
    steps, then = _steps(reading), _steps(rule)
    if steps[-1]["kind"] in _WRITINGS and then[0]["kind"] in _WRITINGS:
        then = then[1:]
    if then and steps[-1]["kind"] == then[0]["kind"] == "scale":
        steps, then = [*steps[:-1], _scaled(steps[-1], then[0])], then[1:]
    joined = [*steps, *then]
    unsafe = [step["kind"] for step in joined if step["kind"] not in _STEPS]
    if unsafe:
        raise Unfit(f"a {unsafe[0]} cannot follow another reading")
    if len(joined) > MOST_STEPS:
        raise Unfit(f"more than {MOST_STEPS} readings would follow each other")
    if len(joined) == 1:
        return Transform(joined[0]["kind"], joined[0]["args"])
    return Transform("chain", {"steps": joined})


def _reads_on(rule: FieldRule, version: int) -> bool:
    """Whether the rule reads rows of the change at all."""
    return rule.until is None or rule.until >= version


def _joined(rule: FieldRule, by_old: Mapping[str, Reading], probability: float) -> FieldRule:
    sources = rule.sources()
    touching = [by_old[source] for source in sources if source in by_old]
    evidence = (f"repaired: {', '.join(f'{r.old} comes as {r.source}' for r in touching)}",)
    of_policy = {"probability": round(probability, 4), "decided_by": "policy", "evidence": evidence}
    if len(sources) == 1:
        reading = touching[0]
        transform = compose(reading.transform, rule.transform)
        return replace(rule, source=reading.source, transform=transform, **of_policy)  # type: ignore[arg-type]
    if all(reading.transform.kind == "cast" for reading in touching):
        names = {reading.old: reading.source for reading in touching}
        renamed = _renamed(rule.transform, names)
        source = names.get(rule.source, rule.source)
        return replace(rule, source=source, transform=renamed, **of_policy)  # type: ignore[arg-type]
    if rule.transform.kind == "concat" and _splits_back(rule, touching):
        return replace(rule, source=touching[0].source, transform=Transform(), **of_policy)  # type: ignore[arg-type]
    raise Unfit(f"{rule.target} is joined of {', '.join(sources)}, of which only a part comes differently")


def _renamed(transform: Transform, names: Mapping[str, str]) -> Transform:
    """A concat, or a chain with one, that joins the fields by their new names."""
    args = dict(transform.args)
    if transform.kind == "concat":
        fields = args.get("fields")
        args["fields"] = [names.get(name, name) for name in fields] if isinstance(fields, list | tuple) else []
    elif transform.kind == "chain":
        renamed = [_renamed(Transform(step["kind"], step.get("args") or {}), names) for step in _steps(transform)]
        args["steps"] = [{"kind": step.kind, "args": dict(step.args)} for step in renamed]
    return Transform(transform.kind, args)


def _splits_back(rule: FieldRule, readings: Sequence[Reading]) -> bool:
    """Whether the readings cut one field at the separator that the rule joins its fields with."""
    separator = rule.transform.args.get("separator")
    cuts = [reading.transform for reading in readings]
    return (
        len(readings) == len(rule.sources())
        and len({reading.source for reading in readings}) == 1
        and all(cut.kind == "split" and cut.args.get("separator") == separator for cut in cuts)
        and [cut.args.get("index") for cut in cuts[:-1]] == list(range(len(cuts) - 1))
        and cuts[-1].args.get("index") in ("rest", -1, len(cuts) - 1)
    )


def _boolean_map(reading: Transform, rule: Transform) -> Transform:
    """The texts that meant true and false before, as they are written now."""
    values = reading.args.get("values")
    if reading.kind != "enum_map" or not isinstance(values, Mapping):
        raise Unfit("texts for true and false can only follow a list of new texts")
    args: dict[str, object] = {}
    for side in ("true", "false"):
        listed = rule.args.get(side)
        meant = {str(text).strip().casefold() for text in listed} if isinstance(listed, list | tuple) else set()
        args[side] = [str(new) for new, old in values.items() if str(old).strip().casefold() in meant]
    return Transform("boolean_map", args)


def _steps(transform: Transform) -> list[dict[str, Any]]:
    steps = transform.args.get("steps")
    if transform.kind == "chain" and isinstance(steps, list | tuple):
        return [dict(step) for step in steps]
    return [{"kind": transform.kind, "args": dict(transform.args)}]


def _scaled(first: Mapping[str, Any], then: Mapping[str, Any]) -> dict[str, Any]:
    factor = Decimal(str(first["args"]["factor"])) * Decimal(str(then["args"]["factor"]))
    return {"kind": "scale", "args": {"factor": format(factor.normalize(), "f")}}


def _without_doubles(rules: Iterable[FieldRule]) -> tuple[FieldRule, ...]:
    """A rule that an earlier one says already, for at least the same rows, adds nothing."""
    kept: list[FieldRule] = []
    for rule in rules:
        if not any(_covers(other, rule) for other in kept):
            kept.append(rule)
    return tuple(kept)


def _covers(other: FieldRule, rule: FieldRule) -> bool:
    same = (other.source, other.target, other.transform) == (rule.source, rule.target, rule.transform)
    ends_later = other.until is None or (rule.until is not None and other.until >= rule.until)
    return same and other.since <= rule.since and ends_later
