"""Groups records into entities and gives every group an id that stays as long as most of it does.

Works on a closed set of records: every record that shares a key or an entity with one in the set is in it too. So
the outcome for a part is the same as for the whole, which is what makes the incremental run exact.
Reads the temporary table `candidates(_key, k_own, k_external, k_strong, k_weak, previous)`, writes `assigned(_key,
_entity)`.
"""

from orchestration.resources.lake import LakeSession
from orchestration.resources.sql_text import literal

# Each round halves what is left of a chain at worst slowly; real chains (a shares a key with b, b with c) are short.
MAX_ROUNDS = 200


def assign_entities(session: LakeSession, salt: str) -> int:
    """Fill `assigned`; how many rounds the labels took to settle.

    `salt` makes the id of a group that split off one that never existed before.
    """
    rounds = _label_by_strong_keys(session)
    _attach_by_name(session)
    _keep_ids(session, salt)
    return rounds


def _label_by_strong_keys(session: LakeSession) -> int:
    """Connected components over own, external and strong keys: every record ends with its component's least key."""
    session.execute(
        "CREATE OR REPLACE TEMP TABLE edges AS WITH e AS ("
        "SELECT _key, k_strong AS k FROM candidates WHERE k_strong IS NOT NULL "
        "UNION SELECT _key, k_own FROM candidates WHERE k_own IS NOT NULL "
        "UNION SELECT _key, k_external FROM candidates WHERE k_external IS NOT NULL) "
        "SELECT * FROM e SEMI JOIN (SELECT k FROM e GROUP BY k HAVING count(*) > 1) USING (k)"
    )
    session.execute("CREATE OR REPLACE TEMP TABLE labels AS SELECT DISTINCT _key, _key AS label FROM edges")
    for done in range(MAX_ROUNDS):
        session.execute(
            "CREATE OR REPLACE TEMP TABLE relabelled AS WITH best AS ("
            "SELECT k, min(label) AS label FROM edges JOIN labels USING (_key) GROUP BY k) "
            "SELECT _key, min(b.label) AS label FROM edges JOIN best b USING (k) GROUP BY _key"
        )
        moved = session.value("SELECT count(*) FROM relabelled r JOIN labels l USING (_key) WHERE r.label < l.label")
        session.execute("CREATE OR REPLACE TEMP TABLE labels AS SELECT * FROM relabelled")
        if not moved:
            return done + 1
    raise RuntimeError(f"entity labels did not settle in {MAX_ROUNDS} rounds; a chain of shared keys is that long")


def _attach_by_name(session: LakeSession) -> None:
    """Components without a strong key join by name: the one that has a strong key, or each other.

    Two or more components with different strong keys under one name contend: then the name decides nothing for them.
    """
    session.execute(
        "CREATE OR REPLACE TEMP TABLE components AS "
        "SELECT c._key, coalesce(l.label, c._key) AS label, c.k_weak, "
        "bool_or(c.k_strong IS NOT NULL) OVER (PARTITION BY coalesce(l.label, c._key)) AS is_strong "
        "FROM candidates c LEFT JOIN labels l USING (_key) WHERE c.k_weak IS NOT NULL OR l.label IS NOT NULL"
        if session.value("SELECT 1 FROM candidates WHERE k_weak IS NOT NULL LIMIT 1")
        else "CREATE OR REPLACE TEMP TABLE components AS "
        "SELECT _key, label, NULL::UBIGINT AS k_weak, true AS is_strong FROM labels"
    )
    session.execute(
        "CREATE OR REPLACE TEMP TABLE targets AS WITH names AS ("
        "SELECT k_weak, count(DISTINCT label) FILTER (is_strong) AS strong, "
        "min(label) FILTER (is_strong) AS strong_label, "
        "min(label) FILTER (NOT is_strong) AS weak_label FROM components WHERE k_weak IS NOT NULL GROUP BY k_weak) "
        "SELECT c.label, min(CASE WHEN n.strong = 1 THEN n.strong_label ELSE n.weak_label END) AS target "
        "FROM components c JOIN names n USING (k_weak) WHERE NOT c.is_strong GROUP BY c.label"
    )
    session.execute(
        "CREATE OR REPLACE TEMP TABLE grouped AS SELECT c._key, c.previous, "
        "coalesce(t.target, l.label, c._key) AS label FROM candidates c LEFT JOIN components l USING (_key) "
        "LEFT JOIN targets t ON t.label = coalesce(l.label, c._key)"
    )


def _keep_ids(session: LakeSession, salt: str) -> None:
    """An entity id goes on with the group that holds most of its records; a group takes the id most of it had."""
    session.execute(
        "CREATE OR REPLACE TEMP TABLE kept AS WITH claims AS ("
        "SELECT label, previous, count(*) AS records, min(_key) AS least FROM grouped WHERE previous IS NOT NULL "
        "GROUP BY label, previous), won AS (SELECT * FROM claims "
        "QUALIFY row_number() OVER (PARTITION BY previous ORDER BY records DESC, least) = 1) "
        "SELECT label, previous AS entity FROM won "
        "QUALIFY row_number() OVER (PARTITION BY label ORDER BY records DESC, previous) = 1"
    )
    # A group of records never seen before takes its least key: no other entity can have that id. A group that lost
    # its old id to another takes a salted one, since its least key may be in use.
    session.execute(
        "CREATE OR REPLACE TEMP TABLE fresh AS SELECT label, CASE WHEN bool_or(previous IS NOT NULL) "
        f"THEN md5_number_lower(min(_key) || '/' || {literal(salt)}) ELSE min(_key) END AS entity "
        "FROM grouped ANTI JOIN kept USING (label) GROUP BY label"
    )
    session.execute(
        "CREATE OR REPLACE TEMP TABLE assigned AS SELECT g._key, coalesce(k.entity, f.entity) AS _entity "
        "FROM grouped g LEFT JOIN kept k USING (label) LEFT JOIN fresh f USING (label)"
    )
