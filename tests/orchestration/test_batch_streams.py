"""Streams of committed batches: acknowledged after the request, delivered again, put aside, trimmed."""

from uuid import UUID, uuid4

import pytest
import redis

from orchestration.batch_streams import MOST_DELIVERIES, BatchStreams, dead_letters
from orchestration.resources.events import BATCHES_GROUP, Events, batches_stream

pytestmark = pytest.mark.servers


@pytest.fixture
def tenant_id() -> UUID:
    return uuid4()


@pytest.fixture
def streams(broker: "redis.Redis") -> BatchStreams:
    return BatchStreams(broker, "one", redeliver_after_s=0)


def pending(broker: "redis.Redis", tenant_id: UUID) -> int:
    return int(broker.xpending(batches_stream(tenant_id), BATCHES_GROUP)["pending"])


def test_batches_become_one_request_and_are_acknowledged_and_trimmed(
    broker: "redis.Redis", streams: BatchStreams, tenant_id: UUID
) -> None:
    for number in range(3):
        Events(broker).batch_committed(tenant_id, {"batch": number})
    requested: list[UUID] = []
    assert streams.consume(tenant_id, requested.append) == 3
    assert requested == [tenant_id]
    assert pending(broker, tenant_id) == 0
    assert broker.xlen(batches_stream(tenant_id)) <= 1
    assert streams.consume(tenant_id, requested.append) == 0
    assert requested == [tenant_id]


def test_a_tenant_without_a_stream_asks_for_nothing(streams: BatchStreams, tenant_id: UUID) -> None:
    requested: list[UUID] = []
    assert streams.consume(tenant_id, requested.append) == 0
    assert requested == []


def test_a_request_that_could_not_be_made_leaves_the_messages_for_the_next_time(
    broker: "redis.Redis", streams: BatchStreams, tenant_id: UUID
) -> None:
    Events(broker).batch_committed(tenant_id, {"batch": 1})

    def refuse(_: UUID) -> None:
        raise ConnectionError("Postgres is away")

    with pytest.raises(ConnectionError):
        streams.consume(tenant_id, refuse)
    assert pending(broker, tenant_id) == 1
    requested: list[UUID] = []
    assert BatchStreams(broker, "another", redeliver_after_s=0).consume(tenant_id, requested.append) == 1
    assert requested == [tenant_id]
    assert pending(broker, tenant_id) == 0


def test_a_message_nobody_understands_is_put_aside_after_five_deliveries(
    broker: "redis.Redis", streams: BatchStreams, tenant_id: UUID
) -> None:
    broker.xadd(batches_stream(tenant_id), {"message": "not json"})
    requested: list[UUID] = []
    for _ in range(MOST_DELIVERIES):
        streams.consume(tenant_id, requested.append)
        assert pending(broker, tenant_id) == 1
    streams.consume(tenant_id, requested.append)
    assert pending(broker, tenant_id) == 0
    assert [fields for _, fields in broker.xrange(dead_letters(tenant_id))] == [{b"message": b"not json"}]
    assert requested == []


def test_trimming_stops_at_the_oldest_message_that_is_not_dealt_with(
    broker: "redis.Redis", streams: BatchStreams, tenant_id: UUID
) -> None:
    events = Events(broker)
    events.batch_committed(tenant_id, {"batch": 1})
    streams.consume(tenant_id, lambda _: None)
    stuck = broker.xadd(batches_stream(tenant_id), {"message": "not json"})
    for number in range(3):
        events.batch_committed(tenant_id, {"batch": number})
    streams.consume(tenant_id, lambda _: None)
    assert next(message_id for message_id, _ in broker.xrange(batches_stream(tenant_id))) == stuck


def test_every_tenant_with_a_stream_is_found(broker: "redis.Redis", streams: BatchStreams) -> None:
    tenants = {uuid4() for _ in range(3)}
    for tenant_id in tenants:
        Events(broker).batch_committed(tenant_id, {})
        Events(broker).tell(tenant_id, "sync.started", {})
        broker.xadd(dead_letters(tenant_id), {"message": "x"})
    assert set(streams.tenants()) == tenants
