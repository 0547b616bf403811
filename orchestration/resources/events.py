"""What others hear of: the stream of committed canonical batches, and the stream a dashboard shows live.

Redis is never the only home of anything: both streams tell of what Postgres and the lake hold already, so losing
them loses no data. The stream of batches is trimmed by whoever consumes it, the dashboard's is bounded here.

Nothing is told before it happened: repositories and stages leave news in their transaction, and `heard` tells it once
that is committed. What the history records is news by itself, whoever acted: an endpoint, a command or policy.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from orchestration.control_plane.news import News
from orchestration.resources.event_kinds import EVENT_KINDS, UnknownKind, from_history

BATCHES_GROUP = "dcl"
EVENTS_KEPT = 10_000  # of one tenant, about: Redis drops whole nodes of a stream
MOST_DATA_BYTES = 16 * 1024
_LONGEST_VALUE_LEFT = 512

logger = logging.getLogger(__name__)


def batches_stream(tenant_id: UUID) -> str:
    """Key of the stream with one message a committed canonical batch."""
    return f"t:{tenant_id}:aam:dcl"


def events_stream(tenant_id: UUID) -> str:
    """Key of the stream with everything that a dashboard shows live."""
    return f"t:{tenant_id}:events"


def events_client(url: str) -> "redis.Redis":
    """A client that gives up early: with redis-py's own patience, every event of a sync would wait for seconds."""
    retry = Retry(ExponentialBackoff(cap=0.2, base=0.05), 2)
    return redis.Redis.from_url(url, retry=retry, socket_connect_timeout=2, socket_timeout=2)


class Events:
    """Writes to both streams. A Redis that is away is reported to the caller, who decides whether that matters."""

    def __init__(self, client: "redis.Redis", kept: int = EVENTS_KEPT) -> None:
        self.client = client
        self._kept = kept

    def batch_committed(self, tenant_id: UUID, message: Mapping[str, Any]) -> None:
        """Tell that a canonical batch is in the lake; the tenant's views want a refresh.

        Raises:
            redis.RedisError: Redis is away; the sweep over stale tenants finds the batch without it.
        """
        self.client.xadd(batches_stream(tenant_id), {"message": json.dumps(message, default=str)})

    def tell(
        self,
        tenant_id: UUID,
        kind: str,
        data: Mapping[str, Any],
        *,
        trace_id: str | None = None,
        actor: str | None = None,
    ) -> None:
        """Tell dashboards what happened, once it has: `kind` of EVENT_KINDS, `data` JSON of its fields.

        Inside a transaction use `session.tell`; what the history records is told without either.

        Raises:
            UnknownKind: it is not in EVENT_KINDS.
            redis.RedisError: Redis is away.
        """
        self.client.xadd(
            events_stream(tenant_id), entry_fields(kind, data, trace_id, actor), maxlen=self._kept, approximate=True
        )

    def heard(self, tenant_id: UUID, news: Sequence[News], trace_id: str | None) -> None:
        """Tell what a committed transaction left to be told. A Redis that is away costs the news, nothing else."""
        told = [each for each in map(_as_event, news) if each is not None]
        if not told:
            return
        try:
            with self.client.pipeline(transaction=False) as pipeline:
                for kind, data, actor in told:
                    fields = entry_fields(kind, data, trace_id, actor)
                    pipeline.xadd(events_stream(tenant_id), fields, maxlen=self._kept, approximate=True)
                pipeline.execute()
        except redis.RedisError as error:
            logger.warning("%d events were not told: %s", len(told), type(error).__name__)


def _as_event(news: News) -> tuple[str, Mapping[str, Any], str | None] | None:
    if not news.is_history:
        return news.name, news.data, news.actor
    found = from_history(news.name, news.data)
    return None if found is None else (*found, news.actor)


def entry_fields(
    kind: str, data: Mapping[str, Any], trace_id: str | None = None, actor: str | None = None
) -> dict[Any, Any]:
    """An event as an entry of the stream. Raises UnknownKind."""
    if kind not in EVENT_KINDS:
        raise UnknownKind(f"Nobody knows what the event {kind!r} means: name it in EVENT_KINDS.")
    fields = {"kind": kind, "data": _bounded(data), "at": datetime.now(UTC).isoformat(timespec="milliseconds")}
    more = {"trace_id": trace_id, "actor": actor}
    return fields | {name: value for name, value in more.items() if value}


def _bounded(data: Mapping[str, Any]) -> str:
    """The data as JSON; where it is too long, without its long values and with their names in `left_out`."""
    text = json.dumps(data, default=str)
    if len(text) <= MOST_DATA_BYTES:
        return text
    parts = {name: json.dumps(value, default=str) for name, value in data.items()}
    short = {name: data[name] for name, part in parts.items() if len(part) <= _LONGEST_VALUE_LEFT}
    text = json.dumps({**short, "left_out": sorted(parts.keys() - short.keys())}, default=str)
    return text if len(text) <= MOST_DATA_BYTES else json.dumps({"left_out": ["everything"]})
