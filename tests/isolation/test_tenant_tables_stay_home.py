"""No query on a tenant-owned table outside the control plane: found in the source text of everything above it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.control_plane.columns import metadata
from orchestration.control_plane.tenant_session import TenantSession

PROJECT = Path(__file__).resolve().parents[2]
HOME = PROJECT / "orchestration" / "control_plane"
PACKAGES = ("connectors", "assets", "orchestration", "api")
assert TenantSession  # importing it has put every table into the metadata
TABLES = frozenset(metadata.tables)

_NAMES = "|".join(sorted(TABLES))
_QUERY = re.compile(
    rf"(?:\bselect\b.*?\bfrom|\bdelete\s+from|\binsert\s+into|\bupdate(?:\s+only)?|\bjoin|\btruncate(?:\s+table)?"
    rf"|\bcopy|\b(?:alter|drop)\s+table)\s+(?:\w+\.|\"\w+\"\.)?\"?({_NAMES})\"?"
    rf"(?=\s+(?:set|where|on|using|as|values|select|order|limit|join|group|to|from|\w+\s+(?:on|set|where|join))\b|\s*[(;,]|\s*$)",
    re.IGNORECASE | re.DOTALL,
)


def queries_on_tenant_tables(source: str) -> Iterator[str]:
    """What in a module's source names a tenant-owned table in a query, or takes the table itself."""
    tree = ast.parse(source)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("orchestration.control_plane"):
            yield from (f"line {node.lineno}: imports table {name.name}" for name in node.names if name.name in TABLES)
        elif isinstance(node, ast.Call) and _called(node) in ("table", "Table") and _first_text(node) in TABLES:
            yield f"line {node.lineno}: declares table {_first_text(node)}"
        elif isinstance(node, (ast.Constant, ast.JoinedStr)) and id(node) not in docstrings:
            yield from (f"line {node.lineno}: queries {found}" for found in _QUERY.findall(_text(node)))


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _first_text(call: ast.Call) -> str:
    return _text(call.args[0]) if call.args else ""


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "x" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def modules() -> list[Path]:
    """Every module of the product but the control plane's."""
    found = [path for package in PACKAGES for path in sorted((PROJECT / package).rglob("*.py"))]
    return [path for path in found if HOME not in path.parents]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_module_outside_the_control_plane_queries_no_tenant_table(path: Path) -> None:
    assert list(queries_on_tenant_tables(path.read_text())) == []


@pytest.mark.parametrize(
    "source",
    [
        'q = "SELECT * FROM connections"',
        'q = "select id\\nfrom public.sync_runs r where true"',
        'q = f"UPDATE connections SET status = {x}"',
        'q = "insert into drift_events (id) values (1)"',
        'q = "delete from audit_events where true"',
        'q = f"SELECT {columns} FROM a JOIN memberships m ON true"',
        "from orchestration.control_plane.connections import connections",
        't = sa.table("field_mappings")',
    ],
)
def test_such_a_query_is_found(source: str) -> None:
    assert list(queries_on_tenant_tables(source)) != []


@pytest.mark.parametrize(
    "source",
    [
        '"""Reads from connections and writes into sync_runs."""',
        'message = "could not update connections of that tenant"',
        "from orchestration.partitions import connections",
        'q = "SELECT * FROM canonical.account"',
    ],
)
def test_plain_words_are_no_query(source: str) -> None:
    assert list(queries_on_tenant_tables(source)) == []
