"""Values of before a repair that was taken back: from the lake's own past, for the records its hold covers now.

Where that past has expired, a value goes only when the mapping in force gives none either; the rest is counted, since
a value nobody remembers can neither be brought back nor be called wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from assets.normalize.compile import CompiledMapping, key_expression
from assets.normalize.outcome import CANONICAL_SCHEMA
from assets.normalize.quarantine import Hold
from orchestration.resources.lake_session import CATALOG, LakeSession, name_of
from orchestration.resources.sql_text import identifier, literal


@dataclass(frozen=True, slots=True)
class Restored:
    """Rows that got values back, and rows whose values nothing remembers."""

    rows: int = 0
    unrestored: int = 0


def restore(session: LakeSession, compiled: CompiledMapping, relation: str, holds: Sequence[Hold]) -> Restored:
    """Set the restore targets of records in `held_now` back; `relation` has their raw rows.

    `held_now` is the quarantine's temp table of this run. Rows are written once, however many holds concern them.
    """
    wanted = [(hold, _targets(compiled, hold)) for hold in holds if hold.restore_snapshot is not None]
    wanted = [(hold, targets) for hold, targets in wanted if targets]
    entity = compiled.plan.entity
    if not wanted or entity.table not in session.tables(CANONICAL_SCHEMA):
        return Restored()
    name = name_of(CANONICAL_SCHEMA, entity.table)
    key = key_expression(compiled.connection_id, compiled.plan.stream)
    of_holds = ", ".join(literal(str(hold.id)) for hold, _ in wanted)
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE held_keys AS SELECT {key} AS _key, hold_id FROM held_now "
        f"WHERE hold_id IN ({of_holds})"
    )
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE restoring AS SELECT * FROM {name} "
        "WHERE NOT _deleted AND _key IN (SELECT _key FROM held_keys)"
    )
    session.execute("CREATE OR REPLACE TEMP TABLE unrestored (_key UBIGINT)")
    for hold, targets in wanted:
        if _is_kept(session, hold.restore_snapshot):
            _from_the_past(session, compiled, hold, targets)
        else:
            _from_the_mapping(session, compiled, hold, targets, relation)
    unrestored = int(session.value("SELECT count(DISTINCT _key) FROM unrestored"))
    return Restored(_write(session, name, compiled.plan.version), unrestored)


def _targets(compiled: CompiledMapping, hold: Hold) -> list[str]:
    """The hold's targets that are fields of the entity; its identity cannot be another one's."""
    own = {column.name for column in compiled.plan.entity.columns} - {compiled.plan.identity}
    return [target for target in hold.restore_targets if target in own]


def _is_kept(session: LakeSession, snapshot: int | None) -> bool:
    found = f"SELECT 1 FROM ducklake_snapshots({literal(CATALOG)}) WHERE snapshot_id = {snapshot}"
    return bool(session.value(found))


def _from_the_past(session: LakeSession, compiled: CompiledMapping, hold: Hold, targets: Sequence[str]) -> None:
    """Values as they stood at the snapshot. A record that was not there then has none: what must have one goes."""
    entity = compiled.plan.entity
    held = f"SELECT _key FROM held_keys WHERE hold_id = {literal(str(hold.id))}"
    present = _columns_then(session, entity.table, int(hold.restore_snapshot or 0))
    if present:
        listed = ", ".join(
            f"{identifier(name)} AS t{at}" if name in present else f"NULL AS t{at}" for at, name in enumerate(targets)
        )
        session.execute(
            f"CREATE OR REPLACE TEMP TABLE past AS SELECT _key, {listed} FROM "
            f"{name_of(CANONICAL_SCHEMA, entity.table)} AT (VERSION => {hold.restore_snapshot}) "
            f"WHERE NOT _deleted AND _key IN ({held})"
        )
        values = ", ".join(f"{identifier(name)} = past.t{at}" for at, name in enumerate(targets))
        session.execute(f"UPDATE restoring SET {values} FROM past WHERE restoring._key = past._key")
    was_there = "SELECT _key FROM past" if present else "SELECT NULL::UBIGINT WHERE false"
    required = {column.name for column in entity.columns if column.required}
    gone = ["_deleted = true"] if required & set(targets) else []
    nothing = ", ".join([f"{identifier(name)} = NULL" for name in targets if name not in required] + gone)
    session.execute(f"UPDATE restoring SET {nothing} WHERE _key IN ({held}) AND _key NOT IN ({was_there})")


def _from_the_mapping(
    session: LakeSession, compiled: CompiledMapping, hold: Hold, targets: Sequence[str], relation: str
) -> None:
    """Without the past: NULL where the mapping in force gives NULL, and counted where it gives a value or fails."""
    held = f"SELECT __key FROM held_now WHERE hold_id = {literal(str(hold.id))}"
    of_held = f"(SELECT * FROM {relation} WHERE __key IN ({held}))"
    narrow = compiled.narrowed([*targets, "_deleted"])
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE given AS {narrow.canonical_select(of_held, {*targets, '_key', '_deleted'})}"
    )
    nothing = "restoring._key IN (SELECT _key FROM given WHERE {} IS NULL)"
    for target in targets:
        column = identifier(target)
        session.execute(f"UPDATE restoring SET {column} = NULL WHERE {nothing.format(column)}")
    left = " OR ".join(f"restoring.{identifier(target)} IS NOT NULL" for target in targets)
    of_hold = f"_key IN (SELECT _key FROM held_keys WHERE hold_id = {literal(str(hold.id))})"
    session.execute(f"INSERT INTO unrestored SELECT _key FROM restoring WHERE {of_hold} AND ({left})")


def _columns_then(session: LakeSession, table: str, snapshot: int) -> set[str]:
    """Columns the canonical table had at a snapshot; none when it was not there yet."""
    metadata = f"__ducklake_metadata_{CATALOG}.{identifier(session.metadata_schema)}"
    then = f"begin_snapshot <= {snapshot} AND (end_snapshot IS NULL OR end_snapshot > {snapshot})"
    found = session.rows(
        f"SELECT column_name FROM {metadata}.ducklake_column WHERE {then} AND table_id IN ("
        f"SELECT table_id FROM {metadata}.ducklake_table WHERE table_name = {literal(table)} AND {then} AND schema_id "
        f"IN (SELECT schema_id FROM {metadata}.ducklake_schema WHERE schema_name = {literal(CANONICAL_SCHEMA)}))"
    )
    return {name for (name,) in found}


def _write(session: LakeSession, name: str, version: int) -> int:
    """The rows that became others, in place of what they were; how many.

    Their batch is named by its commit alone: that sorts before the raw row's batch, so that who reads insertions takes
    a later replay of the same version for the newer one.
    """
    session.execute(
        "CREATE OR REPLACE TEMP TABLE restored AS SELECT r.* REPLACE (left(r._batch_id, 10) AS _batch_id, "
        f"{version}::INTEGER AS _mapping_version) FROM restoring r JOIN {name} c USING (_key) "
        "WHERE r IS DISTINCT FROM c"
    )
    rewritten = int(session.value("SELECT count(*) FROM restored"))
    if rewritten:
        session.execute(f"DELETE FROM {name} WHERE _key IN (SELECT _key FROM restored)")
        session.execute(f"INSERT INTO {name} BY NAME SELECT * FROM restored")
    return rewritten
