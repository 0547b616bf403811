"""Sample rows of a change from the tenant's lake, and how many records each hold keeps back now."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from assets.mapping.rules import StreamMapping
from assets.mapping.rules_json import rules_from_json
from assets.mapping.samples import raw_samples
from assets.normalize.outcome import CANONICAL_SCHEMA
from assets.normalize.preview import preview_mapping
from assets.normalize.quarantine import QUARANTINE, QUARANTINE_TABLE
from orchestration.commands.drift_words import sources_of
from orchestration.commands.proposal_words import decided
from orchestration.resources.lake import Lake
from orchestration.resources.services import lake_location

if TYPE_CHECKING:
    from assets.normalize.catalog import EntityCatalog
    from orchestration.commands.access import Access
    from orchestration.control_plane.drift import DriftRecord
    from orchestration.control_plane.mappings import MappingRecord
    from orchestration.control_plane.proposals import ProposalRecord
    from orchestration.resources.lake_session import LakeSession


@contextmanager
def open_lake(access: "Access", tenant_id: UUID) -> "Iterator[LakeSession]":
    """A session on the tenant's lake for as long as the block lasts."""
    lake = Lake(lake_location(access.settings))
    try:
        with lake.session(tenant_id) as session:
            yield session
    finally:
        lake.close()


def held_records(session: "LakeSession") -> dict[str, int]:
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
    session: "LakeSession",
    proposal: "ProposalRecord",
    event: "DriftRecord | None",
    catalog: "EntityCatalog",
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
    session: "LakeSession", event: "DriftRecord", mapping: "MappingRecord | None", catalog: "EntityCatalog"
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


def _samples(
    session: "LakeSession", connection_id: UUID, mapping: StreamMapping, catalog: "EntityCatalog",
    before: Sequence[str], after: Sequence[str], targets: Sequence[str], event: "DriftRecord | None",
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
