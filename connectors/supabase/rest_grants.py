"""What a key may write, found without writing: a record that cannot be stored is offered, and the refusal is read.

The API's description lists methods by what a table could take, not by what the role may do, so it alone proves
nothing. Postgres checks the right to insert before it looks at the record; the record holds a NUL character, which no
column accepts, so the statement fails in every case.
"""

from collections.abc import Callable

from connectors.protocol import Grants
from connectors.supabase.rest_errors import error_code
from connectors.supabase.tables import Table

_MOST_TOLD = 24
_MOST_ASKED = 200


def rest_grants(
    tables: list[Table], role: str | None, all_powerful: bool, try_insert: Callable[[Table], tuple[int, bytes]]
) -> Grants:
    """What may be written with the key. Raises ConnectorError."""
    named = f"role {role}" if role else "a role it does not name"
    candidates = [table for table in tables if table.writable and table.columns]
    if all_powerful:
        writes = tuple(f"{table.name}: insert, update, delete" for table in candidates[:_MOST_TOLD])
        return Grants(writes or ("every table",), f"The key has the {named}, which may write everything.")
    writes_found: list[str] = []
    asked = candidates[:_MOST_ASKED]
    for table in asked:
        status, body = try_insert(table)
        # 42501 is the only answer that says no; everything else is taken for a yes.
        if error_code(body) != "42501" and status != 404:
            writes_found.append(f"{table.name}: insert")
        if len(writes_found) == _MOST_TOLD:
            break
    evidence = (
        f"The key has {named}. {len(asked)} of {len(candidates)} tables were asked whether they would take a record "
        "that no column can hold; the database refuses it either way, but says first whether the role may insert."
    )
    return Grants(tuple(writes_found), evidence)
