"""A mapping as a person writes it: edited rules joined with a proposal's, and checked as far as compiling tells.

Reading what somebody typed is the caller's; putting it in force is `mapping.repairs.deciding`'s.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from assets.fingerprint.fingerprint import ObservedStream
from assets.mapping.repairs.safe_rules import EditInvalid, check_rules
from assets.mapping.rules import FieldRule, StreamMapping
from assets.normalize.custom import tenant_catalog
from assets.normalize.plan import plan_mapping, unfilled_required
from assets.normalize.transforms import MappingInvalid
from orchestration.control_plane.tenant_session import TenantSession


class UnknownField(EditInvalid):
    """A rule reads a field that the stream never had; `known` are those it has or had."""

    def __init__(self, stream: str, name: str, known: Collection[str]) -> None:
        super().__init__(f"The stream {stream!r} has no field {name!r}.")
        self.name, self.known = name, known


class MappingUnusable(EditInvalid):
    """The mapping does not compile, or every record would be rejected; `hint` says what to do where it is known."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def join_edit(
    in_force: Sequence[FieldRule], proposed: Sequence[FieldRule], edited: Sequence[FieldRule]
) -> tuple[FieldRule, ...]:
    """The proposed mapping with edited rules in place of the proposal's own for the same targets.

    What was in force before stays behind them where the proposal kept it, so that rows of before keep their reading;
    an edited rule reads the span of the rule whose place it takes.
    """
    targets = {rule.target for rule in edited}
    rules = [rule for rule in proposed if rule.target not in targets]
    for target in dict.fromkeys(rule.target for rule in edited):
        of_target = [rule for rule in proposed if rule.target == target]
        new = [rule for rule in of_target if rule.until is None and rule not in in_force]
        since = min((rule.since for rule in new), default=0)
        mine = [replace(rule, since=since, until=None) for rule in edited if rule.target == target]
        kept = [rule for rule in of_target if rule not in new] if new else []
        same = {(rule.source, rule.since, rule.until) for rule in mine}
        rules += [*mine, *(rule for rule in kept if (rule.source, rule.since, rule.until) not in same)]
    return tuple(rules)


def written_rule(document: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as people write it, with what they leave out. Raises KeyError, TypeError or AttributeError for others."""
    transform = document.get("transform") or {}
    return {
        "source": str(document["source"]), "target": str(document["target"]), "probability": 1.0,
        "decided_by": "person", "evidence": ["written by a person"], "since": document.get("since") or 0,
        "until": document.get("until"),
        "transform": {"kind": transform.get("kind", "cast"), "args": dict(transform.get("args") or {})},
    }  # fmt: skip


def check_edit(
    session: TenantSession, connection_id: UUID, mapping: StreamMapping, also_known: Collection[str] = ()
) -> None:
    """Let a written mapping through. `also_known`: fields that may be read though no shape of the stream has them.

    Raises:
        UnknownField, MappingUnusable, EditInvalid: see there.
    """
    fields = known_fields(session, connection_id, mapping.stream)
    for name in dict.fromkeys(name for rule in mapping.rules for name in rule.sources()):
        if name not in fields and name not in also_known:
            raise UnknownField(mapping.stream, name, fields)
    catalog = tenant_catalog(session.custom_entities.list())
    try:
        plan_mapping(mapping, sorted(fields), catalog)
    except MappingInvalid as invalid:
        raise MappingUnusable(f"That mapping does not work: {invalid}.") from None
    if empty := unfilled_required(mapping, catalog):
        message = f"Nothing fills {', '.join(empty)}, so every record would be rejected."
        raise MappingUnusable(message, "Add a rule for it.")
    check_rules(session, mapping)


def known_fields(session: TenantSession, connection_id: UUID, stream: str) -> set[str]:
    """Every field the stream has or had, as far as its shapes tell."""
    shapes = session.schemas.baseline(connection_id, stream), session.schemas.latest(connection_id, stream)
    documents = [document for shape in shapes if shape is not None for document in shape.fields]
    return {field.name for document in documents for field in ObservedStream.from_json(document).fields}
