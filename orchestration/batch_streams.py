"""Consumes the tenants' streams of committed canonical batches: each batch makes its tenant's views want a refresh.

A message is acknowledged once the refresh is requested in Postgres. One that cannot be understood is delivered again
and, after five deliveries, put aside. Streams are trimmed up to the oldest message somebody still has to deal with.
"""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import redis

from orchestration.resources.events import BATCHES_GROUP, batches_stream

MOST_DELIVERIES = 5
REDELIVER_AFTER_S = 30
PORTION = 500
DEAD_LETTERS_KEPT = 1000

logger = logging.getLogger(__name__)
Message = tuple[bytes, dict[bytes, bytes]]


def dead_letters(tenant_id: UUID) -> str:
    """Key of the stream with the messages nobody could understand."""
    return f"{batches_stream(tenant_id)}:dead"


class BatchStreams:
    """One consumer of the group; several may work side by side."""

    def __init__(self, client: "redis.Redis", consumer: str, redeliver_after_s: float = REDELIVER_AFTER_S) -> None:
        self._redis = client
        self._consumer = consumer
        self._redeliver_after_ms = int(redeliver_after_s * 1000)

    def tenants(self) -> Iterator[UUID]:
        """Every tenant that has a stream."""
        for key in self._redis.scan_iter(match=batches_stream("*"), count=1000, _type="stream"):  # type: ignore[arg-type]
            try:
                yield UUID(key.decode().split(":")[1])
            except ValueError:
                logger.warning("not the key of a tenant: %r", key)

    def consume(self, tenant_id: UUID, request_refresh: Callable[[UUID], object]) -> int:
        """Deal with what waits in the tenant's stream. Returns how many messages were acknowledged.

        Whatever `request_refresh` raises goes through; the messages then stay pending and come again.
        """
        stream = batches_stream(tenant_id)
        messages = [*self._abandoned(tenant_id, stream), *self._fresh(stream)]
        understood = [message_id for message_id, fields in messages if _is_batch(fields)]
        if understood:
            request_refresh(tenant_id)
            self._redis.xack(stream, BATCHES_GROUP, *understood)
            self._trim(stream)
        return len(understood)

    def _fresh(self, stream: str) -> list[Message]:
        found: Any = self._read(stream)
        return found[0][1] if found else []

    def _read(self, stream: str) -> Any:
        try:
            return self._redis.xreadgroup(BATCHES_GROUP, self._consumer, {stream: ">"}, count=PORTION)
        except redis.ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
        try:
            self._redis.xgroup_create(stream, BATCHES_GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):  # another consumer made it just now
                raise
        return self._redis.xreadgroup(BATCHES_GROUP, self._consumer, {stream: ">"}, count=PORTION)

    def _abandoned(self, tenant_id: UUID, stream: str) -> list[Message]:
        """Messages delivered a while ago and never acknowledged, without those that came too often."""
        try:
            claimed: Any = self._redis.xautoclaim(
                stream, BATCHES_GROUP, self._consumer, min_idle_time=self._redeliver_after_ms, count=PORTION
            )
        except redis.ResponseError as error:
            if "NOGROUP" in str(error) or "no such key" in str(error):
                return []
            raise
        messages: list[Message] = [message for message in claimed[1] if message[1] is not None]
        return [message for message in messages if not self._put_aside(tenant_id, stream, message)]

    def _put_aside(self, tenant_id: UUID, stream: str, message: Message) -> bool:
        message_id, fields = message
        pending: Any = self._redis.xpending_range(stream, BATCHES_GROUP, message_id, message_id, 1)
        if not pending or pending[0]["times_delivered"] <= MOST_DELIVERIES:
            return False
        logger.error("message %s of tenant %s put aside after %d deliveries", message_id, tenant_id, MOST_DELIVERIES)
        with self._redis.pipeline() as pipeline:
            pipeline.xadd(dead_letters(tenant_id), fields, maxlen=DEAD_LETTERS_KEPT)  # type: ignore[arg-type]
            pipeline.xack(stream, BATCHES_GROUP, message_id)
            pipeline.execute()
        return True

    def _trim(self, stream: str) -> None:
        """Drop what every group has dealt with: a message nobody was given yet is never dropped."""
        kept_from = []
        for group in self._redis.xinfo_groups(stream):
            oldest = self._redis.xpending(stream, group["name"])["min"]
            kept_from.append(_place(oldest or group["last-delivered-id"]))
        if kept_from:
            oldest_ms, sequence = min(kept_from)
            self._redis.xtrim(stream, minid=f"{oldest_ms}-{sequence}", approximate=False)


def _place(message_id: bytes) -> tuple[int, int]:
    milliseconds, _, sequence = message_id.decode().partition("-")
    return int(milliseconds), int(sequence or 0)


def _is_batch(fields: dict[bytes, bytes]) -> bool:
    try:
        return isinstance(json.loads(fields[b"message"]), dict)
    except (KeyError, ValueError):
        return False
