"""Records that a hold keeps out of the canonical table: their keys wait in a lake table, their rows in the raw one.

A hold is decided on in the control plane. What it covers is worked out here, from raw rows; whatever happens to a
record (landed again, deleted, its hold lifted) its place in quarantine moves in the same transaction as its row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from assets.normalize.outcome import CANONICAL_SCHEMA
from assets.normalize.plan import batch_from
from assets.normalize.reading_sql import is_filled
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import identifier, literal

QUARANTINE_TABLE = "quarantine"
QUARANTINE_COLUMNS: dict[str, str] = {
    "connection_id": "VARCHAR",
    "stream": "VARCHAR",
    "record_key": "UBIGINT",
    "record_id": "VARCHAR",
    "batch_id": "VARCHAR",  # of the raw row that is held
    "hold_id": "VARCHAR",
    "held_at": "TIMESTAMPTZ",
}
QUARANTINE = name_of(CANONICAL_SCHEMA, QUARANTINE_TABLE)


class Hold(Protocol):
    """What normalize needs of a hold; the control plane's records are this.

    `match`: "filled" (any of the fields is), "empty" (all of them are blank or absent) or "all" (every row).
    """

    @property
    def id(self) -> UUID: ...
    @property
    def stream(self) -> str: ...
    @property
    def since_version(self) -> int: ...
    @property
    def fields(self) -> Sequence[str]: ...
    @property
    def match(self) -> str: ...
    @property
    def restore_snapshot(self) -> int | None: ...
    @property
    def restore_targets(self) -> Sequence[str]: ...


def hold_token(hold: Hold) -> str:
    """The hold with all of it that may change while it is in force: another token has to be looked at again."""
    return "@".join(map(str, (hold.id, hold.since_version, *filter(None, (hold.restore_snapshot,)))))


def held_condition(hold: Hold, columns: Sequence[str]) -> str:
    """SQL condition, never NULL, of the raw rows a hold covers, over a raw table with these columns."""
    known = {name.casefold(): name for name in columns}
    found = [known[name.casefold()] for name in hold.fields if name.casefold() in known]
    filled = " OR ".join(is_filled(identifier(name)) for name in found) or "false"
    covered = {"filled": f"({filled})", "empty": f"NOT ({filled})", "all": "true"}[hold.match]
    return f"NOT coalesce(__deleted, false) AND __batch_id >= {literal(batch_from(hold.since_version))} AND {covered}"


@dataclass(frozen=True, slots=True)
class HeldBack:
    """`relation` without what is held; keys held, of them landed since the first batch; keys that came free."""

    relation: str
    keys: int = 0
    landed: int = 0
    freed: int = 0


@dataclass(frozen=True, slots=True)
class Quarantine:
    """One stream's quarantine inside the caller's transaction.

    `holds` are in force now, `before` are the tokens of those in force when the stream was normalized last.
    """

    session: LakeSession
    connection_id: UUID
    stream: str
    holds: Sequence[Hold]
    before: frozenset[str]

    @property
    def is_needed(self) -> bool:
        """Whether anything is held, or may still lie there."""
        return bool(self.holds or self.before)

    def placed(self) -> list[Hold]:
        """Holds that were not there the last time, or not as they are."""
        return [hold for hold in self.holds if hold_token(hold) not in self.before]

    def keys_to_take(self, raw: str, columns: Sequence[str]) -> list[str]:
        """SQL of record keys, one column each, that a change of the holds concerns: those let go, those taken in."""
        lifted = self._lifted()
        keys = [f"SELECT record_key FROM {QUARANTINE} WHERE {self._own()} AND {lifted}"] if lifted else []
        taken = [f"({held_condition(hold, columns)})" for hold in self.placed()]
        return [*keys, *([f"SELECT __key FROM {raw} WHERE {' OR '.join(taken)}"] if taken else [])]

    def hold_back(
        self, relation: str, columns: Sequence[str], first_batch: str, gone: Callable[[str], str] | None
    ) -> HeldBack:
        """Set the quarantine of the records at hand to what the holds cover of them, as temp table `held_now`.

        `gone` gives SQL of the keys of a relation's records that a field of theirs says are deleted. Those flow as
        tombstones do.
        """
        session = self.session
        session.ensure_table(CANONICAL_SCHEMA, QUARANTINE_TABLE, QUARANTINE_COLUMNS)
        lifted = self._lifted()
        freed = f"SELECT DISTINCT record_key FROM {QUARANTINE} WHERE {self._own()} AND {lifted or 'false'}"
        session.execute(f"CREATE OR REPLACE TEMP TABLE freed AS {freed}")
        self._find(relation, columns)
        if gone is not None:
            of_held = f"(SELECT * FROM {relation} WHERE __key IN (SELECT __key FROM held_now))"
            session.execute(f"DELETE FROM held_now WHERE __key IN ({gone(of_held)})")
        session.execute(
            f"DELETE FROM {QUARANTINE} WHERE {self._own()} AND "
            f"({lifted or 'false'} OR record_key IN (SELECT __key FROM {relation}))"
        )
        session.execute(
            f"INSERT INTO {QUARANTINE} BY NAME SELECT {literal(str(self.connection_id))} AS connection_id, "
            f"{literal(self.stream)} AS stream, __key AS record_key, __record_id AS record_id, "
            "__batch_id AS batch_id, hold_id, now() AS held_at FROM held_now"
        )
        return self._held_back(relation, first_batch)

    def _find(self, relation: str, columns: Sequence[str]) -> None:
        """`held_now`: a row for each record of the relation and hold that covers it."""
        nothing = f"SELECT __key, __record_id, __batch_id, '' AS hold_id FROM {relation} WHERE false"
        covered = [
            f"SELECT __key, __record_id, __batch_id, {literal(str(hold.id))} FROM {relation} "
            f"WHERE {held_condition(hold, columns)}"
            for hold in self.holds
        ]
        self.session.execute(f"CREATE OR REPLACE TEMP TABLE held_now AS {' UNION ALL '.join((nothing, *covered))}")

    def _held_back(self, relation: str, first_batch: str) -> HeldBack:
        keys, landed = self.session.rows(
            "SELECT count(DISTINCT __key), count(DISTINCT __key) FILTER (__batch_id >= "
            f"{literal(first_batch)}) FROM held_now"
        )[0]
        flowing = f"(SELECT * FROM {relation} WHERE __key NOT IN (SELECT __key FROM held_now))" if keys else relation
        freed = self.session.value(
            f"SELECT count(*) FROM {flowing} AS r WHERE NOT __deleted AND __batch_id < {literal(first_batch)} "
            "AND __key IN (SELECT record_key FROM freed)"
        )
        return HeldBack(flowing, keys, landed, int(freed))

    def empty(self) -> None:
        """The stream has no canonical rows of its own any more: nothing of it is held."""
        if QUARANTINE_TABLE in self.session.tables(CANONICAL_SCHEMA):
            self.session.execute(f"DELETE FROM {QUARANTINE} WHERE {self._own()}")

    def landed_before(self, first_batch: str) -> int:
        """Records landed in this sync that an attempt before this one holds already."""
        if not self.is_needed or QUARANTINE_TABLE not in self.session.tables(CANONICAL_SCHEMA):
            return 0
        since = f"{self._own()} AND batch_id >= {literal(first_batch)}"
        return int(self.session.value(f"SELECT count(DISTINCT record_key) FROM {QUARANTINE} WHERE {since}"))

    def keys(self) -> str:
        """SQL of the record keys that lie there."""
        return f"SELECT record_key FROM {QUARANTINE} WHERE {self._own()}"

    def _lifted(self) -> str:
        """SQL condition of the entries whose hold is in force no longer; empty when there can be none."""
        if not {token.partition("@")[0] for token in self.before} - {str(hold.id) for hold in self.holds}:
            return ""
        active = ", ".join(literal(str(hold.id)) for hold in self.holds)
        return f"hold_id NOT IN ({active})" if active else "true"

    def _own(self) -> str:
        return f"connection_id = {literal(str(self.connection_id))} AND stream = {literal(self.stream)}"
