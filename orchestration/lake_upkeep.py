"""Keeps a tenant's lake small without changing what anybody reads: merging, expiry, garbage, orphans.

Flushing and merging leave the change feed as it was (checked against DuckLake 1.0). Rewriting files with many deleted
rows does not: the rows come again as insertions. So it is done only to the views, whose feed nobody follows.
"""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from orchestration.control_plane.database import ControlPlane
from orchestration.resources.lake_session import CATALOG, LakeSession
from orchestration.resources.publishing import VIEWS_SCHEMA
from orchestration.resources.sql_text import literal

KEEP_SNAPSHOTS = timedelta(days=7)  # a stage that is further behind than this reads its whole input again
READERS_LEAVE_AFTER = timedelta(hours=1)  # a reader opens the newest publication and is done well before
FREEZE_TAKES_AT_MOST = timedelta(hours=1)
STAGED_FILES_COMMIT_WITHIN = timedelta(days=1)
REWRITE_FROM_DELETED_SHARE = 0.3


def compact(session: LakeSession) -> int:
    """Write inlined rows to Parquet and merge small files. Returns how many tables changed."""
    flushed = session.rows(f"CALL ducklake_flush_inlined_data({literal(CATALOG)})")
    merged = session.rows(f"CALL ducklake_merge_adjacent_files({literal(CATALOG)})")
    changed = {row[:2] for row in (*flushed, *merged)}
    for table in session.tables(VIEWS_SCHEMA):
        session.rows(
            f"CALL ducklake_rewrite_data_files({literal(CATALOG)}, {literal(table)}, "
            f"schema => {literal(VIEWS_SCHEMA)}, delete_threshold => {REWRITE_FROM_DELETED_SHARE})"
        )
    return len(changed)


def collect_garbage(session: LakeSession, oldest_publication: datetime | None, now: datetime) -> int:
    """Expire old snapshots and delete files that neither the lake nor a kept publication reads. Returns their count.

    A merged file serves all snapshots, so the ones it replaces go at once: a frozen catalog may still name them.
    They are deleted only when every publication that is kept was made after they were replaced.
    """
    expire_before = now - KEEP_SNAPSHOTS
    delete_before = now - STAGED_FILES_COMMIT_WITHIN
    if oldest_publication is not None:
        expire_before = min(expire_before, oldest_publication - FREEZE_TAKES_AT_MOST)
        delete_before = min(delete_before, oldest_publication - FREEZE_TAKES_AT_MOST)
    session.rows(f"CALL ducklake_expire_snapshots({literal(CATALOG)}, older_than => {_timestamp(expire_before)})")
    deleted = session.rows(
        f"CALL ducklake_cleanup_old_files({literal(CATALOG)}, older_than => {_timestamp(delete_before)})"
    )
    return len(deleted)


def remove_orphans(session: LakeSession, now: datetime) -> int:
    """Delete files of transactions that never committed. Returns their count."""
    orphans = session.rows(
        f"CALL ducklake_delete_orphaned_files({literal(CATALOG)}, "
        f"older_than => {_timestamp(now - STAGED_FILES_COMMIT_WITHIN)})"
    )
    return len(orphans)


def remove_superseded_publications(control_plane: ControlPlane, tenant_id: UUID, now: datetime) -> int:
    """Delete the frozen catalogs that readers have left. Returns their count."""
    with control_plane.tenant_session(tenant_id) as tenant:
        left = tenant.publications.superseded(now - READERS_LEAVE_AFTER)
        kept = [*tenant.publications.superseded(now)[len(left) :], tenant.publications.current()]
    in_use = {publication.path for publication in kept if publication}  # an unchanged lake is published as one file
    for publication in left:
        if publication.path not in in_use:
            Path(publication.path).unlink(missing_ok=True)
        with control_plane.tenant_session(tenant_id) as tenant:
            tenant.publications.forget(publication.id)
    return len(left)


def oldest_publication(control_plane: ControlPlane, tenant_id: UUID, now: datetime) -> datetime | None:
    """When the oldest publication that is kept was made."""
    with control_plane.tenant_session(tenant_id) as tenant:
        current = tenant.publications.current()
        times = [publication.published_at for publication in tenant.publications.superseded(now)]
    return min([*times, *([current.published_at] if current else [])], default=None)


def _timestamp(moment: datetime) -> str:
    return f"TIMESTAMPTZ {literal(moment.isoformat())}"
