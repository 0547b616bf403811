"""An org on loopback with 45 numbered records, and a connector on it; how its reads are taken in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from connectors.outbound.policy import Outbound
from connectors.protocol import Batch, Cursor, Item, Note, Stream
from connectors.salesforce.config import SalesforceConfig
from connectors.salesforce.connector import SalesforceConnector
from connectors.sandbox.salesforce.sandbox import SalesforceSandbox

COUNT = 45
FAST = {"requests_per_s": 5000, "batch_records": 10, "give_up_after_s": 5, "timeout_s": 5}


def deals(count: int = COUNT) -> pa.Table:
    """Numbered deals with every kind of value, among them what CSV must quote."""
    return pa.table(
        {
            "Number__c": pa.array(range(count), pa.int64()),
            "Name": [f'Deal, "{n}"\nsecond line' for n in range(count)],
            "Amount": pa.array([Decimal(n) / 100 for n in range(count)], pa.decimal128(14, 2)),
            "Ratio__c": pa.array([n * 1e19 for n in range(count)], pa.float64()),
            "Won__c": [n % 2 == 0 for n in range(count)],
            "CloseDate": [date(2026, 1, 1 + n % 28) for n in range(count)],
            "Note__c": pa.array([None if n % 3 else f"ä {n}" for n in range(count)], pa.string()),
        }
    )


@pytest.fixture
def sandbox() -> Iterator[SalesforceSandbox]:
    with SalesforceSandbox(page_size=10, bulk_polls=0) as org:
        org.load("Deal__c", deals(), "Number__c")
        yield org


@dataclass
class Reading:
    """What one read gave."""

    items: list[Item] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    cursor: Cursor | None = None

    @property
    def numbers(self) -> list[int]:
        return [int(row["Number__c"]) for row in self.rows]

    @property
    def kinds(self) -> list[str]:
        return [type(item).__name__ for item in self.items]


def take(
    connector: SalesforceConnector, stream: Stream, cursor: Cursor | None = None, stop_after: int | None = None
) -> Reading:
    """Read to the end, or to some item and no further."""
    reading = Reading(cursor=cursor)
    for item in connector.read(stream, cursor):
        reading.items.append(item)
        if isinstance(item, Batch):
            assert item.delta and item.arrow is not None
            names = [one.name for one in item.stream.fields] + ([item.deleted] if item.deleted else [])
            assert item.arrow.schema.names == names
            reading.rows += item.arrow.read_all().to_pylist()
        reading.cursor = item.cursor
        if len(reading.items) == stop_after:
            break
    return reading


Connect = Callable[..., SalesforceConnector]


@pytest.fixture
def connect(sandbox: SalesforceSandbox) -> Iterator[Connect]:
    """Connectors to the org; `notes` of each is a list. `limits` are added to fast ones."""
    made: list[SalesforceConnector] = []

    def one(auth: str = "refresh_token", limits: dict[str, Any] | None = None, **settings: Any) -> SalesforceConnector:
        config = {**sandbox.config(auth), "limits": FAST | (limits or {}), **settings}  # type: ignore[arg-type]
        connector = SalesforceConnector(SalesforceConfig.model_validate(config), Outbound(allow=sandbox.addresses()))
        connector.told = []  # type: ignore[attr-defined]
        connector.notes = connector.told.append  # type: ignore[attr-defined]
        made.append(connector)
        return connector

    yield one
    for connector in made:
        connector.close()


def told(connector: SalesforceConnector, code: str) -> list[Note]:
    """The notes of one code."""
    return [note for note in connector.told if note.code == code]  # type: ignore[attr-defined]


def stream_of(connector: SalesforceConnector, name: str = "Deal__c") -> Stream:
    return next(stream for stream in connector.discover() if stream.name == name)
