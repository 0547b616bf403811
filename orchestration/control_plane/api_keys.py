"""API keys of a tenant: for programs, in the name of the member who made them.

`ak_{prefix}_{secret}`: the prefix finds the row, the sha256 of the secret proves the key. A key does no more than its
scopes, and no more than its maker may now: it sleeps while the maker is disabled or gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import tenant_table, timestamp
from orchestration.control_plane.errors import NameTaken, NotFound
from orchestration.control_plane.repository import Repository, columns_for

api_keys = tenant_table(
    "api_keys",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("prefix", sa.Text, nullable=False),
    sa.Column("secret_hash", sa.Text, nullable=False),
    sa.Column("scopes", postgresql.ARRAY(sa.Text), nullable=False),
    sa.Column("created_by", sa.Uuid, nullable=False),
    timestamp("created_at"),
    timestamp("expires_at", nullable=True),
    timestamp("last_used_at", nullable=True),
    timestamp("revoked_at", nullable=True),
)


@dataclass(frozen=True, slots=True)
class ApiKeyRecord:
    """A key without what proves it."""

    tenant_id: UUID
    id: UUID
    name: str
    prefix: str
    scopes: Sequence[str]
    created_by: UUID
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class ApiKeyRepository(Repository):
    """The API keys of one tenant."""

    kind = "API key"

    def create(
        self,
        name: str,
        prefix: str,
        secret_hash: str,
        scopes: Sequence[str],
        created_by: UUID,
        expires_at: datetime | None = None,
    ) -> ApiKeyRecord:
        """A new key; NameTaken when a live one has that name."""
        new = postgresql.insert(api_keys).values(
            tenant_id=self._tenant_id,
            id=uuid4(),
            name=name,
            prefix=prefix,
            secret_hash=secret_hash,
            scopes=sorted(scopes),
            created_by=created_by,
            expires_at=expires_at,
        )
        live = new.on_conflict_do_nothing(
            index_elements=[api_keys.c.tenant_id, sa.func.lower(api_keys.c.name)],
            index_where=api_keys.c.revoked_at.is_(None),
        )
        made = self._first(live.returning(*_COLUMNS), ApiKeyRecord)
        if made is None:
            raise NameTaken("key", name)
        return made

    def list(self, limit: int = 100, before: tuple[datetime, UUID] | None = None) -> Sequence[ApiKeyRecord]:
        """Keys that were not revoked, newest first; from one place on when given."""
        place = sa.tuple_(api_keys.c.created_at, api_keys.c.id)
        live = sa.select(*_COLUMNS).where(api_keys.c.revoked_at.is_(None))
        if before is not None:
            live = live.where(place < sa.tuple_(*map(sa.literal, before)))
        return self._all(live.order_by(api_keys.c.created_at.desc(), api_keys.c.id.desc()).limit(limit), ApiKeyRecord)

    def get(self, key_id: UUID) -> ApiKeyRecord:
        """One key that was not revoked; NotFound."""
        one = sa.select(*_COLUMNS).where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        return self._one(one, ApiKeyRecord, key_id)

    def revoke(self, key_id: UUID) -> ApiKeyRecord:
        """End a key for good; NotFound when there is none that lives."""
        live = sa.update(api_keys).where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        revoked = self._first(live.values(revoked_at=sa.func.clock_timestamp()).returning(*_COLUMNS), ApiKeyRecord)
        if revoked is None:
            raise NotFound(self.kind, key_id)
        return revoked

    def revoke_made_by(self, user_id: UUID) -> int:
        """End the keys that a member made; how many lived."""
        live = sa.update(api_keys).where(api_keys.c.created_by == user_id, api_keys.c.revoked_at.is_(None))
        return self._connection.execute(live.values(revoked_at=sa.func.clock_timestamp())).rowcount


_COLUMNS = columns_for(ApiKeyRecord, api_keys)
