"""The project's Python files, as the architecture tests read them."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("connectors", "assets", "orchestration", "api")


def python_files(*folders: str) -> list[Path]:
    """Every Python file below these folders of the project."""
    found = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    assert found, f"no Python file below {folders}"
    return found


def shown(path: Path) -> str:
    """The path as messages name it."""
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[tuple[int, str]]:
    """Lines and place of every function and method of a file, decorators not counted."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1, f"{shown(path)}:{node.lineno} {node.name}"


def imports(path: Path) -> set[str]:
    """Dotted names of every module a file imports, wherever in it the import stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found
