"""A mapping that a person edits: lines or JSON joined with the proposal's rules, checked, and tried on sample rows."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from assets.fingerprint.fingerprint import ObservedStream
from assets.mapping.rule_syntax import RuleUnreadable, parse_rule
from assets.mapping.rules import FieldRule, StreamMapping
from assets.mapping.rules_json import rules_from_json, rules_to_json
from assets.normalize.custom import tenant_catalog
from assets.normalize.plan import plan_mapping, unfilled_required
from assets.normalize.transforms import MappingInvalid
from orchestration.commands.access import Access
from orchestration.commands.errors import CommandFailed, did_you_mean
from orchestration.commands.proposal_words import rules_diff
from orchestration.commands.sample_rows import open_lake, proposal_samples
from orchestration.control_plane.proposals import ProposalRecord
from orchestration.control_plane.tenant_session import TenantSession


def edited_rules(
    session: TenantSession, proposal_id: UUID, lines: Sequence[str], whole: str | None
) -> tuple[FieldRule, ...]:
    """The whole mapping as the person wants it: `whole` as JSON, or the proposal's with these lines in place.

    Raises:
        CommandFailed: it cannot be read, names what is not there, or cannot be compiled; the sentence says which rule.
    """
    if bool(lines) == (whole is not None):
        raise CommandFailed("Give --map, or --rules, and not both.", code="usage", hint="See 'approvals edit --help'.")
    proposal = session.proposals.get(proposal_id)
    if whole is not None:
        rules = _from_json(whole)
    else:
        before = session.mappings.active(proposal.connection_id, proposal.stream)
        in_force = rules_from_json(before.rules) if before else ()
        rules = join_edit(in_force, rules_from_json(proposal.rules), [_rule(line) for line in lines])
    _check(session, proposal, rules)
    return rules


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
        mine = [_spanned(rule, since) for rule in edited if rule.target == target]
        kept = [rule for rule in of_target if rule not in new] if new else []
        same = {(rule.source, rule.since, rule.until) for rule in mine}
        rules += [*mine, *(rule for rule in kept if (rule.source, rule.since, rule.until) not in same)]
    return tuple(rules)


def preview_rules(access: Access, tenant_id: UUID, proposal_id: UUID, rules: Sequence[FieldRule]) -> dict[str, Any]:
    """What the edit changes of the mapping in force, and what it makes of sample rows."""
    with access.control_plane.tenant_session(tenant_id) as session:
        proposal = session.proposals.get(proposal_id)
        event = session.drift.get(proposal.drift_id) if proposal.drift_id else None
        before = session.mappings.active(proposal.connection_id, proposal.stream)
        catalog = tenant_catalog(session.custom_entities.list())
    documents = rules_to_json(rules)
    with open_lake(access, tenant_id) as lake:
        samples = proposal_samples(lake, proposal, event, catalog, documents)
    return {"diff": rules_diff(before.rules if before else [], documents), "samples": samples}


def _spanned(rule: FieldRule, since: int) -> FieldRule:
    return FieldRule(
        rule.source, rule.target, rule.transform, rule.probability, rule.decided_by, rule.evidence, since=since
    )


def _rule(line: str) -> FieldRule:
    try:
        return parse_rule(line)
    except RuleUnreadable as unreadable:
        raise CommandFailed(str(unreadable), code="rule_unreadable", hint="See 'approvals edit --help'.") from None


def _from_json(text: str) -> tuple[FieldRule, ...]:
    try:
        written = Path(text[1:]).expanduser().read_text(encoding="utf-8") if text.startswith("@") else text
        documents = json.loads(written)
        if not isinstance(documents, list):
            raise ValueError("it is no list of rules")
        return rules_from_json([_completed(document) for document in documents])
    except OSError as error:
        raise CommandFailed(f"{text[1:]} cannot be read: {error.strerror}.", code="rules_unreadable") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"The rules cannot be read: {error}."
        hint = 'Each is {"source": ..., "target": ..., "transform": {"kind": ..., "args": {...}}}.'
        raise CommandFailed(message, code="rules_unreadable", hint=hint) from None


def _completed(document: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as people write it, with what they leave out."""
    transform = document.get("transform") or {}
    return {
        "source": str(document["source"]), "target": str(document["target"]), "probability": 1.0,
        "decided_by": "person", "evidence": ["written by a person"], "since": document.get("since") or 0,
        "until": document.get("until"),
        "transform": {"kind": transform.get("kind", "cast"), "args": dict(transform.get("args") or {})},
    }  # fmt: skip


def _check(session: TenantSession, proposal: ProposalRecord, rules: Sequence[FieldRule]) -> None:
    """Raises CommandFailed for what could not be compiled, or would read fields that the stream never had."""
    catalog = tenant_catalog(session.custom_entities.list())
    fields = _known_fields(session, proposal)
    for name in dict.fromkeys(name for rule in rules for name in rule.sources()):
        if name not in fields and not any(name in rule.sources() for rule in rules_from_json(proposal.rules)):
            hint = did_you_mean(name, fields)
            message = f"The stream {proposal.stream!r} has no field {name!r}."
            raise CommandFailed(message, code="unknown_field", hint=hint)
    mapping = StreamMapping(proposal.stream, proposal.entity, proposal.base_version + 1, tuple(rules))
    try:
        plan_mapping(mapping, sorted(fields), catalog)
    except MappingInvalid as invalid:
        raise CommandFailed(f"That mapping does not work: {invalid}.", code="mapping_invalid") from None
    if empty := unfilled_required(mapping, catalog):
        message = f"Nothing fills {', '.join(empty)}, so every record would be rejected."
        raise CommandFailed(message, code="mapping_invalid", hint="Add a rule for it.")


def _known_fields(session: TenantSession, proposal: ProposalRecord) -> set[str]:
    """Every field the stream has or had, as far as its shapes tell."""
    shapes = (
        session.schemas.baseline(proposal.connection_id, proposal.stream),
        session.schemas.latest(proposal.connection_id, proposal.stream),
    )
    documents = [document for shape in shapes if shape is not None for document in shape.fields]
    return {field.name for document in documents for field in ObservedStream.from_json(document).fields}
