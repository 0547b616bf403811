"""Messages of committed batches and records: they survive the wire and cannot contradict themselves."""

from uuid import UUID

import pytest
from pydantic import ValidationError

from assets.normalize.envelope import BatchCommitted, CanonicalEvent, operation

TENANT = UUID(int=1)
SOURCE = {"connection_id": UUID(int=2), "stream": "Deals", "mapping_version": 1}
BATCH = {
    "batch_id": "b1",
    "tenant_id": TENANT,
    "entity": "opportunity",
    "op": "mixed",
    "source": SOURCE,
    "first_snapshot": 3,
    "last_snapshot": 4,
    "upserted": 5,
    "deleted": 1,
    "rejected": 0,
    "fingerprint": "abc",
}
EVENT = {
    "tenant_id": TENANT,
    "entity": "opportunity",
    "op": "upsert",
    "source": SOURCE,
    "record_id": "r1",
    "fingerprint": "abc",
    "trace_id": "t",
    "data": {"name": "Deal"},
}


def test_a_batch_message_survives_the_wire() -> None:
    message = BatchCommitted.model_validate(BATCH)
    assert BatchCommitted.from_fields(message.to_fields()) == message


@pytest.mark.parametrize("wrong", [{"last_snapshot": 2}, {"op": "delete"}, {"entity": "Lead!"}, {"rejected": -1}])
def test_a_batch_message_cannot_contradict_itself(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BatchCommitted.model_validate(BATCH | wrong)


@pytest.mark.parametrize("wrong", [{"op": "delete"}, {"data": None}, {"data": {"colour": "red"}}])
def test_an_event_carries_the_entitys_fields_or_is_a_delete(wrong: dict[str, object]) -> None:
    CanonicalEvent.model_validate(EVENT)
    with pytest.raises(ValidationError):
        CanonicalEvent.model_validate(EVENT | wrong)


def test_the_operation_follows_from_the_counts() -> None:
    assert [operation(*counts) for counts in ((1, 0), (0, 1), (1, 1), (0, 0))] == [
        "upsert",
        "delete",
        "mixed",
        "upsert",
    ]
