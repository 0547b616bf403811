"""Where DuckDB's extensions lie: in wheels installed beside it, so that nothing is downloaded at run time."""

import importlib
from pathlib import Path

import duckdb


def load_statement(name: str) -> str:
    """The statement that loads a signed extension from its wheel."""
    package = importlib.import_module(f"duckdb_extension_{name}")
    folder = Path(next(iter(package.__path__))) / "extensions" / f"v{duckdb.__version__}"
    path = str(folder / f"{name}.duckdb_extension").replace("'", "''")
    return f"LOAD '{path}'"
