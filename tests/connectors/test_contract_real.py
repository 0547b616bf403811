"""The same contract against real services, read-only, where the environment names them.

`AUTONOMOS_REAL_SALESFORCE`, `_SUPABASE`, `_MONGODB`: a configuration as JSON, or @FILE with JSON. With `_STREAM` after
it, the stream to read; else the first one that is offered.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.protocol import Batch, Connector, Stream
from connectors.registry import KINDS, connector_for
from tests.connectors.harnesses.harness import LOOPBACK
from tests.connectors.harnesses.reading import Reading, landed, read_stream

REAL = sorted(set(KINDS) - {"files"})
MOST_ITEMS = 3


@pytest.fixture(params=REAL)
def real(request: pytest.FixtureRequest) -> Iterator[tuple[Connector[Any], Stream]]:
    variable = f"AUTONOMOS_REAL_{request.param.upper()}"
    given = os.environ.get(variable)
    if not given:
        pytest.skip(f"{variable} names no real {request.param} to read")
    config = json.loads(Path(given[1:]).read_text() if given.startswith("@") else given)
    config.setdefault("limits", {"batch_records": 500})
    connector = connector_for(request.param, config, LOOPBACK)
    wanted = os.environ.get(f"{variable}_STREAM")
    connector.check()
    streams = connector.discover()
    yield connector, next(stream for stream in streams if wanted in (None, stream.name))
    connector.close()


def test_it_is_discovered_with_fields_and_says_what_may_be_written(real: tuple[Connector[Any], Stream]) -> None:
    connector, stream = real
    assert stream.fields
    assert set(stream.primary_key) <= {field.name for field in stream.fields}
    assert connector.grants().evidence


def test_a_sample_keeps_to_its_limit(real: tuple[Connector[Any], Stream]) -> None:
    connector, stream = real
    sample = read_stream(connector, stream, limit=20)
    assert len(sample.items) == 1
    assert len(sample.rows) <= 20


def test_reading_goes_on_after_any_of_its_first_items(real: tuple[Connector[Any], Stream]) -> None:
    connector, stream = real
    if not stream.primary_key:
        pytest.skip(f"{stream.name} has no key")
    stream = replace(stream, mode="full" if "full" in stream.modes else stream.mode)
    key = stream.primary_key[0]
    whole = read_stream(connector, stream, stop_after=MOST_ITEMS)
    first = read_stream(connector, stream, stop_after=1)
    cursor = json.loads(json.dumps(first.cursor))
    left = len(whole.items) - 1
    rest = read_stream(connector, stream, cursor, stop_after=left) if left else Reading()
    keys = first.keys(key) + rest.keys(key)
    assert len(keys) == len(set(keys))
    # Others may write meanwhile: what both readings saw is compared, and that must be nearly all.
    both = set(keys) & set(whole.keys(key))
    assert len(both) >= 0.9 * len(set(whole.keys(key)))
    assert set(landed([first, rest], key)) <= set(keys)
    assert all(isinstance(item, Batch) for item in first.items) or not first.rows
