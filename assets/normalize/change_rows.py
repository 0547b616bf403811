"""Rows people look at before they decide on a change: the source before and now, the view as it stands and as proposed.

Read from the live lake or from a published snapshot, alike. Values are texts, for JSON and tables; none is stored.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from assets.mapping.repairs.event_words import sources_of
from assets.mapping.repairs.proposal_words import decided
from assets.mapping.rules import FieldRule, StreamMapping
from assets.mapping.rules_json import rules_from_json
from assets.mapping.samples import raw_samples
from assets.normalize.catalog import EntityCatalog
from assets.normalize.outcome import CANONICAL_SCHEMA
from assets.normalize.preview import preview_mapping
from assets.normalize.quarantine import QUARANTINE, QUARANTINE_TABLE
from orchestration.control_plane.drift import DriftRecord
from orchestration.control_plane.mappings import MappingRecord
from orchestration.control_plane.proposals import ProposalRecord
from orchestration.resources.lake_reading import LakeReading


def held_records(session: LakeReading) -> dict[str, int]:
    """Hold id -> records it keeps out of the views now."""
    if QUARANTINE_TABLE not in session.tables(CANONICAL_SCHEMA):
        return {}
    return {
        str(hold): int(count)
        for hold, count in session.rows(
            f"SELECT hold_id, count(DISTINCT record_key) FROM {QUARANTINE} GROUP BY hold_id"
        )
    }


def proposal_samples(
    session: LakeReading,
    proposal: ProposalRecord,
    event: DriftRecord | None,
    catalog: EntityCatalog,
    rules: Sequence[Mapping[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """Rows of a proposal: the source before and now, the view as it stands and with `rules` (the proposal's own)."""
    changed = [change for change in proposal.changes if change.get("target")]
    targets = [str(change["target"]) for change in changed]
    wanted = list(rules if rules is not None else proposal.rules)
    if rules is not None:
        known = {decided(rule) for rule in proposal.rules}
        new = [rule for rule in wanted if decided(rule) not in known]
        targets += [str(rule["target"]) for rule in new]
        changed += [{"after": rule} for rule in new]
    if event and not targets:  # nothing is proposed: what the fields fill until now is at stake
        targets = [str(rule["target"]) for rule in wanted if set(event.fields_before) & set(sources_of(rule))]
    before = list(event.fields_before) if event else _sources(changed, "before")
    after = list(dict.fromkeys([*(event.fields_after if event else ()), *_sources(changed, "after")]))
    mapping = StreamMapping(proposal.stream, proposal.entity, proposal.base_version + 1, rules_from_json(wanted))
    return _samples(session, proposal.connection_id, mapping, catalog, before, after, targets, event)


def event_samples(
    session: LakeReading, event: DriftRecord, mapping: MappingRecord | None, catalog: EntityCatalog
) -> list[dict[str, Any]]:
    """Rows of a drift event, read by the mapping in force."""
    rules = mapping.rules if mapping else []
    touched = {*event.fields_before, *event.fields_after}
    targets = [str(rule["target"]) for rule in rules if touched & set(sources_of(rule))]
    in_force = StreamMapping(
        event.stream, mapping.entity if mapping else None, mapping.version if mapping else 0, rules_from_json(rules)
    )
    before, after = list(event.fields_before), list(event.fields_after)
    return _samples(session, event.connection_id, in_force, catalog, before, after, targets, event)


def mapping_samples(
    session: LakeReading,
    connection_id: UUID,
    mapping: StreamMapping,
    catalog: EntityCatalog,
    changed: Sequence[FieldRule],
) -> list[dict[str, Any]]:
    """Rows of a stream as a mapping would read them; shown are the fields and targets of the rules that changed."""
    after = list(dict.fromkeys(name for rule in changed for name in rule.sources()))
    targets = list(dict.fromkeys(rule.target for rule in changed))
    return _samples(session, connection_id, mapping, catalog, [], after, targets, None)


def _samples(
    session: LakeReading, connection_id: UUID, mapping: StreamMapping, catalog: EntityCatalog,
    before: Sequence[str], after: Sequence[str], targets: Sequence[str], event: DriftRecord | None,
) -> list[dict[str, Any]]:  # fmt: skip
    rows = raw_samples(
        session, connection_id, mapping.stream, before, after,
        event.first_version if event else None, event.snapshot_before if event else None,
    )  # fmt: skip
    previews = preview_mapping(session, connection_id, mapping, catalog, [row.key for row in rows], targets)
    shown = []
    for row in rows:
        preview = previews.get(row.record_id)
        shown.append(
            {
                "record_id": row.record_id,
                "before": row.before,
                "after": row.after,
                "standing": _readable(preview.standing if preview else None),
                "proposed": _readable(preview.proposed if preview else None),
                "problems": list(preview.problems) if preview else [],
            }
        )
    return shown


def _sources(changes: Sequence[Mapping[str, Any]], side: str) -> list[str]:
    rules = [change[side] for change in changes if change.get(side)]
    return list(dict.fromkeys(name for rule in rules for name in sources_of(rule)))


def _readable(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Values as texts, which JSON and tables take alike."""
    if values is None:
        return None
    return {name: None if value is None else str(value) for name, value in values.items()}
