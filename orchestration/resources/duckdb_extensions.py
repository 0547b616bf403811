"""DuckDB extensions from their wheels: pinned with DuckDB, signed, nothing downloaded while running.

Falls back to DuckDB's own INSTALL when a wheel is missing, which needs a network.
"""

import importlib.util
from pathlib import Path

import duckdb


def extension_path(name: str) -> Path | None:
    """File of an extension inside its wheel, for the running DuckDB version; None when the wheel is not installed."""
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    if spec is None or spec.submodule_search_locations is None:
        return None
    folder = Path(next(iter(spec.submodule_search_locations)))
    path = folder / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    return path if path.exists() else None


def load_extensions(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Load extensions into a connection."""
    for name in names:
        path = extension_path(name)
        if path is None:
            connection.execute(f"INSTALL {name}")
            connection.execute(f"LOAD {name}")
        else:
            connection.execute("LOAD '" + str(path).replace("'", "''") + "'")
