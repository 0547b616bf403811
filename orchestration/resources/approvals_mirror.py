"""Open repair proposals as dashboards see them: in Redis, one key each, gone when their time to be decided is over.

A mirror of Postgres and never more: a Redis that is away costs a warning, and the next sweep rebuilds what it lost.
Names of fields and targets are in it, rules and their values are not.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import redis

from orchestration.control_plane.proposals import ProposalRecord

logger = logging.getLogger(__name__)


def approval_key(tenant_id: UUID | str, proposal_id: UUID | str) -> str:
    """Where one open proposal is mirrored."""
    return f"t:{tenant_id}:approvals:{proposal_id}"


class ApprovalsMirror:
    """Writes and reads the mirror; nothing here raises because Redis is away."""

    def __init__(self, client: "redis.Redis") -> None:
        self._redis = client

    def put(self, tenant_id: UUID, proposal: ProposalRecord) -> bool:
        """Show an open proposal until it expires; take one away that is not open. False when Redis is away."""
        return self._written(lambda pipeline: _mirror(pipeline, tenant_id, proposal))

    def settle(self, tenant_id: UUID, proposal_id: UUID) -> bool:
        """It is decided: take it away. False when Redis is away."""
        return self._written(lambda pipeline: pipeline.delete(approval_key(tenant_id, proposal_id)))

    def list(self, tenant_id: UUID) -> list[dict[str, Any]]:
        """What is mirrored of a tenant, oldest first; nothing when Redis is away: Postgres knows all of it."""
        try:
            keys = list(self._redis.scan_iter(match=approval_key(tenant_id, "*"), count=1000))
            texts: Any = self._redis.mget(keys) if keys else []
        except redis.RedisError as error:
            _warn(error)
            return []
        found = [json.loads(text) for text in texts if text is not None]
        return sorted(found, key=lambda shown: (shown["created_at"], shown["id"]))

    def rebuild(self, tenant_id: UUID, proposals: Iterable[ProposalRecord]) -> bool:
        """Show exactly these of a tenant. False when Redis is away."""
        shown = {approval_key(tenant_id, each.id): each for each in proposals}

        def write(pipeline: "redis.client.Pipeline") -> None:
            for key in self._redis.scan_iter(match=approval_key(tenant_id, "*"), count=1000):
                if key.decode() not in shown:
                    pipeline.delete(key)
            for each in shown.values():
                _mirror(pipeline, tenant_id, each)

        return self._written(write)

    def tenants(self) -> Iterator[UUID]:
        """Every tenant of whom something is mirrored; none when Redis is away."""
        seen: set[UUID] = set()
        try:
            for key in self._redis.scan_iter(match=approval_key("*", "*"), count=1000):
                tenant_id = UUID(key.decode().split(":")[1])
                if tenant_id not in seen:
                    seen.add(tenant_id)
                    yield tenant_id
        except redis.RedisError as error:
            _warn(error)

    def _written(self, write: Callable[["redis.client.Pipeline"], object]) -> bool:
        try:
            with self._redis.pipeline() as pipeline:
                write(pipeline)
                pipeline.execute()
        except redis.RedisError as error:
            _warn(error)
            return False
        return True


def _mirror(pipeline: "redis.client.Pipeline", tenant_id: UUID, proposal: ProposalRecord) -> None:
    key = approval_key(tenant_id, proposal.id)
    expires_at = proposal.expires_at
    if proposal.status != "open" or expires_at is None or expires_at <= datetime.now(UTC):
        pipeline.delete(key)
        return
    shown = {
        "id": proposal.id, "connection_id": proposal.connection_id, "stream": proposal.stream, "kind": proposal.kind,
        "probability": proposal.probability, "targets": [change.get("target") for change in proposal.changes],
        "reasons": proposal.reasons, "impact": proposal.impact, "created_at": proposal.created_at.isoformat(),
        "expires_at": expires_at.isoformat(),
        "escalated_at": proposal.escalated_at.isoformat() if proposal.escalated_at else None,
    }  # fmt: skip
    pipeline.set(key, json.dumps(shown, default=str), pxat=int(expires_at.timestamp() * 1000))


def _warn(error: redis.RedisError) -> None:
    logger.warning("open approvals are not mirrored: %s", error)
