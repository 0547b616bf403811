"""A published snapshot made in one go, without a flow before it: what the API's reads are measured on."""

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import duckdb

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.publications import PublicationRecord
from orchestration.resources.duckdb_extensions import load_extensions
from orchestration.resources.lake_places import lake_location
from orchestration.resources.lake_session import CATALOG, name_of
from orchestration.resources.publishing import VIEWS_SCHEMA
from orchestration.resources.settings import Settings
from orchestration.resources.sql_text import literal

BENCH_VIEW = "opportunities"
_TEXTS = 12


def publish_bench_view(
    settings: Settings, control_plane: ControlPlane, tenant_id: UUID, rows: int = 1_000_000, snapshot_id: int = 1
) -> PublicationRecord:
    """Publish `opportunities` with that many rows and 25 columns of its own."""
    return publish_views(settings, control_plane, tenant_id, {BENCH_VIEW: opportunities(rows)}, snapshot_id)


def publish_views(
    settings: Settings, control_plane: ControlPlane, tenant_id: UUID, views: Mapping[str, str], snapshot_id: int
) -> PublicationRecord:
    """Publish the rows of these SELECTs, a view each, as the tenant's current snapshot."""
    location = lake_location(settings)
    folder = location.published_path / f"tenant={tenant_id}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{snapshot_id}.ducklake"
    data_path = f"{location.data_path.rstrip('/')}/tenant={tenant_id}/"
    Path(data_path).mkdir(parents=True, exist_ok=True)
    counts = {}
    with duckdb.connect(config={"threads": 2, "autoinstall_known_extensions": False}) as connection:
        load_extensions(connection, "ducklake")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"ATTACH {literal(f'ducklake:{path}')} AS {CATALOG} (DATA_PATH {literal(data_path)})")
        connection.execute(f"CREATE SCHEMA {CATALOG}.{VIEWS_SCHEMA}")
        for view, select in views.items():
            table = name_of(VIEWS_SCHEMA, view)
            connection.execute(f"CREATE TABLE {table} AS {select}")
            counts[view] = int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
    described = {view: {"rows": count, "joined": 0, "sources": {}} for view, count in counts.items()}
    with control_plane.tenant_session(tenant_id) as session:
        return session.publications.publish(snapshot_id, str(path), described)


def opportunities(rows: int) -> str:
    """SQL of rows as a view of opportunities holds them: texts, amounts, days, times, and where each comes from."""
    texts = ", ".join(f"'text ' || (hash(i + {at}) % {1000 * (at + 1)}) AS text_{at}" for at in range(_TEXTS))
    changed = "TIMESTAMPTZ '2024-01-01' + INTERVAL (hash(i) % 50000000) SECOND"
    return (
        "SELECT lower(hex(hash(i))) AS _entity_id, i::VARCHAR AS opportunity_id, 'Deal ' || i AS name, "
        "((hash(i + 20) % 100000000) / 100)::DECIMAL(38,9) AS amount, "
        "['USD', 'EUR', 'GBP'][1 + (hash(i + 1) % 3)::INT] AS currency, "
        "['open', 'won', 'lost', 'prospecting'][1 + (hash(i + 2) % 4)::INT] AS stage, "
        "(hash(i + 3) % 101)::DECIMAL(38,9) AS probability, "
        "DATE '2020-01-01' + (hash(i + 4) % 2000)::INT AS close_date, hash(i + 5) % 2 = 0 AS is_won, "
        "(hash(i + 6) % 1000)::BIGINT AS quantity, TIMESTAMPTZ '2024-01-01' + INTERVAL (i) SECOND AS created_at, "
        f"{texts}, [{{'connection_id': '00000000-0000-4000-8000-000000000001', 'record_id': i::VARCHAR, "
        f"'updated_at': {changed}}}] AS _sources, 1::INTEGER AS _source_count, {changed} AS _source_updated_at, "
        f"hash(i)::UBIGINT AS _entity, NULL::UBIGINT AS _account_ref FROM range({int(rows)}) t(i)"
    )
