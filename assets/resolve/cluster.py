"""Groups records into entities and gives every group an id that stays as long as most of it does.

Works on a closed set of records: every record that shares a key or an entity with one in the set is in it too. So
the outcome for a part is the same as for the whole, which is what makes the incremental run exact.
Reads the temporary table `candidates(_key, k_own, k_external, k_strong, k_weak, previous, was_live)`, writes
`assigned(_key, _entity)`.
"""

from orchestration.resources.lake_session import LakeSession
from orchestration.resources.sql_text import literal


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
    return _settle_labels(session, "labels")


def _settle_labels(session: LakeSession, labels: str) -> int:
    """Fill `labels(_key, label)` from `edges(_key, k)`: the least key that can be reached; in how many rounds.

    The shortcuts of Zhang, Azad and Hu, "FastSV" (2020): labels jump to the label of their label, and what a record
    hears it tells the record it is labelled with. So a chain of thousands settles in a dozen rounds, not thousands.
    """
    session.execute(f"CREATE OR REPLACE TEMP TABLE {labels} AS SELECT DISTINCT _key, _key AS label FROM edges")
    rounds, moved = 0, session.value(f"SELECT 1 FROM {labels} LIMIT 1")
    while moved:
        session.execute(
            "CREATE OR REPLACE TEMP TABLE relabelled AS WITH jumped AS ("
            f"SELECT l._key, l.label AS parent, up.label FROM {labels} l JOIN {labels} up ON up._key = l.label), "
            "best AS (SELECT k, min(label) AS label FROM edges JOIN jumped USING (_key) GROUP BY k), "
            "heard AS (SELECT _key, min(b.label) AS label FROM edges JOIN best b USING (k) GROUP BY _key), "
            "told AS (SELECT j.parent, min(h.label) FROM heard h JOIN jumped j USING (_key) GROUP BY j.parent) "
            "SELECT _key, min(label) AS label FROM (FROM heard UNION ALL FROM told) GROUP BY _key"
        )
        moved = session.value(
            f"SELECT 1 FROM relabelled r JOIN {labels} l USING (_key) WHERE r.label < l.label LIMIT 1"
        )
        session.execute(f"CREATE OR REPLACE TEMP TABLE {labels} AS SELECT * FROM relabelled")
        rounds += 1
    return rounds


def _attach_by_name(session: LakeSession) -> None:
    """Fill `grouped`: components without a strong key join, by name, the one that has a strong key, or each other.

    Where components with different strong keys have one name, or the names of a component belong to different ones,
    the name decides nothing: whoever has it without a strong key stays apart.
    """
    if session.value("SELECT 1 FROM candidates WHERE k_weak IS NOT NULL LIMIT 1"):
        _find_targets(session)
    else:
        session.execute("CREATE OR REPLACE TEMP TABLE targets (label UBIGINT, target UBIGINT)")
    session.execute(
        "CREATE OR REPLACE TEMP TABLE grouped AS SELECT c._key, c.previous, c.was_live, "
        "coalesce(t.target, l.label, c._key) AS label FROM candidates c LEFT JOIN labels l USING (_key) "
        "LEFT JOIN targets t ON t.label = coalesce(l.label, c._key)"
    )


def _find_targets(session: LakeSession) -> None:
    """`targets(label, target)`: the component that each component without a strong key joins by name."""
    session.execute(
        "CREATE OR REPLACE TEMP TABLE components AS SELECT coalesce(l.label, c._key) AS label, c.k_weak, "
        "bool_or(c.k_strong IS NOT NULL) OVER (PARTITION BY coalesce(l.label, c._key)) AS is_strong "
        "FROM candidates c LEFT JOIN labels l USING (_key) WHERE c.k_weak IS NOT NULL OR l.label IS NOT NULL"
    )
    session.execute(
        "CREATE OR REPLACE TEMP TABLE named AS WITH names AS (SELECT k_weak, min(label) FILTER (is_strong) AS least, "
        "max(label) FILTER (is_strong) AS greatest FROM components WHERE k_weak IS NOT NULL GROUP BY k_weak) "
        "SELECT c.label, min(n.least) AS least, max(n.greatest) AS greatest "
        "FROM components c JOIN names n USING (k_weak) WHERE NOT c.is_strong GROUP BY c.label"
    )
    # From here on the edges are of components that no strong key speaks for: they have only each other.
    session.execute(
        "CREATE OR REPLACE TEMP TABLE edges AS SELECT DISTINCT c.label AS _key, c.k_weak AS k "
        "FROM components c SEMI JOIN (SELECT label FROM named WHERE least IS NULL) n USING (label) "
        "WHERE c.k_weak IS NOT NULL"
    )
    _settle_labels(session, "by_name")
    session.execute(
        "CREATE OR REPLACE TEMP TABLE targets AS SELECT label, least AS target FROM named WHERE least = greatest "
        "UNION ALL SELECT _key, label FROM by_name"
    )


def _keep_ids(session: LakeSession, salt: str) -> None:
    """An entity id goes on with the group that holds most of its records; a group takes the id most of it had.

    Records that were gone and come back ask for their old id after those that bore it all the time.
    """
    session.execute(
        "CREATE OR REPLACE TEMP TABLE kept AS WITH claims AS ("
        "SELECT label, previous, count(*) FILTER (was_live) AS stayed, count(*) AS records, min(_key) AS least "
        "FROM grouped WHERE previous IS NOT NULL GROUP BY label, previous), won AS (SELECT * FROM claims "
        "QUALIFY row_number() OVER (PARTITION BY previous ORDER BY stayed DESC, records DESC, least) = 1) "
        "SELECT label, previous AS entity FROM won "
        "QUALIFY row_number() OVER (PARTITION BY label ORDER BY stayed DESC, records DESC, previous) = 1"
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
