"""Mappings: which source field fills which canonical field, in numbered versions a stream, one of them in force.

Rules go in and out as plain dicts (source, target, transform, probability, decided_by, evidence, since, until): their
vocabulary belongs to the mapping stage, above this package.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from orchestration.control_plane.columns import Json, StorableText, jsonb, tenant_table, timestamp
from orchestration.control_plane.connections import connections, lock_live
from orchestration.control_plane.errors import NotFound, NotInState
from orchestration.control_plane.repository import Repository

stream_mappings = tenant_table(
    "stream_mappings",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("connection_id", sa.Uuid, nullable=False),
    sa.Column("stream", StorableText, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("entity", sa.Text, nullable=True),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("reason", StorableText, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    timestamp("decided_at"),
)
field_mappings = tenant_table(
    "field_mappings",
    sa.Column("mapping_id", sa.Uuid, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("source", StorableText, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    jsonb("transform"),
    sa.Column("probability", sa.Double, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    jsonb("evidence"),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=True),
)
_RULE = ("source", "target", "transform", "probability", "decided_by", "evidence", "since", "until")


@dataclass(frozen=True, slots=True)
class MappingRecord:
    """One version of one stream's mapping; `entity` is None for a stream that fits none and only lands raw."""

    tenant_id: UUID
    id: UUID
    connection_id: UUID
    stream: str
    version: int
    entity: str | None
    is_active: bool
    reason: str
    decided_by: str
    decided_at: datetime
    rules: list[dict[str, Json]]


class MappingRepository(Repository):
    """The mappings of one tenant's streams."""

    kind = "mapping"

    def __init__(self, connection: sa.Connection, tenant_id: UUID) -> None:
        super().__init__(connection, tenant_id)
        self._read: dict[tuple[UUID, str], int] = {}  # the versions that this session decides upon

    def active(self, connection_id: UUID, stream: str) -> MappingRecord | None:
        """The version in force."""
        found = self._records(_of(connection_id, stream), stream_mappings.c.is_active)
        self._read[connection_id, stream] = found[0].version if found else 0
        return found[0] if found else None

    def take_turns(self, connection_id: UUID) -> None:
        """Wait until nobody else decides on this connection's mappings, then be the one until the session ends.

        To be called before what is decided upon is read. Raises NotFound.
        """
        lock_live(self._connection, connection_id, exclusive=True)

    def save(
        self,
        connection_id: UUID,
        stream: str,
        entity: str | None,
        rules: Sequence[Mapping[str, Any]],
        reason: str,
        decided_by: str,
    ) -> MappingRecord:
        """A new version, in force from now on; the one before is superseded and kept.

        Raises NotInState when somebody saved one since this session read the version in force: what they decided would
        be lost.
        """
        lock_live(self._connection, connection_id, exclusive=True)  # numbers are given one at a time
        newest = sa.select(sa.func.max(stream_mappings.c.version)).where(_of(connection_id, stream))
        last = self._connection.execute(newest).scalar() or 0
        if last > self._read.get((connection_id, stream), last):
            raise NotInState(f"The mapping of {stream!r} was changed meanwhile; look at it again.")
        version = last + 1
        self._read[connection_id, stream] = version
        self._connection.execute(
            sa.update(stream_mappings)
            .where(_of(connection_id, stream), stream_mappings.c.is_active)
            .values(is_active=False)
        )
        mapping_id = uuid4()
        new = sa.insert(stream_mappings).values(
            tenant_id=self._tenant_id, id=mapping_id, connection_id=connection_id, stream=stream,
            version=version, entity=entity, reason=reason, decided_by=decided_by,
        )  # fmt: skip
        self._connection.execute(new)
        self._insert_rules(mapping_id, rules)
        return self._records(stream_mappings.c.id == mapping_id)[0]

    def version(self, connection_id: UUID, stream: str, version: int) -> MappingRecord:
        """One version, in force or not. Raises NotFound."""
        found = self._records(_of(connection_id, stream), stream_mappings.c.version == version)
        if not found:
            raise NotFound("mapping version", f"{version} of {stream}")
        return found[0]

    def history(self, connection_id: UUID, stream: str) -> Sequence[MappingRecord]:
        """Every version of a stream, newest first."""
        return self._records(_of(connection_id, stream))

    def list(self, connection_id: UUID | None = None) -> Sequence[MappingRecord]:
        """The versions in force, of one connection or of all."""
        if connection_id is None:
            return self._records(stream_mappings.c.is_active)
        return self._records(stream_mappings.c.connection_id == connection_id, stream_mappings.c.is_active)

    def page(
        self,
        limit: int,
        after: tuple[UUID, str] | None = None,
        connection_id: UUID | None = None,
        stream: str | None = None,
        entity: str | None = None,
    ) -> Sequence[MappingRecord]:
        """The versions in force by connection and stream, after that connection and stream."""
        wanted: list[sa.ColumnElement[bool]] = [stream_mappings.c.is_active]
        for name, value in (("connection_id", connection_id), ("stream", stream), ("entity", entity)):
            if value is not None:
                wanted.append(stream_mappings.c[name] == value)
        if after is not None:
            wanted.append(sa.tuple_(stream_mappings.c.connection_id, stream_mappings.c.stream) > after)
        return self._records(*wanted, limit=limit)

    def versions(
        self, connection_id: UUID, stream: str, limit: int, before: int | None = None
    ) -> Sequence[MappingRecord]:
        """Versions of a stream, newest first, older than `before`."""
        older = [] if before is None else [stream_mappings.c.version < before]
        return self._records(_of(connection_id, stream), *older, limit=limit)

    def memory(self) -> Sequence[dict[str, Json]]:
        """What this tenant's streams map now, a dict a rule: kind (of connection), stream, entity, and the rule."""
        rules = (
            sa.select(
                connections.c.kind, stream_mappings.c.stream, stream_mappings.c.entity,
                *(field_mappings.c[name] for name in _RULE),
            )
            .join(stream_mappings, field_mappings.c.mapping_id == stream_mappings.c.id)
            .join(connections, stream_mappings.c.connection_id == connections.c.id)
            .where(stream_mappings.c.is_active)
            .order_by(stream_mappings.c.decided_at, stream_mappings.c.id, field_mappings.c.position)
        )  # fmt: skip
        return [dict(row) for row in self._connection.execute(rules).mappings()]

    def _insert_rules(self, mapping_id: UUID, rules: Sequence[Mapping[str, Any]]) -> None:
        rows = [
            {
                "tenant_id": self._tenant_id,
                "mapping_id": mapping_id,
                "position": position,
                "source": rule["source"],
                "target": rule["target"],
                "transform": rule.get("transform") or {"kind": "cast", "args": {}},
                "probability": rule.get("probability", 1.0),
                "decided_by": rule.get("decided_by", "policy"),
                "evidence": list(rule.get("evidence") or ()),
                "since": rule.get("since") or 0,
                "until": rule.get("until"),
            }
            for position, rule in enumerate(rules)
        ]
        if rows:
            self._connection.execute(sa.insert(field_mappings), rows)

    def _records(self, *conditions: sa.ColumnElement[bool], limit: int | None = None) -> Sequence[MappingRecord]:
        order = (stream_mappings.c.connection_id, stream_mappings.c.stream, stream_mappings.c.version.desc())
        wanted = sa.select(stream_mappings).where(*conditions).order_by(*order).limit(limit)
        headers = self._connection.execute(wanted).mappings().all()
        ids = wanted.with_only_columns(stream_mappings.c.id)
        rules: dict[UUID, list[dict[str, Json]]] = {}
        chosen = sa.select(field_mappings).where(field_mappings.c.mapping_id.in_(ids))
        for row in self._connection.execute(chosen.order_by(field_mappings.c.position)).mappings():
            rules.setdefault(row["mapping_id"], []).append({name: row[name] for name in _RULE})
        return [MappingRecord(**header, rules=rules.get(header["id"], [])) for header in headers]


def _of(connection_id: UUID, stream: str) -> sa.ColumnElement[bool]:
    return sa.and_(stream_mappings.c.connection_id == connection_id, stream_mappings.c.stream == stream)
