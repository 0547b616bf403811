"""What is told through Redis: the stream of committed batches and the stream of a dashboard."""

import json
import socket
import time
from uuid import UUID, uuid4

import pytest
import redis

from assets.normalize.envelope import BatchCommitted, SourceOfRecords
from orchestration.resources.events import Events, batches_stream, events_stream
from orchestration.resources.services import events_client

pytestmark = pytest.mark.servers
TENANT = UUID(int=1)


def test_keys_are_the_tenants() -> None:
    assert batches_stream(TENANT) == f"t:{TENANT}:aam:dcl"
    assert events_stream(TENANT) == f"t:{TENANT}:events"


def test_a_committed_batch_reads_back_as_its_envelope(broker: "redis.Redis") -> None:
    message = BatchCommitted(
        batch_id="0000000001-x",
        tenant_id=TENANT,
        entity="account",
        op="mixed",
        source=SourceOfRecords(connection_id=uuid4(), stream="people", mapping_version=1),
        first_snapshot=1,
        last_snapshot=2,
        upserted=1,
        deleted=1,
        rejected=0,
        fingerprint="f",
    )
    Events(broker).batch_committed(TENANT, message.model_dump(mode="json"))
    ((_, fields),) = broker.xrange(batches_stream(TENANT))  # type: ignore[misc]
    assert BatchCommitted.from_fields({name.decode(): value.decode() for name, value in fields.items()}) == message
    assert broker.keys() == [batches_stream(TENANT).encode()]


def test_what_a_dashboard_hears_keeps_its_order_and_is_bounded(broker: "redis.Redis") -> None:
    events = Events(broker)
    for number in range(10_300):
        events.tell(TENANT, "sync.stream", {"number": number, "id": TENANT})
    told = broker.xrange(events_stream(TENANT))
    numbers = [json.loads(fields[b"data"])["number"] for _, fields in told]  # type: ignore[union-attr]
    assert numbers == list(range(numbers[0], 10_300))
    assert 10_000 <= len(numbers) < 10_300
    assert told[-1][1] == {  # type: ignore[index]
        b"kind": b"sync.stream",
        b"data": json.dumps({"number": 10_299, "id": str(TENANT)}).encode(),
    }


def test_a_redis_that_is_away_is_the_callers_matter() -> None:
    with socket.socket() as bound:  # taken, and nobody listens
        bound.bind(("127.0.0.1", 0))
        events = Events(events_client(f"redis://127.0.0.1:{bound.getsockname()[1]}/0"))
        started = time.monotonic()
        for tell in (lambda: events.tell(TENANT, "x", {}), lambda: events.batch_committed(TENANT, {})):
            with pytest.raises(redis.ConnectionError):
                tell()
        assert time.monotonic() - started < 3  # a sync tells many things, and goes on without all of them
