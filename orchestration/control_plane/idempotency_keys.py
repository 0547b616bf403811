"""Requests that carry a key: who is at one, and what was answered, so that sending it again does nothing twice.

A key is claimed in the transaction of its effect where there is one: whoever sends the same key meanwhile waits for the
unique index, then reads the answer. Kept for a day; each claim clears away some of what is older.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import StorableText, jsonb, tenant_table, timestamp
from orchestration.control_plane.errors import ControlPlaneUnavailable
from orchestration.control_plane.repository import Repository

LARGEST_BODY = 262_144
KEPT = timedelta(hours=24)
ABANDONED = timedelta(seconds=60)
_WAIT = "2s"
_LOCK_NOT_AVAILABLE = "55P03"

idempotency_keys = tenant_table(
    "idempotency_keys",
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("actor", StorableText, nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=True),
    jsonb("headers", nullable=True),
    sa.Column("body", sa.LargeBinary, nullable=True),
    timestamp("claimed_at"),
)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered; `body` None where it is not kept."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class KeyClaim:
    """`ours`: go on. `busy`: somebody is at it. `other`: the key belongs to another request. `done`: see `answer`."""

    state: Literal["ours", "busy", "other", "done"]
    answer: StoredAnswer | None = None


class IdempotencyKeyRepository(Repository):
    """The keys of one tenant."""

    kind = "idempotency key"

    def claim(self, key: str, fingerprint: str, actor: str) -> KeyClaim:
        """Take the key for this request, after a short wait for whoever has it in a transaction that is still open."""
        try:
            self._clear()
            before = self._connection.execute(sa.text("SELECT current_setting('lock_timeout')")).scalar_one()
            self._set_lock_timeout(_WAIT)
            ours = self._insert(key, fingerprint, actor)
            self._set_lock_timeout(before)
        except ControlPlaneUnavailable as error:
            if getattr(error.__cause__, "pgcode", None) == _LOCK_NOT_AVAILABLE:
                return KeyClaim("busy")
            raise
        return KeyClaim("ours") if ours else self._standing(key, fingerprint)

    def store(self, key: str, answer: StoredAnswer) -> None:
        """Keep the answer of a request that succeeded."""
        kept = {"status": answer.status, "headers": [list(pair) for pair in answer.headers], "body": answer.body}
        self._connection.execute(sa.update(idempotency_keys).where(idempotency_keys.c.key == key).values(**kept))

    def release(self, key: str) -> None:
        """Nothing came of the request: the next one with its key is a new one."""
        self._connection.execute(sa.delete(idempotency_keys).where(idempotency_keys.c.key == key))

    def _insert(self, key: str, fingerprint: str, actor: str) -> bool:
        new = postgresql.insert(idempotency_keys).values(
            tenant_id=self._tenant_id, key=key, fingerprint=fingerprint, actor=actor, claimed_at=_NOW
        )
        made = new.on_conflict_do_nothing().returning(idempotency_keys.c.key)
        return self._connection.execute(made).first() is not None

    def _standing(self, key: str, fingerprint: str) -> KeyClaim:
        row = self._connection.execute(sa.select(idempotency_keys).where(idempotency_keys.c.key == key)).first()
        if row is None:
            return KeyClaim("busy")  # given back this moment
        if row.fingerprint != fingerprint:
            return KeyClaim("other")
        if row.status is not None:
            headers = [(name, value) for name, value in row.headers or ()]
            return KeyClaim("done", StoredAnswer(row.status, headers, row.body))
        waiting = sa.and_(idempotency_keys.c.key == key, idempotency_keys.c.status.is_(None))
        abandoned = sa.and_(waiting, idempotency_keys.c.claimed_at < _NOW - ABANDONED)
        taken = sa.update(idempotency_keys).where(abandoned).values(claimed_at=_NOW).returning(idempotency_keys.c.key)
        return KeyClaim("ours" if self._connection.execute(taken).first() else "busy")

    def _clear(self) -> None:
        old = (
            sa.select(idempotency_keys.c.key)
            .where(idempotency_keys.c.claimed_at < _NOW - KEPT)
            .limit(100)
            .with_for_update(skip_locked=True)
        )
        self._connection.execute(sa.delete(idempotency_keys).where(idempotency_keys.c.key.in_(old)))

    def _set_lock_timeout(self, timeout: str) -> None:
        self._connection.execute(sa.select(sa.func.set_config("lock_timeout", timeout, True)))


_NOW = sa.func.clock_timestamp(type_=sa.DateTime(timezone=True))
