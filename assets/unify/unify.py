"""Brings one view up to date from what changed in its records, its memberships and the accounts it points at."""

from assets.normalize.catalog import Entity
from assets.resolve.members import CANONICAL_SCHEMA, RESOLVE_SCHEMA, members_table, resolved_entities
from assets.unify.survivorship import entity_id, golden_select
from assets.unify.views import UNIFIED_SCHEMA, refers_to_account, view_columns
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import identifier


class ViewUpdate:
    """One run over one view inside the caller's transaction.

    `records` and `memberships` are SQL of the newest canonical rows and of the membership rows that changed since the
    last run (None: everything, the first run); `accounts_moved` is SQL of the account memberships that changed.
    """

    def __init__(
        self,
        session: LakeSession,
        entity: Entity,
        *,
        records: str | None,
        memberships: str | None,
        accounts_moved: str | None,
    ) -> None:
        self.session = session
        self.entity = entity
        self.records = records
        self.memberships = memberships
        self.accounts_moved = accounts_moved
        self.is_resolved = entity.name in resolved_entities()
        self.canonical = name_of(CANONICAL_SCHEMA, entity.table)
        self.members = name_of(RESOLVE_SCHEMA, members_table(entity.name))
        self.view = name_of(UNIFIED_SCHEMA, entity.view)

    def run(self) -> tuple[int, int]:
        """Rewrite the affected rows; how many were written and how many entities were looked at."""
        created = self.session.ensure_table(UNIFIED_SCHEMA, self.entity.view, view_columns(self.entity))
        if created or self.records is None:
            return self._rebuild(fresh=created)
        self._collect_affected()
        affected = int(self.session.value("SELECT count(*) FROM affected"))
        if not affected:
            return 0, 0
        self._collect_records()
        self.session.execute(f"DELETE FROM {self.view} WHERE _entity IN (SELECT _entity FROM affected)")
        return self._insert("SELECT * FROM current_records", "current_records"), affected

    def _rebuild(self, *, fresh: bool) -> tuple[int, int]:
        """Every row anew, without a temporary copy of the records."""
        if not fresh:
            self.session.execute(f"DELETE FROM {self.view}")
        live = f"SELECT * FROM {self.canonical} WHERE NOT _deleted"
        if self.is_resolved:
            placed = f"SELECT c.*, m._entity FROM ({live}) c JOIN {self.members} m ON m._key = c._key AND m._live"
        else:
            placed = f"SELECT *, _key AS _entity FROM ({live})"
        written = self._insert(placed, f"{self.members} WHERE _live")
        return written, written

    def _collect_affected(self) -> None:
        """`affected(_entity)`: entities of changed records, of changed memberships (both ends), of moved accounts."""
        parts = []
        if self.is_resolved:
            parts.append(f"SELECT m._entity FROM {self.members} m SEMI JOIN ({self.records}) r ON r._key = m._key")
            parts.append(f"SELECT _entity FROM ({self.memberships})")
            parts.append(f"SELECT _previous FROM ({self.memberships}) WHERE _previous IS NOT NULL")
        else:
            parts.append(f"SELECT _key AS _entity FROM ({self.records})")
        if self.accounts_moved is not None and refers_to_account(self.entity):
            pointed_at = f"SELECT unnest([ref_key, ref_previous]) AS ref FROM ({self.accounts_moved})"
            parts.append(f"SELECT v._entity FROM {self.view} v SEMI JOIN ({pointed_at}) a ON a.ref = v._account_ref")
        self.session.execute(f"CREATE OR REPLACE TEMP TABLE affected AS {' UNION '.join(parts)}")

    def _collect_records(self) -> None:
        """`current_records`: the live records of the affected entities, with `_entity`.

        Changed records are at hand; the table of all records is read only when an entity has others.
        """
        run = self.session.execute
        if self.is_resolved:
            run(
                f"CREATE OR REPLACE TEMP TABLE placed AS SELECT m._key, m._entity FROM {self.members} m "
                "SEMI JOIN affected a ON a._entity = m._entity WHERE m._live"
            )
        else:
            run("CREATE OR REPLACE TEMP TABLE placed AS SELECT _entity AS _key, _entity FROM affected")
        run(
            f"CREATE OR REPLACE TEMP TABLE current_records AS SELECT r.*, p._entity FROM ({self.records}) r "
            "JOIN placed p USING (_key) WHERE NOT r._deleted"
        )
        run(
            f"CREATE OR REPLACE TEMP TABLE elsewhere AS SELECT p.* FROM placed p ANTI JOIN ({self.records}) r "
            "ON r._key = p._key"
        )
        if self.session.value("SELECT 1 FROM elsewhere LIMIT 1"):
            run(
                f"INSERT INTO current_records BY NAME SELECT c.*, e._entity FROM {self.canonical} c "
                "JOIN elsewhere e USING (_key) WHERE NOT c._deleted"
            )

    def _insert(self, records: str, placements: str) -> int:
        """Write the view rows of these records: entities with one record straight, the others merged.

        `placements` is what may follow FROM to see the `_entity` of every record concerned.
        """
        if not self.is_resolved:
            return self._insert_rows(golden_select(self.entity, records, several=False))
        several = self._entities_with_several(placements)
        if not several:
            return self._insert_rows(golden_select(self.entity, records, several=False))
        alone = f"SELECT r.* FROM ({records}) r ANTI JOIN crowded s ON s._entity = r._entity"
        joined = f"SELECT r.* FROM ({records}) r SEMI JOIN crowded s ON s._entity = r._entity"
        written = self._insert_rows(golden_select(self.entity, alone, several=False))
        return written + self._insert_rows(golden_select(self.entity, joined, several=True))

    def _entities_with_several(self, placements: str) -> int:
        """`crowded(_entity)`: entities with more than one live record."""
        self.session.execute(
            f"CREATE OR REPLACE TEMP TABLE crowded AS SELECT _entity FROM {placements} "
            "GROUP BY _entity HAVING count(*) > 1"
        )
        return int(self.session.value("SELECT count(*) FROM crowded"))

    def _insert_rows(self, golden: str) -> int:
        columns = ", ".join(identifier(name) for name in view_columns(self.entity))
        if refers_to_account(self.entity):
            golden = self._with_account(golden)
        return int(self.session.value(f"INSERT INTO {self.view} ({columns}) SELECT {columns} FROM ({golden})") or 0)

    def _with_account(self, golden: str) -> str:
        """Add `account_entity_id`: the entity of the account the row points at, NULL when there is none."""
        accounts = members_table("account")
        if accounts not in self.session.tables(RESOLVE_SCHEMA):
            return f"SELECT *, NULL::VARCHAR AS account_entity_id FROM ({golden})"
        known = (
            f"SELECT ref_key, min(_entity) AS account_entity FROM {name_of(RESOLVE_SCHEMA, accounts)} "
            "WHERE _live AND ref_key IS NOT NULL GROUP BY ref_key"
        )
        return (
            f"SELECT g.*, {entity_id('k.account_entity')} AS account_entity_id FROM ({golden}) g "
            f"LEFT JOIN ({known}) k ON k.ref_key = g._account_ref"
        )
