"""What others hear of: the stream of committed canonical batches, and the stream a dashboard shows live.

Redis is never the only home of anything: both streams tell of what Postgres and the lake hold already, so losing
them loses no data. Streams are trimmed by whoever consumes them, never blindly here.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import redis

BATCHES_GROUP = "dcl"


def batches_stream(tenant_id: UUID) -> str:
    """Key of the stream with one message a committed canonical batch."""
    return f"t:{tenant_id}:aam:dcl"


def events_stream(tenant_id: UUID) -> str:
    """Key of the stream with everything that a dashboard shows live."""
    return f"t:{tenant_id}:events"


class Events:
    """Writes to both streams. A Redis that is away is reported to the caller, who decides whether that matters."""

    def __init__(self, client: "redis.Redis") -> None:
        self.client = client

    def batch_committed(self, tenant_id: UUID, message: Mapping[str, Any]) -> None:
        """Tell that a canonical batch is in the lake; the tenant's views want a refresh.

        Raises:
            redis.RedisError: Redis is away; the sweep over stale tenants finds the batch without it.
        """
        self.client.xadd(batches_stream(tenant_id), {"message": json.dumps(message, default=str)})

    def tell(self, tenant_id: UUID, kind: str, data: Mapping[str, Any]) -> None:
        """Tell dashboards what happened: `kind` such as sync.finished, `data` JSON.

        Raises:
            redis.RedisError: Redis is away.
        """
        self.client.xadd(
            events_stream(tenant_id),
            {"kind": kind, "data": json.dumps(data, default=str)},
            maxlen=10_000,
            approximate=True,
        )
