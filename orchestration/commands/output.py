"""Where the words of a command go: the result to stdout, progress and remarks to stderr.

With `--json` stdout holds one JSON document and stderr nothing but an error.
"""

import json
import sys
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
TenantOption = Annotated[str, typer.Option("--tenant", "-t", help="Name of the tenant.")]
ConnectionOption = Annotated[
    str | None, typer.Option("--connection", "-c", help="Name of a connection; all of the tenant's when left out.")
]


class Output:
    """Knows whether people or programs read along."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    @property
    def progress(self) -> "Console":
        """The console for progress; silent with --json."""
        from rich.console import Console

        return Console(stderr=True, quiet=self.as_json)

    def say(self, remark: str) -> None:
        """A remark on what goes on, for people."""
        if not self.as_json:
            sys.stderr.write(f"{remark}\n")
            sys.stderr.flush()

    def result(self, document: object, *shown: "Table | str") -> None:
        """The outcome: the document for programs, the tables and lines for people."""
        if self.as_json:
            sys.stdout.write(to_json(document) + "\n")
            return
        from rich.console import Console

        console = Console()
        for part in shown:
            # Names and values are data: nothing in them is markup.
            console.print(part, markup=False, highlight=False)


def to_json(document: object) -> str:
    """Readable JSON; times in ISO 8601, decimals and ids as text."""
    return json.dumps(document, indent=2, ensure_ascii=False, default=_json_value)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> "Table":
    """A table for people: numbers to the right with thousands separated, nothing shown as an empty cell."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD)
    for at, name in enumerate(columns):
        numeric = any(isinstance(row[at], int) for row in rows)
        shown.add_column(Text(name), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(Text(_cell(value)) for value in row))
    return shown


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return str(value)


def _json_value(value: Any) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")
