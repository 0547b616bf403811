"""DuckDB extensions from their wheels: pinned with DuckDB, signed, nothing downloaded while running.

Falls back to DuckDB's own INSTALL when a wheel is missing, which needs a network.
"""

import importlib.util
from pathlib import Path

import duckdb

_loaded: set[str] = set()  # what this process has loaded, and so checked, before
_checked_once = False


def check_signatures_once() -> None:
    """From now on this process checks an extension's signature at its first loading alone, not for every connection.

    Each check takes an eighth of a second of processor time. Only for a process that opens lakes by the hundred and
    runs nobody's SQL: the connections after the first would load unsigned extensions too. The tests are one.
    """
    global _checked_once  # noqa: PLW0603 - true of the process, as the loaded code is
    _checked_once = True


def signature_config(*names: str) -> dict[str, bool]:
    """What to open a connection with that will load these extensions; nothing unless they were checked before."""
    return {"allow_unsigned_extensions": True} if _checked_once and _loaded.issuperset(names) else {}


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
        _loaded.add(name)
