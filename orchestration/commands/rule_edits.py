"""A mapping that a person edits on the command line: read, joined with the proposal's rules, tried on sample rows."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from assets.mapping.repairs.proposal_words import rules_diff
from assets.mapping.repairs.safe_rules import EditInvalid
from assets.mapping.rule_syntax import RuleUnreadable, parse_rule
from assets.mapping.rules import FieldRule, StreamMapping
from assets.mapping.rules_json import rules_from_json, rules_to_json
from assets.normalize.change_rows import proposal_samples
from assets.normalize.custom import tenant_catalog
from assets.normalize.edits import MappingUnusable, UnknownField, check_edit, join_edit, written_rule
from orchestration.commands.access import Access
from orchestration.commands.errors import CommandFailed, did_you_mean
from orchestration.commands.sample_rows import open_lake
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
        return rules_from_json([written_rule(document) for document in documents])
    except OSError as error:
        raise CommandFailed(f"{text[1:]} cannot be read: {error.strerror}.", code="rules_unreadable") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"The rules cannot be read: {error}."
        hint = 'Each is {"source": ..., "target": ..., "transform": {"kind": ..., "args": {...}}}.'
        raise CommandFailed(message, code="rules_unreadable", hint=hint) from None


def _check(session: TenantSession, proposal: ProposalRecord, rules: Sequence[FieldRule]) -> None:
    """Raises CommandFailed for what could not be compiled, or would read fields that the stream never had."""
    mapping = StreamMapping(proposal.stream, proposal.entity, proposal.base_version + 1, tuple(rules))
    proposed = {name for rule in rules_from_json(proposal.rules) for name in rule.sources()}
    try:
        check_edit(session, proposal.connection_id, mapping, proposed)
    except UnknownField as unknown:
        raise CommandFailed(
            str(unknown), code="unknown_field", hint=did_you_mean(unknown.name, sorted(unknown.known))
        ) from None
    except MappingUnusable as unusable:
        raise CommandFailed(str(unusable), code="mapping_invalid", hint=unusable.hint) from None
    except EditInvalid as invalid:
        raise CommandFailed(str(invalid), code="mapping_invalid") from None
