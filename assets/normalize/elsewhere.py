"""What becomes of a stream's rows where they no longer belong: a stream is in the table of one entity at a time.

Rows are not just deleted: later stages read what was inserted, so a deletion has to be a row there.
"""

from assets.normalize.compile import key_expression
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import literal


def bury_elsewhere(
    session: LakeSession, schema: str, table: str, connection_id: str, stream: str, version: int, batch_id: str
) -> int:
    """Mark the stream's live rows in all canonical tables but this one as deleted; how many there were.

    Asked for when the mapping changed, which is rare and reads the whole stream anyway: tables are searched, not a
    record of where the stream was, so nothing is missed.
    """
    tables = session.tables(schema) - {table}  # rejects and quarantine lie there too, and are no canonical rows
    others = sorted(other for other in tables if "_connection_id" in session.columns(schema, other))
    return sum(_bury(session, name_of(schema, other), connection_id, stream, version, batch_id) for other in others)


def bury_orphans(
    session: LakeSession,
    schema: str,
    table: str,
    connection_id: str,
    stream: str,
    version: int,
    batch_id: str,
    raw: str,
) -> int:
    """Mark the stream's live rows of its own table that no raw row stands behind as deleted; how many there were."""
    behind = f"_key NOT IN (SELECT {key_expression(connection_id, stream)} FROM {raw})"
    return _bury(session, name_of(schema, table), connection_id, stream, version, batch_id, f" AND {behind}")


def _bury(
    session: LakeSession, name: str, connection_id: str, stream: str, version: int, batch_id: str, more: str = ""
) -> int:
    # `_raw` is stream#record; with the record's id beside it a stream named "a#b" is never taken for "a".
    rows = (
        f"FROM {name} WHERE _connection_id = {literal(connection_id)} AND NOT _deleted "
        f"AND _raw = {literal(f'{stream}#')} || _source_record_id{more}"
    )
    if not session.value(f"SELECT 1 {rows} LIMIT 1"):
        return 0
    # The newer version of the mapping makes these the newest rows of their keys for who reads insertions.
    session.execute(
        "CREATE OR REPLACE TEMP TABLE buried AS SELECT * REPLACE (true AS _deleted, "
        f"{version}::INTEGER AS _mapping_version, {literal(batch_id)} AS _batch_id) {rows}"
    )
    session.execute(f"DELETE FROM {name} WHERE _key IN (SELECT _key FROM buried)")
    return int(session.value(f"INSERT INTO {name} BY NAME SELECT * FROM buried") or 0)
