"""Which entity every record belongs to, kept up to date by what changed in the canonical table.

One lake table an entity that has match keys: a row per record with its keys, its entity and the entity before that.
Cost follows the change: only the records that share a key or an entity with a changed one are looked at again.
"""

from assets.normalize.model import ENTITIES, identity_fields
from assets.resolve.cluster import assign_entities
from assets.resolve.keys import MATCH_KEYS, reference_key
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import identifier

RESOLVE_SCHEMA = "resolve"
CANONICAL_SCHEMA = "canonical"

MEMBER_COLUMNS: dict[str, str] = {
    "_key": "UBIGINT",
    "_entity": "UBIGINT",
    "_previous": "UBIGINT",  # the entity before the last move: unify must look at both
    "_live": "BOOLEAN",
    "ref_key": "UBIGINT",  # by which other entities point at this record
    "k_own": "UBIGINT",
    "k_external": "UBIGINT",
    "k_strong": "UBIGINT",
    "k_weak": "UBIGINT",
    "ref_previous": "UBIGINT",  # ref_key before it last changed: who pointed there points nowhere now
}
_KEYS = ("k_own", "k_external", "k_strong", "k_weak")
_KEY_SPACES = (("k_own", "k_external"), ("k_strong",), ("k_weak",))
_ROUNDS_BEFORE_ALL = 20  # records further apart than this: looking at all of them is quicker than going on step by step


def resolved_entities() -> tuple[str, ...]:
    """Entities whose records are clustered; all others stand for themselves."""
    return tuple(name for name in ENTITIES if name in MATCH_KEYS)


def members_table(entity: str) -> str:
    """Lake table of the entity's memberships."""
    return f"{entity}_members"


def update_members(session: LakeSession, entity: str, delta: str | None, salt: str) -> int:
    """Bring the memberships up to date inside the caller's transaction; how many rows changed.

    `delta` is SQL of the newest version of every canonical row that changed, None for all rows (the first run).
    """
    created = session.ensure_table(RESOLVE_SCHEMA, members_table(entity), MEMBER_COLUMNS)
    source = delta or f"SELECT * FROM {name_of(CANONICAL_SCHEMA, entity)}"
    session.execute(f"CREATE OR REPLACE TEMP TABLE incoming AS {_incoming(entity, source)}")
    members = name_of(RESOLVE_SCHEMA, members_table(entity))
    if delta is None:
        session.execute(f"CREATE OR REPLACE TEMP TABLE held AS SELECT * FROM {members}")
    elif not _gather(session, members):
        return 0
    _pick_candidates(session)
    assign_entities(session, salt)
    return _write(session, members, fresh=created)


def _pick_candidates(session: LakeSession) -> None:
    """`candidates`: records that share a key with another or had an entity before; the rest stand for themselves."""
    listed = ", ".join(_KEYS)
    session.execute(
        f"CREATE OR REPLACE TEMP VIEW considered AS SELECT _key, {listed}, h._entity AS previous, "
        "coalesce(h._live, false) AS was_live FROM incoming i "
        "LEFT JOIN (SELECT _key, _entity, _live FROM held) h USING (_key) WHERE i._live UNION ALL "
        f"SELECT _key, {listed}, _entity, true FROM held ANTI JOIN incoming USING (_key) WHERE _live"
    )
    used = _used_keys(session)
    shared = []
    for space in _KEY_SPACES:
        present = [name for name in space if name in used]
        if present:
            values = " UNION ALL ".join(
                f"SELECT {name} AS k FROM considered WHERE {name} IS NOT NULL" for name in present
            )
            session.execute(
                f"CREATE OR REPLACE TEMP TABLE shared_{space[0]} AS "
                f"SELECT k FROM ({values}) GROUP BY k HAVING count(*) > 1"
            )
            shared += [
                f"SELECT c._key FROM considered c SEMI JOIN shared_{space[0]} s ON s.k = c.{name}" for name in present
            ]
    shared.append("SELECT _key FROM considered WHERE previous IS NOT NULL")
    session.execute(
        "CREATE OR REPLACE TEMP TABLE candidates AS "
        f"SELECT * FROM considered SEMI JOIN ({' UNION '.join(shared)}) USING (_key)"
    )


def _incoming(entity: str, source: str) -> str:
    keys = MATCH_KEYS[entity]
    # Only accounts are pointed at; for the others the key would be work for nobody.
    own_id = identifier(identity_fields(entity)[0])
    ref_key = reference_key("_connection_id", own_id) if entity == "account" else "NULL::UBIGINT"
    listed = ", ".join(f"CASE WHEN _deleted THEN NULL ELSE {name} END AS {name}" for name in _KEYS)
    return (
        f"SELECT _key, NOT _deleted AS _live, ref_key, {listed} FROM (SELECT _key, _deleted, "
        f"{ref_key} AS ref_key, {keys.select_list()} FROM ({source}))"
    )


def _gather(session: LakeSession, members: str) -> bool:
    """Collect into `held` every stored member that the change can touch; False when no key changed at all.

    Grows along shared keys and shared entities until nothing new comes in: the closed set `assign_entities` needs.
    """
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE held AS SELECT m.* FROM {members} m SEMI JOIN incoming i ON m._key = i._key"
    )
    same = " AND ".join(f"h.{name} IS NOT DISTINCT FROM i.{name}" for name in (*_KEYS, "_live", "ref_key"))
    if not session.value(
        f"SELECT 1 FROM incoming i LEFT JOIN held h ON h._key = i._key AND {same} WHERE h._key IS NULL LIMIT 1"
    ):
        return False
    for _ in range(_ROUNDS_BEFORE_ALL):
        session.execute(
            "CREATE OR REPLACE TEMP TABLE reach AS "
            + " UNION ".join(
                f"SELECT {name} AS k FROM {table} WHERE {name} IS NOT NULL"
                for name in _KEYS
                for table in ("held", "incoming")
            )
        )
        session.execute("CREATE OR REPLACE TEMP TABLE entities AS SELECT DISTINCT _entity FROM held")
        wanted = " UNION ".join(
            [f"SELECT m._key FROM {members} m SEMI JOIN reach r ON m.{name} = r.k" for name in _used_keys(session)]
            + [f"SELECT m._key FROM {members} m SEMI JOIN entities e ON m._entity = e._entity"]
        )
        session.execute(
            f"CREATE OR REPLACE TEMP TABLE wanted AS SELECT _key FROM ({wanted}) ANTI JOIN held USING (_key)"
        )
        if not session.value("SELECT 1 FROM wanted LIMIT 1"):
            return True
        session.execute(f"INSERT INTO held SELECT m.* FROM {members} m SEMI JOIN wanted w ON m._key = w._key")
    session.execute(f"CREATE OR REPLACE TEMP TABLE held AS SELECT * FROM {members}")
    return True


def _used_keys(session: LakeSession) -> list[str]:
    """Key columns that can meet a key of the records at hand: the others need no scan."""
    counted = ", ".join(f"count({name})" for name in _KEYS)
    counts = session.rows(
        f"SELECT {counted} FROM (SELECT {', '.join(_KEYS)} FROM held UNION ALL SELECT {', '.join(_KEYS)} FROM incoming)"
    )[0]
    filled = {name for name, count in zip(_KEYS, counts, strict=True) if count}
    # An id here is met by the same id there, so one column of a space calls for the others.
    return [name for space in _KEY_SPACES if filled & set(space) for name in space]


def _write(session: LakeSession, members: str, *, fresh: bool) -> int:
    """Replace the memberships that differ from the stored ones; a deleted record stays as a dead member."""
    listed = ", ".join(_KEYS)
    session.execute(
        "CREATE OR REPLACE TEMP TABLE moved AS WITH known AS ("
        f"SELECT _key, _live, ref_key, {listed} FROM incoming UNION ALL "
        f"SELECT _key, _live, ref_key, {listed} FROM held ANTI JOIN incoming USING (_key)), placed AS ("
        "SELECT k._key, coalesce(a._entity, h._entity, CASE WHEN k._live THEN k._key END) AS _entity, "
        "CASE WHEN a._entity IS DISTINCT FROM h._entity AND a._entity IS NOT NULL "
        "THEN h._entity ELSE h._previous END AS _previous, "
        f"k._live, k.ref_key, {', '.join(f'k.{name}' for name in _KEYS)}, "
        "CASE WHEN k.ref_key IS DISTINCT FROM h.ref_key THEN h.ref_key ELSE h.ref_previous END AS ref_previous "
        "FROM known k LEFT JOIN assigned a USING (_key) "
        "LEFT JOIN (SELECT _key, _entity, _previous, ref_key, ref_previous FROM held) h USING (_key)) "
        "SELECT * FROM placed WHERE _entity IS NOT NULL EXCEPT SELECT * FROM held"
        if not fresh
        else "CREATE OR REPLACE TEMP TABLE moved AS SELECT i._key, coalesce(a._entity, i._key) AS _entity, "
        f"NULL::UBIGINT AS _previous, i._live, i.ref_key, {', '.join(f'i.{name}' for name in _KEYS)}, "
        "NULL::UBIGINT AS ref_previous FROM incoming i LEFT JOIN assigned a USING (_key) WHERE i._live"
    )
    count = int(session.value("SELECT count(*) FROM moved"))
    if count and not fresh:
        session.execute(f"DELETE FROM {members} WHERE _key IN (SELECT _key FROM moved)")
    if count:
        session.execute(f"INSERT INTO {members} SELECT * FROM moved")
    return count
