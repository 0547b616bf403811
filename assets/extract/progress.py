"""How far a stage has read a change feed, kept in the lake and moved in the same transaction as what it wrote."""

from dataclasses import dataclass

from assets.extract.state import STATE_SCHEMA
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import literal

_COLUMNS = {"scope": "VARCHAR", "snapshot": "BIGINT", "detail": "VARCHAR"}


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything up to `snapshot` has been taken; `detail` is the stage's own, such as a mapping version."""

    snapshot: int
    detail: str = ""


def read_progress(session: LakeSession, table: str, scope: str) -> Progress | None:
    """Progress within a scope (a stream, a view); None before the first run."""
    if not session.columns(STATE_SCHEMA, table):
        return None
    found = session.rows(f"SELECT snapshot, detail FROM {name_of(STATE_SCHEMA, table)} WHERE scope = {literal(scope)}")
    return Progress(found[0][0], found[0][1]) if found else None


def read_all_progress(session: LakeSession, table: str) -> dict[str, Progress]:
    """Progress by scope."""
    if not session.columns(STATE_SCHEMA, table):
        return {}
    found = session.rows(f"SELECT scope, snapshot, detail FROM {name_of(STATE_SCHEMA, table)}")
    return {scope: Progress(snapshot, detail) for scope, snapshot, detail in found}


def write_progress(session: LakeSession, table: str, scope: str, progress: Progress) -> None:
    """Replace the progress inside the caller's transaction."""
    session.ensure_table(STATE_SCHEMA, table, _COLUMNS)
    name = name_of(STATE_SCHEMA, table)
    session.execute(f"DELETE FROM {name} WHERE scope = {literal(scope)}")
    session.execute(f"INSERT INTO {name} VALUES ({literal(scope)}, {progress.snapshot}, {literal(progress.detail)})")


def feed_start(session: LakeSession, progress: Progress | None, detail: str | None = None) -> int | None:
    """The snapshot after which the change feed has to be read; None when everything has to be read.

    What was made under another `detail` has to be made anew.
    A feed is lost when its snapshots expired meanwhile: what stood still for longer than they are kept.
    """
    if progress is None or (detail is not None and progress.detail != detail):
        return None
    if not session.has_feed(progress.snapshot):
        return None
    return progress.snapshot
