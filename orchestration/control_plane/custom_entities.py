"""Entities a tenant declares beside the canonical ones: name, view, typed fields and key.

What a declaration may say is checked above, where the canonical model is known. A retired one is kept, its name is
free again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from orchestration.control_plane.audit import AuditRepository
from orchestration.control_plane.columns import Json, StorableText, jsonb, tenant_table, timestamp
from orchestration.control_plane.errors import NameTaken, NotFound
from orchestration.control_plane.repository import Repository, columns_for
from orchestration.control_plane.tenants import tenants

custom_entities = tenant_table(
    "custom_entities",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("view", sa.Text, nullable=False),
    jsonb("fields"),
    jsonb("key"),
    sa.Column("created_by", StorableText, nullable=False),
    timestamp("created_at"),
    timestamp("retired_at", nullable=True),
)


@dataclass(frozen=True, slots=True)
class CustomEntityRecord:
    """`fields` are dicts of name, type, description and required; `key` names the fields that tell rows apart."""

    tenant_id: UUID
    id: UUID
    name: str
    view: str
    fields: list[dict[str, Json]]
    key: list[str]
    created_by: str
    created_at: datetime
    retired_at: datetime | None


class CustomEntityRepository(Repository):
    """The declarations of one tenant; each change is in its history."""

    kind = "custom entity"

    def declare(
        self, name: str, view: str, fields: Sequence[Mapping[str, Any]], key: Sequence[str], declared_by: str
    ) -> CustomEntityRecord:
        """A new entity. Raises NameTaken when a live one has the name or the view."""
        self._take_turns()
        for other in self.list():
            taken = {other.name, other.view} & {name, view}
            if taken:
                raise NameTaken(self.kind, min(taken))
        new = sa.insert(custom_entities).values(
            tenant_id=self._tenant_id, id=uuid4(), name=name, view=view, fields=[dict(field) for field in fields],
            key=list(key), created_by=declared_by,
        )  # fmt: skip
        made = self._one(new.returning(*_COLUMNS), CustomEntityRecord, name)
        self._audit("entity.declared", made, declared_by)
        return made

    def add_fields(self, name: str, fields: Sequence[Mapping[str, Any]], added_by: str) -> CustomEntityRecord:
        """The entity with more fields, after those it has. Raises NotFound, and NameTaken for a field it has."""
        self._take_turns()
        found = self.get(name)
        has = {field["name"] for field in found.fields}
        for field in fields:
            if field["name"] in has:
                raise NameTaken(f"field of {name}", field["name"])
        change = sa.update(custom_entities).where(custom_entities.c.id == found.id)
        change = change.values(fields=[*found.fields, *(dict(field) for field in fields)])
        changed = self._one(change.returning(*_COLUMNS), CustomEntityRecord, name)
        self._audit("entity.extended", changed, added_by)
        return changed

    def get(self, name: str) -> CustomEntityRecord:
        """The live entity of that name."""
        wanted = sa.select(*_COLUMNS).where(custom_entities.c.name == name, custom_entities.c.retired_at.is_(None))
        return self._one(wanted, CustomEntityRecord, name)

    def list(self, *, retired: bool = False) -> Sequence[CustomEntityRecord]:
        """The live ones by name; with `retired` those that were, too."""
        wanted = sa.select(*_COLUMNS).order_by(custom_entities.c.name, custom_entities.c.created_at)
        if not retired:
            wanted = wanted.where(custom_entities.c.retired_at.is_(None))
        return self._all(wanted, CustomEntityRecord)

    def retire(self, name: str, retired_by: str) -> CustomEntityRecord:
        """End it; what was declared stays readable. Raises NotFound."""
        end = (
            sa.update(custom_entities)
            .where(custom_entities.c.name == name, custom_entities.c.retired_at.is_(None))
            .values(retired_at=sa.func.clock_timestamp())
        )
        ended = self._first(end.returning(*_COLUMNS), CustomEntityRecord)
        if ended is None:
            raise NotFound(self.kind, name)
        self._audit("entity.retired", ended, retired_by)
        return ended

    def _take_turns(self) -> None:
        """Two who declare at once take turns on the tenant's row: each sees the other's names and fields."""
        self._connection.execute(sa.select(tenants.c.id).with_for_update(key_share=True))

    def _audit(self, action: str, record: CustomEntityRecord, actor: str) -> None:
        data = {"id": str(record.id), "view": record.view, "fields": record.fields, "key": record.key}
        AuditRepository(self._connection, self._tenant_id).record(action, f"entity:{record.name}", data, actor)


_COLUMNS = columns_for(CustomEntityRecord, custom_entities)
