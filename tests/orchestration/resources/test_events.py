"""What is told through Redis: the stream of committed batches and the stream of a dashboard."""

import json
import socket
import time
from datetime import UTC, datetime, timedelta
from unittest.mock import ANY
from uuid import UUID, uuid4

import pytest
import redis

from assets.normalize.envelope import BatchCommitted, SourceOfRecords
from orchestration.resources.event_kinds import UnknownKind
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
        b"at": ANY,
    }


def test_what_is_kept_of_a_tenant_is_a_setting(broker: "redis.Redis") -> None:
    events = Events(broker, kept=100)
    for number in range(500):
        events.tell(TENANT, "sync.stream", {"number": number})
    assert 100 <= broker.xlen(events_stream(TENANT)) < 300  # type: ignore[operator]


def test_who_did_it_and_the_trace_are_told_where_they_are_known(broker: "redis.Redis") -> None:
    Events(broker).tell(TENANT, "drift.accepted", {}, trace_id="0" * 32, actor="ann@acme.example")
    ((_, fields),) = broker.xrange(events_stream(TENANT))  # type: ignore[misc]
    assert (fields[b"trace_id"], fields[b"actor"]) == (b"0" * 32, b"ann@acme.example")
    assert abs(datetime.fromisoformat(fields[b"at"].decode()) - datetime.now(UTC)) < timedelta(seconds=5)


def test_long_data_is_told_without_its_long_values(broker: "redis.Redis") -> None:
    events = Events(broker)
    events.tell(TENANT, "sync.note", {"stream": "people", "message": "x" * 50_000})
    events.tell(TENANT, "sync.note", {f"field{number}": "y" * 500 for number in range(100)})
    told = [json.loads(fields[b"data"]) for _, fields in broker.xrange(events_stream(TENANT))]  # type: ignore[union-attr]
    assert told == [{"stream": "people", "left_out": ["message"]}, {"left_out": ["everything"]}]


def test_a_kind_that_nobody_knows_is_not_told(broker: "redis.Redis") -> None:
    with pytest.raises(UnknownKind):
        Events(broker).tell(TENANT, "sync.vanished", {})
    assert not broker.exists(events_stream(TENANT))


def test_a_redis_that_is_away_is_the_callers_matter() -> None:
    with socket.socket() as bound:  # taken, and nobody listens
        bound.bind(("127.0.0.1", 0))
        events = Events(events_client(f"redis://127.0.0.1:{bound.getsockname()[1]}/0"))
        started = time.monotonic()
        for tell in (lambda: events.tell(TENANT, "sync.note", {}), lambda: events.batch_committed(TENANT, {})):
            with pytest.raises(redis.ConnectionError):
                tell()
        assert time.monotonic() - started < 3  # a sync tells many things, and goes on without all of them
