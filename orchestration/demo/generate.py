"""Generates what the systems of all demo tenants hold: files, and Parquet that the stand-ins of services serve.

`truth.json` holds the counts that a correct run over them must give, `services.json` what the stand-ins serve.

Truth per stream: rows read, rejected by kind, loaded, deleted. Truth per entity: rows its view must have, records
behind them, and how many of its rows come from more than one system.
"""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb

from orchestration.demo.companies import TENANTS, DemoTenant
from orchestration.demo.export import Export
from orchestration.demo.files import write_export
from orchestration.demo.spoil import spoil
from orchestration.demo.world import build_world

SEED = 20261031
VERSION = 2  # of the generator: another version writes other files

Truth = dict[str, Any]


def generate_exports(folder: Path, seed: int = SEED) -> Truth:
    """Write every export under `folder` and return the truth. What is there of the same seed and version is kept."""
    written = folder / "truth.json"
    if written.exists():
        truth: Truth = json.loads(written.read_text())
        if (truth["seed"], truth["version"]) == (seed, VERSION):
            return truth
    truth = {"seed": seed, "version": VERSION, "tenants": {}}
    for tenant in TENANTS:
        truth["tenants"][tenant.name] = _generate_tenant(folder / tenant.folder, tenant, f"{seed}:{tenant.folder}")
    (folder / "services.json").write_text(json.dumps(services_manifest(), indent=2))
    # Last, so that a run that was cut short starts over.
    written.write_text(json.dumps(truth, indent=2))
    return truth


def services_manifest() -> dict[str, Any]:
    """What the stand-ins serve: per source its name, kind, and the Parquet file (beside it) and key of each stream."""
    return {
        "sources": [
            {
                "name": service_name(tenant, connection),
                "kind": kind,
                "streams": {
                    export.stream: {
                        "path": f"{tenant.folder}/{connection}/{export.path}",
                        "key": export.key[0],
                    }
                    for export in tenant.exports
                    if export.connection == connection
                },
            }
            for tenant in TENANTS
            for connection, kind in tenant.services.items()
        ]
    }


def service_name(tenant: DemoTenant, connection: str) -> str:
    """What the stand-in of a connection is called."""
    return f"{tenant.folder}/{connection}"


def _generate_tenant(folder: Path, tenant: DemoTenant, seed: str) -> Truth:
    with build_world(seed, tenant.first_company, tenant.companies, tenant.people) as world:
        world.execute(f"LOAD '{_excel_extension()}'")
        world.execute("CREATE TABLE truth (connection VARCHAR, stream VARCHAR, entity VARCHAR, subject VARCHAR)")
        connections: dict[str, dict[str, Truth]] = {name: {} for name in tenant.connections()}
        for export in tenant.exports:
            counts = _generate_export(world, folder / export.connection / export.path, export, seed)
            streams = connections[export.connection]
            streams[export.stream] = _added(streams[export.stream], counts) if export.stream in streams else counts
        return {"connections": connections, "entities": _entities(world)}


def _generate_export(world: duckdb.DuckDBPyConnection, path: Path, export: Export, seed: str) -> Truth:
    world.execute(
        f"CREATE OR REPLACE TABLE rows AS SELECT (row_number() OVER ())::DOUBLE AS __number, * FROM ({export.query})"
    )
    planted = spoil(world, export, seed)
    columns = "SELECT * EXCLUDE (__number, __truth) FROM rows ORDER BY __number"
    write_export(world, columns, path, export.layout, export.mess.ragged_lines)
    if export.entity is not None:
        names = ", ".join(f"'{name}'" for name in (export.connection, export.stream, export.entity))
        world.execute(f"INSERT INTO truth SELECT {names}, __truth FROM rows WHERE __truth IS NOT NULL")
    (rows, deleted), *_ = world.execute("SELECT count(*), count(*) FILTER (__truth = 'deleted') FROM rows").fetchall()
    read, rejected = rows + export.mess.ragged_lines, sum(planted.values())
    counts = {"read": read, "rejected": rejected, "loaded": read - rejected, "deleted": deleted}
    return {"entity": export.entity, **counts, "planted": planted}


def _added(first: Truth, second: Truth) -> Truth:
    """Counts of two files of one stream."""
    kinds = first["planted"].keys() | second["planted"].keys()
    planted = {kind: first["planted"].get(kind, 0) + second["planted"].get(kind, 0) for kind in sorted(kinds)}
    sums = {name: first[name] + second[name] for name in ("read", "rejected", "loaded", "deleted")}
    return {"entity": first["entity"], **sums, "planted": planted}


def _entities(world: duckdb.DuckDBPyConnection) -> Truth:
    """Per entity: rows of its view, source records behind them, and rows that several connections contribute to."""
    counted = world.execute("""
        SELECT entity, count(*), sum(records)::BIGINT, count(*) FILTER (systems > 1)
        FROM (SELECT entity, subject, count(*) AS records, count(DISTINCT connection) AS systems
              FROM truth WHERE subject <> 'deleted' GROUP BY ALL)
        GROUP BY entity ORDER BY entity""").fetchall()
    return {entity: {"rows": rows, "records": records, "joined": joined} for entity, rows, records, joined in counted}


def _excel_extension() -> Path:
    """The signed extension file from its wheel: nothing is downloaded."""
    package = Path(str(import_module("duckdb_extension_excel").__file__)).parent
    return next(package.glob("extensions/*/excel.duckdb_extension"))
