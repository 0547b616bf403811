"""What a key may write, found without writing: the API is asked for the plan of a write, which Postgres never runs.

Postgres checks a role's rights before it shows a plan. Plans are off unless the project's owner allows them
(`db_plan_enabled`); then nothing is tried, and what the key may write is said to be unknown.
"""

from collections.abc import Callable
from typing import Literal

from connectors.protocol import NOT_VERIFIED, Grants
from connectors.supabase.rest_errors import error_code
from connectors.supabase.tables import Table

Write = Literal["insert", "update", "delete"]
Verdict = Literal["allowed", "refused", "unknown"]
WRITES: tuple[Write, ...] = ("insert", "update", "delete")
PLAN = "application/vnd.pgrst.plan+json"

_MOST_TOLD = 24
_MOST_ASKED = 100
_UNKNOWN = f"{NOT_VERIFIED}: the Data API does not tell what this key may write"
_HOW = (
    "To have it verified, let the API show plans while connecting (alter role authenticator set pgrst.db_plan_enabled "
    "to 'true'; notify pgrst, 'reload config'), or give database_url of a login that may only read."
)
# Refused whoever asks: a view or table that takes no writes, a database that is read-only.
_NEVER = ("55000", "42809", "0A000", "25006")


def rest_grants(
    tables: list[Table], role: str | None, all_powerful: bool, ask: Callable[[Table, Write], Verdict]
) -> Grants:
    """What may be written with the key. Raises ConnectorError."""
    named = f"role {role}" if role else "a role it does not name"
    candidates = [table for table in tables if table.writable and table.columns]
    if all_powerful:
        writes = tuple(f"{table.name}: insert, update, delete" for table in candidates[:_MOST_TOLD])
        return Grants(writes or ("every table",), f"The key has the {named}, which may write everything.")
    if not tables:
        return Grants((_UNKNOWN,), f"The key has {named}, and names no table to ask about. {_HOW}")
    writes_found: list[str] = []
    asked = candidates[:_MOST_ASKED]
    for table in asked:
        verdicts = {}
        for write in WRITES:
            verdicts[write] = ask(table, write)
            if verdicts[write] == "unknown":
                return Grants((_UNKNOWN,), f"The key has {named}. {_HOW}")
        allowed = [write for write, found in verdicts.items() if found == "allowed"]
        if allowed:
            writes_found.append(f"{table.name}: {', '.join(allowed)}")
        if len(writes_found) == _MOST_TOLD:
            break
    if len(candidates) > len(asked) and len(writes_found) < _MOST_TOLD:
        writes_found.append(f"{NOT_VERIFIED}: {len(candidates) - len(asked)} more tables")
    evidence = (
        f"The key has {named}. The plans of an insert, an update and a delete were asked for on {len(asked)} of "
        f"{len(candidates)} tables; nothing was run. Row-level security and functions (rpc) were not looked at."
    )
    return Grants(tuple(writes_found), evidence)


def verdict(status: int, content_type: str, body: bytes) -> Verdict:
    """What the answer to a request for a plan says about the right to write."""
    code = error_code(body)
    if 200 <= status < 300:
        # Whoever answers without a plan has run the request, which touches no record, and proves nothing.
        return "allowed" if content_type.startswith("application/vnd.pgrst.plan") else "unknown"
    if status in (406, 415) or code == "PGRST107":
        return "unknown"
    if code == "42501" or code in _NEVER or status in (404, 405):
        return "refused"
    return "allowed"
