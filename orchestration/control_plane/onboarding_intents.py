"""Intents to connect a source, and how far each has come: connected, or what stands in the way.

One row an intent, by the digest of what it wants. Configurations are stored without credentials.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import Json, StorableText, jsonb, tenant_table, timestamp
from orchestration.control_plane.errors import NotInState, NotKept
from orchestration.control_plane.intent import Intent
from orchestration.control_plane.repository import Repository, columns_for
from orchestration.control_plane.safe_mode import RiskLevel, ScopesMode

IntentStatus = Literal["awaiting_credentials", "network_blocked", "unsupported", "error", "connected"]

onboarding_intents = tenant_table(
    "onboarding_intents",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("name", StorableText, nullable=False),
    sa.Column("kind", StorableText, nullable=False),
    jsonb("resource_ids"),
    jsonb("config"),
    sa.Column("credential_locator", sa.Text, nullable=True),
    sa.Column("scopes_mode", sa.Text, nullable=False),
    sa.Column("namespace", StorableText, nullable=False),
    sa.Column("risk_level", sa.Text, nullable=False),
    jsonb("evidence"),
    sa.Column("owner", StorableText, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("reason", StorableText, nullable=False),
    sa.Column("hint", StorableText, nullable=False),
    jsonb("grants", nullable=True),
    sa.Column("connection_id", sa.Uuid, nullable=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What came of an attempt that did not connect: `code` is stable, `reason` and `hint` are sentences."""

    status: IntentStatus
    code: str
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class IntentRecord:
    """`grants` is what the credentials may do beyond reading, as the source told, once it did."""

    tenant_id: UUID
    id: UUID
    digest: str
    name: str
    kind: str
    resource_ids: list[str]
    config: dict[str, Json]
    credential_locator: str | None
    scopes_mode: ScopesMode
    namespace: str
    risk_level: RiskLevel
    evidence: dict[str, Json]
    owner: str
    status: IntentStatus
    code: str
    reason: str
    hint: str
    grants: dict[str, Json] | None
    connection_id: UUID | None
    attempts: int
    created_at: datetime
    updated_at: datetime

    @property
    def told(self) -> dict[str, Json]:
        """What the history keeps of it."""
        return {"name": self.name, "kind": self.kind, "status": self.status}

    def again(self) -> Intent:
        """The intent as it was told, but for credentials that were part of its configuration: those are kept nowhere.

        Raises:
            NotKept: without them it is not the same intent.
        """
        again = Intent.model_validate({name: getattr(self, name) for name in _TOLD})
        if again.digest != self.digest:
            raise NotKept(
                f"The configuration of {self.name!r} held credentials, which are kept nowhere until it is connected."
                " Connect it again."
            )
        return again


_TOLD = (
    "name", "kind", "config", "resource_ids", "credential_locator", "scopes_mode", "namespace", "risk_level",
    "evidence", "owner",
)  # fmt: skip


class IntentRepository(Repository):
    """The intents of one tenant."""

    kind = "intent"

    def find(self, digest: str) -> IntentRecord | None:
        """The intent with this digest, if there was one before."""
        return self._first(_INTENTS.where(onboarding_intents.c.digest == digest), IntentRecord)

    def get(self, intent_id: UUID) -> IntentRecord:
        """One intent."""
        return self._one(_INTENTS.where(onboarding_intents.c.id == intent_id), IntentRecord, intent_id)

    def list(self) -> Sequence[IntentRecord]:
        """All intents by name."""
        return self._all(_INTENTS.order_by(sa.func.lower(onboarding_intents.c.name)), IntentRecord)

    def page(self, after: tuple[str, UUID] | None = None, limit: int = 50) -> Sequence[IntentRecord]:
        """Intents by name, those behind an intent that `after` names by name and id."""
        name = sa.func.lower(onboarding_intents.c.name)
        behind = _INTENTS.order_by(name, onboarding_intents.c.id).limit(limit)
        if after is not None:
            last, intent_id = sa.func.lower(after[0]), after[1]
            same = sa.and_(name == last, onboarding_intents.c.id > intent_id)
            behind = behind.where(sa.or_(name > last, same))
        return self._all(behind, IntentRecord)

    def of_connection(self, connection_id: UUID) -> IntentRecord | None:
        """The intent that became this connection; None for one that was made without."""
        return self._first(_INTENTS.where(onboarding_intents.c.connection_id == connection_id), IntentRecord)

    def attempted(
        self, intent: Intent, config: Mapping[str, Json], standing: Standing, grants: Mapping[str, Json] | None = None
    ) -> IntentRecord:
        """Record an attempt, `config` being what may be stored. One that is connected stays so.

        Until the transaction ends nobody else records an attempt of the same intent.
        """
        told = {
            "name": intent.name, "kind": intent.kind, "resource_ids": list(intent.resource_ids),
            "config": dict(config), "credential_locator": intent.credential_locator,
            "scopes_mode": intent.scopes_mode, "namespace": intent.namespace, "risk_level": intent.risk_level,
            "evidence": intent.evidence, "owner": intent.owner, "status": standing.status, "code": standing.code,
            "reason": standing.reason, "hint": standing.hint, "grants": None if grants is None else dict(grants),
        }  # fmt: skip
        new = postgresql.insert(onboarding_intents).values(
            tenant_id=self._tenant_id, id=uuid4(), digest=intent.digest, **told
        )
        is_connected = onboarding_intents.c.connection_id.is_not(None)
        replaced: dict[str, Any] = {
            column: sa.case((is_connected, onboarding_intents.c[column]), else_=new.excluded[column]) for column in told
        }
        replaced |= {"attempts": onboarding_intents.c.attempts + 1, "updated_at": sa.func.clock_timestamp()}
        attempt = new.on_conflict_do_update(index_elements=["tenant_id", "digest"], set_=replaced)
        return self._one(attempt.returning(*_COLUMNS), IntentRecord, intent.name)

    def connected(
        self, intent_id: UUID, connection_id: UUID, intent: Intent, grants: Mapping[str, Json] | None
    ) -> IntentRecord:
        """It is that connection now, as this intent asked for it."""
        values = {
            "status": "connected", "code": "connected", "reason": "", "hint": "", "connection_id": connection_id,
            "credential_locator": intent.credential_locator, "scopes_mode": intent.scopes_mode,
            "risk_level": intent.risk_level, "evidence": intent.evidence, "owner": intent.owner,
            "grants": None if grants is None else dict(grants),
        }  # fmt: skip
        change = sa.update(onboarding_intents).where(onboarding_intents.c.id == intent_id).values(**values)
        return self._one(change.returning(*_COLUMNS), IntentRecord, intent_id)

    def drop(self, intent_id: UUID) -> IntentRecord:
        """Forget an intent that nobody wants any more. Raises NotInState for one that is connected."""
        gone = self._first(
            sa.delete(onboarding_intents)
            .where(onboarding_intents.c.id == intent_id, onboarding_intents.c.connection_id.is_(None))
            .returning(*_COLUMNS),
            IntentRecord,
        )
        if gone is None:
            raise NotInState(f"The intent {self.get(intent_id).name!r} is connected; delete its connection instead.")
        return gone


_COLUMNS = columns_for(IntentRecord, onboarding_intents)
_INTENTS = sa.select(*_COLUMNS)
