"""The unified views of a tenant, brought up to date and published as one immutable snapshot."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from assets.extract.progress import Progress, feed_start, read_all_progress, read_progress, write_progress
from assets.normalize.catalog import CANONICAL, Entity, EntityCatalog
from assets.normalize.custom import tenant_catalog
from assets.resolve.asset import entity_clusters, newest_rows
from assets.resolve.keys import KEYS_VERSION
from assets.resolve.members import CANONICAL_SCHEMA, RESOLVE_SCHEMA, members_table, resolved_entities
from assets.unify.tables import PROGRESS_TABLE, drop_retired, prepare_tables
from assets.unify.unify import ViewUpdate
from assets.unify.views import UNIFIED_SCHEMA, refers_to_account, view_columns
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.publications import PublicationRecord
from orchestration.failures import reporting_failures
from orchestration.partitions import tenant_of, tenants
from orchestration.resources.lake import Lake
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.publishing import freeze_catalog
from orchestration.resources.refreshes import Refreshes

CUSTOM_VIEWS = "custom_views"


@dg.multi_asset(
    outs={
        entity.view: dg.AssetOut(
            key=["unify", entity.view],
            description=f"Unified {entity.view.replace('_', ' ')} of a tenant, one row an entity, with its sources.",
            kinds={"duckdb", "parquet"},
            is_required=False,  # a view that did not change is not made again
        )
        for entity in CANONICAL.values()
    }
    | {
        CUSTOM_VIEWS: dg.AssetOut(
            key=["unify", CUSTOM_VIEWS],
            description="Views of the entities a tenant declared, one row a record: they are not resolved.",
            kinds={"duckdb", "parquet"},
            is_required=False,
        )
    },
    deps=[entity_clusters],
    partitions_def=tenants,
    group_name="unify",
)
def unified_views(
    context: dg.AssetExecutionContext,
    lake: dg.ResourceParam[Lake],
    control_plane: dg.ResourceParam[ControlPlane],
    refreshes: dg.ResourceParam[Refreshes],
) -> Iterator[dg.Output[None]]:
    """All views of a tenant: rewritten where something changed, frozen together, published by one pointer."""
    tenant_id = tenant_of(context.partition_key)
    with reporting_failures(context), lake.session(tenant_id) as session:
        tags = context.run.tags
        with refreshes.stage(tenant_id, tags, "unify") as told:
            with control_plane.tenant_session(tenant_id) as tenant:
                catalog = tenant_catalog(tenant.custom_entities.list())
            dropped = drop_retired(session, catalog)
            counts = {entity.name: refresh_view(session, entity) for entity in catalog.values()}
            written = {name: count for name, count in counts.items() if count is not None}
            told.update(rows_written=written, views_dropped=dropped)
        with refreshes.stage(tenant_id, tags, "publish") as told:
            frozen = freeze_catalog(session, published_folder(lake, str(tenant_id)))
            views = describe_views(session, catalog, refreshes.published(tenant_id))
            refreshes.publish(tenant_id, tags, context.run.run_id, frozen, views)
            told.update(snapshot_id=frozen.snapshot_id, rows={name: view["rows"] for name, view in views.items()})
    yield from canonical_outputs(catalog, written, views, frozen.snapshot_id)
    if dropped or any(catalog[name].is_custom for name in written):
        yield custom_output(catalog, written, views, dropped)


def canonical_outputs(
    catalog: EntityCatalog, written: Mapping[str, int], views: Mapping[str, dict[str, Any]], snapshot_id: int
) -> Iterator[dg.Output[None]]:
    """What is said of each canonical view that was written."""
    for entity in (catalog[name] for name in written if not catalog[name].is_custom):
        view = views[entity.view]
        schema = [dg.TableColumn(name, kind) for name, kind in view_columns(entity).items()]
        yield dg.Output(
            None,
            entity.view,
            metadata={
                "dagster/row_count": view["rows"],
                "rows_written": written[entity.name],
                "joined_across_connections": view["joined"],
                "snapshot": snapshot_id,
                "dagster/column_schema": dg.TableSchema(columns=schema),
                "dagster/column_lineage": column_lineage([entity]),
            },
        )


def custom_output(
    catalog: EntityCatalog, written: Mapping[str, int], views: Mapping[str, dict[str, Any]], dropped: list[str]
) -> dg.Output[None]:
    """What is said of all views a tenant declared: they are one box, since every tenant has others."""
    custom = catalog.custom()
    rows = {entity.view: views[entity.view]["rows"] for entity in custom}
    lines = [f"| {entity.view} | {rows[entity.view]} | {written.get(entity.name, 0)} |" for entity in custom]
    metadata: dict[str, Any] = {
        "dagster/row_count": sum(rows.values()),
        "views": dg.MetadataValue.md("\n".join(["| view | rows | rows written |", "|---|---|---|", *lines])),
        "views_dropped": ", ".join(dropped) or "none",
        "dagster/column_lineage": column_lineage(custom, with_view=True),
    }
    return dg.Output(None, CUSTOM_VIEWS, metadata=metadata)


def published_folder(lake: Lake, tenant_id: str) -> Path:
    """Where the tenant's frozen catalogs lie."""
    return lake.location.published_path / f"tenant={tenant_id}"


def refresh_view(session: LakeSession, entity: Entity, *, anew: bool = False) -> int | None:
    """Bring one view up to date, or make it `anew`; how many rows were written, None when nothing of it changed."""
    prepare_tables(session, entity)
    if not session.columns(CANONICAL_SCHEMA, entity.table):
        return 0 if session.ensure_table(UNIFIED_SCHEMA, entity.view, view_columns(entity)) else None
    return session.transaction(lambda s: _refresh(s, entity, anew))


def _refresh(session: LakeSession, entity: Entity, anew: bool) -> int | None:
    progress = read_progress(session, PROGRESS_TABLE, entity.table)
    through = session.snapshot()
    if progress == Progress(through, KEYS_VERSION) and not anew:
        return None
    records = memberships = accounts = None
    after = None if anew else feed_start(session, progress, KEYS_VERSION)
    if after is not None:
        records = _delta(session, "delta_records", newest_rows(session, entity.table, after, through))
        memberships = _moves(session, "delta_members", entity.name, after, through)
        if refers_to_account(entity):
            accounts = _moves(session, "delta_accounts", "account", after, through)
        if not any(
            session.value(f"SELECT 1 FROM ({part}) LIMIT 1") for part in (records, memberships, accounts) if part
        ):
            return None
    update = ViewUpdate(session, entity, records=records, memberships=memberships, accounts_moved=accounts)
    written, _ = update.run()
    write_progress(session, PROGRESS_TABLE, entity.table, Progress(through, KEYS_VERSION))
    return written


def _delta(session: LakeSession, name: str, sql: str) -> str:
    session.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")
    return f"SELECT * FROM {name}"


def _moves(session: LakeSession, name: str, entity: str, after: int, through: int) -> str | None:
    """Membership rows written in (after, through]; None for an entity that is not clustered or has no records."""
    table = members_table(entity)
    if entity not in resolved_entities() or table not in session.tables(RESOLVE_SCHEMA):
        return None
    return _delta(session, name, session.insertions(RESOLVE_SCHEMA, table, after, through))


def describe_views(
    session: LakeSession, catalog: EntityCatalog, before: PublicationRecord | None
) -> dict[str, dict[str, Any]]:
    """What every view holds; of a view that was not rewritten since the last publication, what that one said."""
    described = {}
    rewritten = read_all_progress(session, PROGRESS_TABLE)
    for entity in catalog.values():
        progress = rewritten.get(entity.table)
        rewritten_at = progress.snapshot if progress else 0
        is_as_before = before is not None and entity.view in before.views and rewritten_at < before.snapshot_id
        described[entity.view] = (
            before.views[entity.view] if before and is_as_before else describe_view(session, entity)
        )
    return described


def describe_view(session: LakeSession, entity: Entity) -> dict[str, Any]:
    """Rows of the view, live records by connection, and how many entities join records of several connections.

    Reads narrow columns only: on ten million rows that is a fraction of a second.
    """
    about = {"entity": entity.name, "custom": True} if entity.is_custom else {}
    table = name_of(UNIFIED_SCHEMA, entity.view)
    rows = int(session.value(f"SELECT count(*) FROM {table}"))
    if not rows:
        return {"rows": 0, "joined": 0, "sources": {}, **about}
    sources = session.rows(
        f"SELECT _connection_id, count(*) FROM {name_of(CANONICAL_SCHEMA, entity.table)} "
        "WHERE NOT _deleted GROUP BY 1 ORDER BY 1"
    )
    joined = session.value(
        f"SELECT count(*) FROM {table} WHERE _source_count > 1 "
        "AND len(list_distinct(list_transform(_sources, lambda s: s.connection_id))) > 1"
    )
    return {"rows": rows, "joined": int(joined), "sources": dict(sources), **about}


def column_lineage(entities: Sequence[Entity], *, with_view: bool = False) -> dg.TableColumnLineage:
    """Every column of a view comes from the canonical column of the same name."""
    upstream = dg.AssetKey(["normalize", "canonical_records"])
    return dg.TableColumnLineage(
        {
            f"{entity.view}.{column.name}" if with_view else column.name: [
                dg.TableColumnDep(asset_key=upstream, column_name=f"{entity.name}.{column.name}")
            ]
            for entity in entities
            for column in entity.columns
        }
    )
