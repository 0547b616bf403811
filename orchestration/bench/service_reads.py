"""`bench services`: a million records out of a Salesforce and a MongoDB, beside bare clients reading the same data.

The stand-ins serve from a process of their own. Bare client and connector read in turn, each pass in a fresh process.
"""

import io
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv

from connectors.outbound.policy import Outbound
from connectors.protocol import Batch
from connectors.registry import connector_for
from orchestration.bench.figures import Figure, in_fresh_process

MOST_TIMES_BARE = 1.6
MOST_MEMORY_GB = 1.0
REPEATS = 3
_ACCOUNTS = """
SELECT '001' || lpad(i::VARCHAR, 15, '0') AS Id, 'Company ' || (hash(i) % 90000) AS Name,
    'https://www.company' || i || '.example' AS Website, 'Industry ' || (i % 30) AS Industry,
    ((hash(i) % 100000000) / 100)::DECIMAL(18, 2) AS AnnualRevenue, (hash(i + 1) % 5000)::INTEGER AS NumberOfEmployees,
    'City ' || (hash(i) % 3000) AS BillingCity, ['US', 'DE', 'FR', 'IN'][1 + (i % 4)::INT] AS BillingCountry,
    TIMESTAMPTZ '2024-01-01 00:00:00Z' + to_seconds(i % 60000000) AS CreatedDate,
    TIMESTAMPTZ '2025-01-01 00:00:00Z' + to_seconds(i % 40000000) AS SystemModstamp FROM range({rows}) t(i)
"""
_DOCUMENTS = """
SELECT 'u' || lpad(i::VARCHAR, 9, '0') AS _id, 'First' || (hash(i) % 5000) AS first_name,
    'Last' || (hash(i + 1) % 9000) AS last_name, 'user' || i || '@company' || (i % 50000) || '.example' AS email,
    (hash(i) % 90)::INTEGER AS age, (hash(i) % 1000000)::BIGINT AS visits, (hash(i) % 10000) / 100.0::DOUBLE AS score,
    i % 3 = 0 AS active, TIMESTAMPTZ '2024-01-01 00:00:00Z' + to_seconds(i % 60000000) AS created_at,
    'City' || (hash(i) % 3000) AS city FROM range({rows}) t(i)
"""
STREAMS = {"salesforce": ("Account", _ACCOUNTS, "Id"), "mongodb": ("users", _DOCUMENTS, "_id")}


def measure_services(rows: int) -> list[Figure]:
    """Seconds to read every record, and the reader's peak memory.

    Raises:
        RuntimeError: a pass did not bring every record.
    """
    figures = []
    for kind, bare, name in (
        ("salesforce", bare_salesforce, "simple-salesforce bulk2 + pyarrow.csv"),
        ("mongodb", bare_mongodb, "pymongo find"),
    ):
        with _served(kind, rows) as config:
            baseline, connector, peaks = [], [], []
            for _ in range(REPEATS):
                baseline.append(_seconds(in_fresh_process(bare, config, rows)[0], rows))
                counted, peak = in_fresh_process(read_by_connector, kind, config)
                connector.append(_seconds(counted, rows))
                peaks.append(peak / 1e9)
        seconds = median(connector)
        figures += [
            Figure(f"{kind}: read {rows:,} records", seconds, "s", median(baseline), name, MOST_TIMES_BARE),
            Figure(f"{kind}: records a second", rows / seconds, "records/s", rows / median(baseline), name),
            Figure(f"{kind}: peak memory", max(peaks), "GB", limit=MOST_MEMORY_GB),
        ]
    return figures


def _seconds(counted: tuple[int, float], rows: int) -> float:
    if counted[0] != rows:
        raise RuntimeError(f"read {counted[0]} of {rows} records")
    return counted[1]


def read_by_connector(kind: str, config: dict[str, Any]) -> tuple[int, float]:
    """Records and seconds of a first, full read of the stream, as the platform does it."""
    started = time.perf_counter()
    connector = connector_for(kind, config, Outbound(("127.0.0.1",)))
    stream = next(found for found in connector.discover() if found.name == STREAMS[kind][0])
    records = 0
    for item in connector.read(stream, None):
        if isinstance(item, Batch) and item.arrow is not None:
            records += sum(batch.num_rows for batch in item.arrow)
    connector.close()
    return records, time.perf_counter() - started


def bare_salesforce(config: dict[str, Any], rows: int) -> tuple[int, float]:  # noqa: ARG001 - one signature for both
    """The same by simple-salesforce's own Bulk 2.0 client, each page of CSV parsed by Arrow."""
    import requests
    from simple_salesforce import Salesforce  # type: ignore[attr-defined]

    started = time.perf_counter()
    grant = {key: config[key] for key in ("client_id", "client_secret")} | {"grant_type": "client_credentials"}
    answer = requests.post(f"{config['instance_url']}/services/oauth2/token", data=grant, timeout=60).json()
    client = Salesforce(instance_url=answer["instance_url"], session_id=answer["access_token"], version="62.0")
    name, select, _ = STREAMS["salesforce"]
    with duckdb.connect() as connection:
        fields = [column[0] for column in connection.execute(select.format(rows=0)).description or []]
    # The library builds https URLs only; the stand-in speaks http.
    client.bulk2_url = f"{answer['instance_url']}/services/data/v62.0/jobs/"
    records = 0
    soql = f"SELECT {', '.join(fields)} FROM {name}"
    # Its own 5 s between two looks at the job would be held against it otherwise.
    for page in getattr(client.bulk2, name).query(soql, max_records=50_000, wait=0.05):
        records += pa.csv.read_csv(io.BytesIO(page.encode())).num_rows
    return records, time.perf_counter() - started


def bare_mongodb(config: dict[str, Any], rows: int) -> tuple[int, float]:  # noqa: ARG001
    """The same by pymongo: every document of find(), as Python objects."""
    from pymongo import MongoClient

    started = time.perf_counter()
    client: MongoClient[dict[str, Any]] = MongoClient(config["url"], tz_aware=True)
    records = sum(1 for _ in client[config["database"]][STREAMS["mongodb"][0]].find(batch_size=50_000))
    client.close()
    return records, time.perf_counter() - started


@contextmanager
def _served(kind: str, rows: int) -> Iterator[dict[str, Any]]:
    """Configuration of a stand-in with the stream, served by another process for as long as the block lasts."""
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, kind, rows))
    process.start()
    theirs.close()
    try:
        config: dict[str, Any] = mine.recv()
        yield config
    except EOFError:
        raise RuntimeError(f"the stand-in of {kind} ended with exit code {process.exitcode}") from None
    finally:
        mine.close()  # tells it to end
        process.join()


def _serve(parent: Any, kind: str, rows: int) -> None:
    name, select, key = STREAMS[kind]
    with duckdb.connect() as connection:
        table = connection.execute(f"SET TimeZone = 'UTC'; {select.format(rows=rows)}").to_arrow_table()
    sandbox = _SANDBOXES[kind]()
    sandbox.load(name, table, key)
    del table
    sandbox.start()
    parent.send(sandbox.config() | {"limits": {"requests_per_s": 1000}})
    try:
        parent.recv()
    except EOFError:
        sandbox.stop()


def _salesforce() -> Any:
    from connectors.sandbox.salesforce.sandbox import SalesforceSandbox

    return SalesforceSandbox()


def _mongodb() -> Any:
    from connectors.sandbox.mongodb.sandbox import MongoSandbox

    return MongoSandbox()


_SANDBOXES: dict[str, Callable[[], Any]] = {"salesforce": _salesforce, "mongodb": _mongodb}
