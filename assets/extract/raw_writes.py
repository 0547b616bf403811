"""What a staged batch does to its raw table: rows in place of those that differ, tombstones in place of those gone.

Each runs inside the caller's transaction. Costs follow the change: only keys and hashes of what stays are read.
"""

from assets.extract.raw_tables import RAW_SCHEMA, raw_columns
from assets.extract.staging import StagedBatch, staged_rows
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import literal

REGISTERED_FROM = 1_000  # rows; fewer make a file that is not worth its entry in the catalog


def write_rows(session: LakeSession, table: str, staged: StagedBatch, *, follow_origin: bool) -> tuple[int, bool]:
    """Write what is new or changed; how many rows that were, and whether the staged file itself became the table's.

    Where a file that is gone takes its records along, a record that moved to another file is rewritten as well.
    """
    known = {name.casefold() for name in session.columns(RAW_SCHEMA, table)}
    created = session.ensure_table(RAW_SCHEMA, table, raw_columns(staged.fields))
    if not staged.rows:
        return 0, False
    has_all_columns = all(name.casefold() in known for name in staged.fields)
    is_worth_it = staged.rows >= REGISTERED_FROM and has_all_columns
    if staged.is_clean and (created or (is_worth_it and _are_all_new(session, table, staged))):
        session.register_parquet(RAW_SCHEMA, table, staged.path)
        return staged.rows, True
    return _upsert(session, table, staged, fresh=created, follow_origin=follow_origin), False


def bury(session: LakeSession, table: str, keys: str, batch_id: str) -> int:
    """Turn live records into tombstones with their last values; how many that were.

    `keys` is SQL of one column, `__key`; those that are unknown or dead already are passed over.
    """
    name = name_of(RAW_SCHEMA, table)
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE gone_keys AS SELECT __key FROM {name} WHERE NOT __deleted "
        f"AND __key IN (SELECT __key FROM ({keys}))"
    )
    gone = int(session.value("SELECT count(*) FROM gone_keys"))
    if gone:
        session.execute(
            f"CREATE OR REPLACE TEMP TABLE gone AS SELECT * REPLACE (true AS __deleted, 0::UBIGINT AS __hash, "
            f"{literal(batch_id)} AS __batch_id) FROM {name} WHERE __key IN (SELECT __key FROM gone_keys)"
        )
        session.execute(f"DELETE FROM {name} WHERE __key IN (SELECT __key FROM gone_keys)")
        session.execute(f"INSERT INTO {name} BY NAME SELECT * FROM gone")
    return gone


def winners(staged: StagedBatch) -> str:
    """SQL of the staged rows that count: with a record id, and of several with one key the last in the file."""
    if staged.is_clean:
        return f"SELECT * FROM {staged_rows(staged.path)}"
    last = "file_row_number = max(file_row_number) OVER (PARTITION BY __key)"
    return (
        f"SELECT * EXCLUDE (file_row_number) FROM (SELECT * FROM {staged_rows(staged.path, numbered=True)} "
        f"WHERE __record_id IS NOT NULL QUALIFY {last})"
    )


def keys_said_gone(staged: StagedBatch) -> str:
    """SQL of the keys whose last row in the batch says that the record was deleted."""
    return f"SELECT __key FROM ({winners(staged)}) WHERE __deleted"


def _are_all_new(session: LakeSession, table: str, staged: StagedBatch) -> bool:
    keys = f"SELECT __key FROM {staged_rows(staged.path)}"
    return not session.value(f"SELECT 1 FROM {name_of(RAW_SCHEMA, table)} WHERE __key IN ({keys}) LIMIT 1")


def _upsert(session: LakeSession, table: str, staged: StagedBatch, *, fresh: bool, follow_origin: bool) -> int:
    """Replace what differs by key and hash; how many rows that were."""
    name = name_of(RAW_SCHEMA, table)
    rows = f"SELECT * FROM ({winners(staged)}) WHERE NOT __deleted" if staged.gone else winners(staged)
    compared = "__key, __hash, __origin" if follow_origin else "__key, __hash"
    known = "" if fresh else f"ANTI JOIN (SELECT {compared} FROM {name}) known USING ({compared})"
    read = f"(SELECT {compared} FROM ({rows})) staged"
    session.execute(f"CREATE OR REPLACE TEMP TABLE changed AS SELECT __key FROM {read} {known}")
    changed = int(session.value("SELECT count(*) FROM changed"))
    if changed:
        if not fresh:
            session.execute(f"DELETE FROM {name} WHERE __key IN (SELECT __key FROM changed)")
        session.execute(f"INSERT INTO {name} BY NAME SELECT * FROM ({rows}) SEMI JOIN changed USING (__key)")
    return changed
