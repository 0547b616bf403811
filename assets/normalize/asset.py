"""Canonical records of one connection, and the records that do not fit, with reasons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import dagster as dg
import redis

from assets.extract.state import load_states
from assets.mapping.asset import as_mapping, field_mapping, load_mappings
from assets.mapping.rules import StreamMapping
from assets.normalize.catalog import EntityCatalog
from assets.normalize.custom import tenant_catalog
from assets.normalize.delta import StreamNormalizer
from assets.normalize.envelope import BatchCommitted, SourceOfRecords, operation
from assets.normalize.outcome import NOTHING_LANDED, MappingSuperseded, NormalizedStream
from assets.normalize.quarantine import Hold
from assets.normalize.written import Written, count_written, unbalanced
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import NotFound
from orchestration.failures import reporting_failures
from orchestration.partitions import ConnectionKey, connection_check, connections
from orchestration.resources.events import Events
from orchestration.resources.lake import Lake
from orchestration.resources.lake_session import LakeSession
from orchestration.resources.nudges import nudge
from orchestration.resources.syncs import SyncLog, Syncs

RECORDS = dg.AssetKey(["normalize", "canonical_records"])
REJECTED = dg.AssetKey(["normalize", "rejected_records"])
MOVED = ("loaded", "held", "replayed", "recovered", "rederived", "restored", "unrestored")  # counts told as metadata


@dg.multi_asset(
    outs={
        "canonical_records": dg.AssetOut(
            key=RECORDS,
            description="Records in the canonical model, typed and keyed, with what they came from.",
            kinds={"duckdb", "parquet"},
        ),
        "rejected_records": dg.AssetOut(
            key=REJECTED,
            description="Records that fit no type or key, with field, value and reason; countable and exportable.",
            kinds={"duckdb"},
        ),
    },
    deps=[field_mapping],
    check_specs=[
        connection_check("rows_balance", RECORDS, "Every record read is loaded, rejected or unchanged, and is there."),
        connection_check("keys_unique", RECORDS, "No record was written twice."),
    ],
    partitions_def=connections,
    group_name="normalize",
)
def canonical_records(
    context: dg.AssetExecutionContext,
    lake: dg.ResourceParam[Lake],
    control_plane: dg.ResourceParam[ControlPlane],
    events: dg.ResourceParam[Events],
    syncs: dg.ResourceParam[Syncs],
) -> Iterator[dg.Output[None] | dg.AssetCheckResult]:
    """Mapping times raw delta: rows that pass, rows that fail; then the sync is done and its tenant stale."""
    key = ConnectionKey.parse(context.partition_key)
    with reporting_failures(context), lake.session(key.tenant_id) as session:
        log = syncs.resume(key, context.run.tags, context.run.run_id)
        counted = log.current().streams
        decided = Decided.read(control_plane, key)
        outcomes, written = [], []
        with log.stage("normalize") as told:
            for stream in load_states(session, key.connection_id):
                if stream not in decided.mappings and stream not in counted:
                    continue
                first_version = int(counted.get(stream, {}).get("first_version", NOTHING_LANDED))
                try:
                    outcome = decided.normalizer(session, stream, first_version).run()
                except MappingSuperseded:  # somebody decided on it while this run was under way
                    decided = Decided.read(control_plane, key)
                    outcome = decided.normalizer(session, stream, first_version).run()
                record_outcome(log, outcome, counted.get(stream, {}))
                outcomes.append(outcome)
                written.append(count_written(session, key.connection_id, outcome))
            moved = {name: sum(int(getattr(outcome, name)) for outcome in outcomes) for name in MOVED}
            told.update(streams=len(outcomes), rejected=sum(each.rejected for each in outcomes), **moved)
        mark_stale_where_finish_would_not(context, control_plane, key, outcomes)
        run = log.finish(session.snapshot())
        announce(context, control_plane, events, key, outcomes)
    metadata: dict[str, Any] = {
        "dagster/row_count": moved.pop("loaded"), "streams": len(outcomes), "read": run.read,
        "unchanged": run.unchanged, **moved, "dagster/column_lineage": canonical_lineage(decided.mappings),
    }  # fmt: skip
    yield dg.Output(None, "canonical_records", metadata=metadata)
    yield dg.Output(None, "rejected_records", metadata={"dagster/row_count": sum(o.rejected for o in outcomes)})
    yield from check_written(run.streams, written)


@dataclass(frozen=True, slots=True)
class Decided:
    """What is decided of one connection: its mappings in force by stream, the tenant's entities, and what is held."""

    control_plane: ControlPlane
    key: ConnectionKey
    mappings: dict[str, StreamMapping]
    catalog: EntityCatalog
    holds: Sequence[Hold]

    @classmethod
    def read(cls, control_plane: ControlPlane, key: ConnectionKey) -> "Decided":
        """As it stands now."""
        with control_plane.tenant_session(key.tenant_id) as tenant:
            # In this order: an entity is declared before a stream is mapped onto it, so no new one can be missing.
            mappings = load_mappings(tenant, key.connection_id)
            catalog = tenant_catalog(tenant.custom_entities.list())
            return cls(control_plane, key, mappings, catalog, tenant.holds.active(key.connection_id))

    def normalizer(self, session: LakeSession, stream: str, first_version: int) -> StreamNormalizer:
        """What brings one stream up to this."""
        # A stream that waits for its first mapping, as one under another name does, is raw only until then.
        mapping = self.mappings.get(stream) or StreamMapping(stream, None, 0)
        made = StreamNormalizer(session, self.key.connection_id, mapping, first_version, self.catalog)
        return replace(made, previous=partial(self._version, stream), holds=self.holds, holds_now=self._holds_now)

    def _version(self, stream: str, version: int) -> StreamMapping | None:
        """An earlier version of a stream's mapping; None when it is unknown, as in a lake that was copied."""
        with self.control_plane.tenant_session(self.key.tenant_id) as tenant:
            try:
                return as_mapping(tenant.mappings.version(self.key.connection_id, stream, version))
            except NotFound:
                return None

    def _holds_now(self) -> Sequence[Hold]:
        with self.control_plane.tenant_session(self.key.tenant_id) as tenant:
            return tenant.holds.active(self.key.connection_id)


def canonical_lineage(mappings: Mapping[str, StreamMapping]) -> dg.TableColumnLineage:
    """Canonical column <- the source fields that fill it, from the mappings in force."""
    raw = dg.AssetKey(["extract", "raw_records"])
    columns: dict[str, dict[dg.TableColumnDep, None]] = {}  # rules may repeat a source; a lineage may not
    for mapping in mappings.values():
        for rule in mapping.rules:
            for name in () if rule.transform.kind == "constant" else rule.sources():
                source = dg.TableColumnDep(asset_key=raw, column_name=f"{mapping.stream}.{name}")
                columns.setdefault(f"{mapping.entity}.{rule.target}", {})[source] = None
    return dg.TableColumnLineage({column: list(sources) for column, sources in columns.items()})


def check_written(streams: Mapping[str, Mapping[str, object]], written: list[Written]) -> Iterator[dg.AssetCheckResult]:
    """Both checks of what the run wrote. They report; the rows are committed."""
    wrong = unbalanced(streams, written)
    yield dg.AssetCheckResult(passed=not wrong, asset_key=RECORDS, check_name="rows_balance", metadata=wrong)
    repeated = {item.stream: item.rows - item.keys for item in written if item.rows != item.keys}
    yield dg.AssetCheckResult(passed=not repeated, asset_key=RECORDS, check_name="keys_unique", metadata=repeated)


def record_outcome(log: SyncLog, outcome: NormalizedStream, counted: dict[str, object]) -> None:
    """Complete the stream's counts: what was landed is now loaded or rejected, and of the rejected some are held.

    Counted from what extract landed, so that they balance also when a record landed twice (from two files), and when
    an attempt before this one had written everything but the counts.
    """
    read, landed, unchanged = (int(str(counted.get(name, 0))) for name in ("read", "landed", "unchanged"))
    kept_out = outcome.rejected + outcome.held
    log.record_stream(
        outcome.stream,
        {
            "loaded": landed - kept_out,
            "rejected": read - landed - unchanged + kept_out,
            "held": outcome.held,
            "replayed": outcome.replayed,
            "rederived": outcome.rederived,
            "recovered": outcome.recovered,
            "entity": outcome.entity,
            "mapping_version": outcome.mapping_version,
        },
    )
    for kind, records in (("records.held", outcome.held), ("records.released", outcome.replayed)):
        if records:
            log.tell(kind, {"stream": outcome.stream, "records": records})


def mark_stale_where_finish_would_not(
    context: dg.AssetExecutionContext, control_plane: ControlPlane, key: ConnectionKey, outcomes: list[NormalizedStream]
) -> None:
    """Finishing a sync marks the views stale by its own counts. Rows landed before it are not in them, as those that
    an interrupted run had landed, that were held, or that another mapping makes anew.

    Nor is anything when that run had written all its rows and only not lived to say so.
    """
    is_repeated = context.run.parent_run_id is not None or context.retry_number > 0
    if is_repeated or any(outcome.upserted > outcome.loaded or outcome.buried for outcome in outcomes):
        with control_plane.tenant_session(key.tenant_id) as tenant:
            tenant.tenants.mark_stale()


def announce(
    context: dg.AssetExecutionContext,
    control_plane: ControlPlane,
    events: Events,
    key: ConnectionKey,
    outcomes: list[NormalizedStream],
) -> None:
    """Tell the consumers of batches what changed; one of them asks for the refresh of the tenant's views.

    That they are stale stands in Postgres already: a message that is lost costs seconds, not the refresh.
    """
    changed = [outcome for outcome in outcomes if outcome.changed and outcome.entity]
    with control_plane.tenant_session(key.tenant_id) as tenant:
        shapes = {outcome.stream: tenant.schemas.latest(key.connection_id, outcome.stream) for outcome in changed}
    digests = {stream: shape.digest if shape else "" for stream, shape in shapes.items()}
    for outcome in changed:
        try:
            events.batch_committed(
                key.tenant_id, batch_message(key, outcome, digests[outcome.stream], context.run.run_id)
            )
        except redis.RedisError as error:  # the row in Postgres is there: the sweep over stale tenants acts on it
            context.log.warning("the batch was not announced: %s", error)
    nudge(events.client, key.tenant_id)


def batch_message(key: ConnectionKey, outcome: NormalizedStream, digest: str, trace_id: str) -> dict[str, object]:
    """The message that tells of one stream's committed batch."""
    message = BatchCommitted(
        batch_id=outcome.batch_id,
        tenant_id=key.tenant_id,
        entity=outcome.entity,
        op=operation(outcome.upserted, outcome.deleted),
        source=SourceOfRecords(
            connection_id=key.connection_id, stream=outcome.stream, mapping_version=outcome.mapping_version
        ),
        first_snapshot=outcome.first_snapshot,
        last_snapshot=outcome.last_snapshot,
        upserted=outcome.upserted,
        deleted=outcome.deleted,
        rejected=outcome.rejected,
        fingerprint=digest,
        trace_id=trace_id,
    )
    return message.model_dump(mode="json")
