"""PostgREST's description of itself (OpenAPI 2, the API's root) read as tables.

Columns carry Postgres's type name as `format`, keys a `<pk/>` mark in the description, `required` what is not null.
"""

import re
from typing import Any

from connectors.supabase.tables import Column, Table

# The part of a description that PostgREST appends about keys.
_NOTE = re.compile(r"(?:^|\n\n)Note:\n(?:This is a (?:Primary|Foreign) Key.*\n?)+$")
_LENGTH = re.compile(r"\(.*?\)")


def tables_of(document: dict[str, Any], limited: str | None) -> list[Table]:
    """The tables and views of the description, by name. `limited`: the role row-level security applies to."""
    definitions: dict[str, Any] = document.get("definitions") or {}
    paths: dict[str, Any] = document.get("paths") or {}
    return [
        _table(name, definition, paths.get(f"/{name}", {}), limited) for name, definition in sorted(definitions.items())
    ]


def _table(name: str, definition: dict[str, Any], path: dict[str, Any], limited: str | None) -> Table:
    properties: dict[str, Any] = definition.get("properties") or {}
    required = set(definition.get("required") or ())
    return Table(
        name=name,
        columns=tuple(_column(column, about, column in required) for column, about in properties.items()),
        primary_key=tuple(
            column for column, about in properties.items() if "<pk/>" in (about.get("description") or "")
        ),
        description=definition.get("description"),
        writable=bool({"post", "patch", "delete"} & set(path)),
        limited=limited,
    )


def _column(name: str, about: dict[str, Any], required: bool) -> Column:
    note = about.get("description") or ""
    return Column(
        name=name,
        type=_LENGTH.sub("", about.get("format") or about.get("type") or "text"),
        nullable=not required,
        has_default="default" in about,
        description=_NOTE.sub("", note).strip() or None,
    )
