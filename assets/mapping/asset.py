"""Which source field fills which canonical field, per stream and version: first mappings, and repairs of drifted ones.

Changing a mapping is a decision with a new version, by policy where it is sure and by a person where it is not. What is
not sure stays unmapped or held, visible, and kept with every record. A run that waits for a person is green.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import dagster as dg

from assets.fingerprint.fingerprint import ObservedStream
from assets.fingerprint.recording import FROM_FULL_SYNC
from assets.knowledge.asset import knowledge_index
from assets.knowledge.meanings import load_meanings
from assets.mapping.candidates import Decision
from assets.mapping.policy import held_back, to_mapping
from assets.mapping.priors import shared_priors
from assets.mapping.proposal import propose_mapping
from assets.mapping.repairs.loop import RepairLoop
from assets.mapping.repairs.recording import Recorded
from assets.mapping.repairs.shadowing import Shadow
from assets.mapping.repairs.situation import EntityCatalogOf
from assets.mapping.repairs.successors import successors
from assets.mapping.rules import StreamMapping
from assets.mapping.rules_json import rules_from_json, rules_to_json
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.mappings import MappingRecord
from orchestration.control_plane.schemas import FingerprintRecord
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.failures import reporting_failures
from orchestration.partitions import ConnectionKey, connections
from orchestration.resources.lake import Lake
from orchestration.resources.lake_session import LakeSession
from orchestration.resources.llm import Llm
from orchestration.resources.syncs import Syncs

REPAIRS = dg.AssetKey(["mapping", "repair_proposals"])
# What normalize waits for; the proposals are for people, and a run without any goes on.
field_mapping = dg.AssetKey(["mapping", "field_mapping"])


@dg.multi_asset(
    outs={
        "repair_proposals": dg.AssetOut(
            key=REPAIRS,
            description="Repairs of drifted mappings: applied, asked, refused or rolled back, with their evidence.",
            kinds={"postgres"},
            is_required=False,
        ),
        "field_mapping": dg.AssetOut(
            key=field_mapping,
            description="The mapping in force of every stream, with its version; a new stream gets its first one.",
            kinds={"postgres"},
        ),
    },
    deps=[
        dg.AssetKey(["fingerprint", "drift_report"]),
        dg.AssetDep(knowledge_index, partition_mapping=dg.AllPartitionMapping()),
    ],
    internal_asset_deps={
        "repair_proposals": {dg.AssetKey(["fingerprint", "drift_report"]), knowledge_index.key},
        "field_mapping": {dg.AssetKey(["fingerprint", "drift_report"]), knowledge_index.key, REPAIRS},
    },
    partitions_def=connections,
    group_name="mapping",
)
def mappings_in_force(
    context: dg.AssetExecutionContext,
    lake: dg.ResourceParam[Lake],
    control_plane: dg.ResourceParam[ControlPlane],
    syncs: dg.ResourceParam[Syncs],
    shadow: dg.ResourceParam[Shadow],
    entity_catalog: dg.ResourceParam[EntityCatalogOf],
    llm: dg.ResourceParam[Llm],
) -> Iterator[dg.Output[None] | dg.AssetObservation]:
    """Repairs what drifted, as far as policy goes, and tells which mapping is in force then."""
    key = ConnectionKey.parse(context.partition_key)
    with reporting_failures(context), lake.session(key.tenant_id) as session:
        log = syncs.resume(key, context.run.tags, context.run.run_id)
        recall = partial(remembered_decisions, session)
        with log.stage("mapping") as told:
            with control_plane.tenant_session(key.tenant_id) as tenant:
                mappings = tenant.mappings.list(key.connection_id)
                # Asked for by one query each; where both are empty nothing else is done about repairs.
                events = tenant.drift.open(key.connection_id)
                is_quiet = not events and not tenant.watches.watching(key.connection_id)
                made = map_new_streams(tenant, key.connection_id, recall, mappings, successors(events))
            done = Recorded(versions=list(made))
            if not is_quiet:
                counted = log.current().streams
                done.add(RepairLoop(control_plane, session, key, shadow, entity_catalog, counted, recall, llm).run())
            if done.versions:
                with control_plane.tenant_session(key.tenant_id) as tenant:
                    mappings = tenant.mappings.list(key.connection_id)
            told.update(streams=len(mappings), new_versions=len(done.versions), **done.counts())
    yield from observations(done, context.partition_key)
    if done.proposals:
        yield dg.Output(None, "repair_proposals", metadata=proposals_metadata(done))
    metadata: dict[str, Any] = {
        "streams": len(mappings),
        "rules": sum(len(mapping.rules) for mapping in mappings),
        "new_versions": len(done.versions),
        "mappings": dg.MetadataValue.md(describe(mappings)),
        "dagster/column_lineage": column_lineage(mappings),
    }
    yield dg.Output(None, "field_mapping", metadata=metadata)


def observations(done: Recorded, partition: str) -> Iterator[dg.AssetObservation]:
    """One a repair applied and one a repair rolled back."""
    for what, proposals in (("applied", done.applied), ("rolled back", done.rolled_back)):
        for proposal in proposals:
            metadata: dict[str, Any] = {
                "what": what, "stream": proposal.stream, "kind": proposal.kind, "probability": proposal.probability,
                "version": proposal.applied_version or 0, "proposal": str(proposal.id),
            }  # fmt: skip
            yield dg.AssetObservation(field_mapping, partition=partition, metadata=metadata)


def proposals_metadata(done: Recorded) -> dict[str, Any]:
    """Proposals by decision, and the versions that came of them."""
    rows = [
        f"| {each.stream} | {each.kind} | {each.status} | {each.probability:.2f} | {'; '.join(each.reasons)} |"
        for each in done.proposals
    ]
    table = ["| stream | change | decision | probability | reasons |", "|---|---|---|---|---|", *rows]
    return {
        "applied": len(done.applied), "asked": len(done.asked), "refused": len(done.refused),
        "rolled_back": len(done.rolled_back), "proposals": dg.MetadataValue.md("\n".join(table)),
        "versions": ", ".join(f"{record.stream} v{record.version}" for record in done.versions),
    }  # fmt: skip


def remembered_decisions(session: LakeSession) -> list[Decision]:
    """What the knowledge index tells of the tenant's decisions so far; empty before its first refresh."""
    return [
        Decision.from_json(
            {
                "entity": meaning["entity"],
                "source": meaning["source_field"],
                "target": meaning["target"],
                "decided_by": meaning["decided_by"],
                "transform": json.loads(meaning["transform"]),
            }
        )
        for meaning in load_meanings(session)
    ]


def map_new_streams(
    tenant: TenantSession,
    connection_id: UUID,
    recall: Callable[[], Sequence[Decision]],
    mappings: Sequence[MappingRecord] | None = None,
    left_alone: Collection[str] = (),
) -> list[MappingRecord]:
    """Propose and store the first mapping of every stream that has a baseline and no mapping yet.

    One that policy made of a sample is proposed anew once the stream was read whole, and stored where it differs.
    `recall` gives the tenant's decisions so far; it is asked only when there is something to map. `mappings` are those
    in force, read here when they are not given; streams `left_alone` wait for a decision.
    """
    in_force = tenant.mappings.list(connection_id) if mappings is None else mappings
    mapped = {mapping.stream: mapping for mapping in in_force}
    waiting = {
        name: shape
        for name, shape in tenant.schemas.baselines(connection_id).items()
        if name not in left_alone and (name not in mapped or _is_of_a_sample(mapped[name], shape))
    }
    if not waiting:
        return []
    connection = tenant.connections.get(connection_id)
    memory = recall()
    made = []
    for name, baseline in waiting.items():
        observed = ObservedStream.from_json(baseline.fields[0])
        shared = shared_priors(tenant, connection.kind, [field.name for field in observed.fields])
        proposal = propose_mapping(observed, f"{connection.kind} {connection.name}", memory, shared)
        mapping = to_mapping(proposal)
        unmapped = held_back(proposal, mapping)
        before = mapped.get(name)
        if before is not None and _decides_the_same(before, mapping):
            continue
        what = "first mapping" if before is None else "mapped anew after the first full sync"
        reason = f"{what}; {len(mapping.rules)} rules applied, {len(unmapped)} fields left unmapped"
        rules = rules_to_json(mapping.rules)
        record = tenant.mappings.save(connection_id, name, mapping.entity, rules, reason, "policy")
        subject = {"stream": name, "entity": mapping.entity, "version": record.version, "unmapped": list(unmapped)}
        tenant.audit.record("mapping.applied", f"connection:{connection_id}", subject, "policy")
        made.append(record)
    return made


def _is_of_a_sample(mapping: MappingRecord, baseline: FingerprintRecord) -> bool:
    """Whether policy alone decided on the mapping, before the stream was read whole for the first time."""
    is_policys = mapping.version == 1 and mapping.decided_by == "policy"
    settled_at = baseline.decided_at if baseline.decided_by == FROM_FULL_SYNC else None
    return is_policys and settled_at is not None and mapping.decided_at < settled_at


def _decides_the_same(before: MappingRecord, mapping: StreamMapping) -> bool:
    """Whether entity, sources, targets and transforms agree; probabilities may have moved."""

    def decided(rules: Sequence[Mapping[str, Any]]) -> list[tuple[object, ...]]:
        return sorted((str(r["target"]), str(r["source"]), json.dumps(r["transform"], sort_keys=True)) for r in rules)

    return before.entity == mapping.entity and decided(before.rules) == decided(rules_to_json(mapping.rules))


def load_mappings(tenant: TenantSession, connection_id: UUID) -> dict[str, StreamMapping]:
    """The mappings in force by stream."""
    return {record.stream: as_mapping(record) for record in tenant.mappings.list(connection_id)}


def as_mapping(record: MappingRecord) -> StreamMapping:
    """A stored mapping in the vocabulary of the stages."""
    return StreamMapping(record.stream, record.entity, record.version, rules_from_json(record.rules))


def describe(mappings: Sequence[MappingRecord]) -> str:
    """The mappings as a Markdown table, for people who read the run."""
    rows = [
        f"| {mapping.stream} | v{mapping.version} | {mapping.entity or 'raw only'} "
        f"| {rule['source']} | {rule['target']} | {float(str(rule['probability'])):.2f} |"
        for mapping in mappings
        for rule in mapping.rules
    ]
    return "\n".join(
        ["| stream | version | entity | source field | target | probability |", "|---|---|---|---|---|---|", *rows]
    )


def column_lineage(mappings: Sequence[MappingRecord]) -> dg.TableColumnLineage:
    """Canonical column <- source fields, from the rules in force; what a rule reads until some commit is the past."""
    raw = dg.AssetKey(["extract", "raw_records"])
    columns: dict[str, dict[dg.TableColumnDep, None]] = {}  # rules may repeat a source; a lineage may not
    for mapping in mappings:
        for rule in rules_from_json(mapping.rules):
            for field in rule.sources() if rule.until is None else ():
                source = dg.TableColumnDep(asset_key=raw, column_name=f"{mapping.stream}.{field}")
                columns.setdefault(f"{mapping.entity}.{rule.target}", {})[source] = None
    return dg.TableColumnLineage({column: list(sources) for column, sources in columns.items()})
