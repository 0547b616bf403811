"""No connector shows a secret: not in logs at any level, representations, notes, cursors or any part of an error.

Good and bad configurations are tried, and readings that break off in the middle.
"""

import json
import logging
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.errors import ConnectorError
from connectors.protocol import Note
from tests.connectors.harnesses.harness import Harness, ServiceHarness
from tests.connectors.harnesses.reading import Reading, read_stream

# What the harnesses put into configurations that are wrong.
WRONG = (
    *("wrong-secret-0f3a", "wrong-token-91bc", "wrong-signature-0f3a"),
    *("typo-secret-77", "half-secret-77", "other-secret-12"),
)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything any library logs, also what a library or we ourselves keep quiet about by default."""
    known = [logging.getLogger(name) for name in list(logging.root.manager.loggerDict)]
    levels = [logger.level for logger in known]
    for logger in known:
        logger.setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    yield caplog
    for logger, level in zip(known, levels, strict=True):
        logger.setLevel(level)


def shown_by(error: BaseException, seen: set[int] | None = None) -> list[str]:
    """Every text of an error and of all errors it came from, also those hidden by `from None`."""
    seen = set() if seen is None else seen
    if id(error) in seen:
        return []
    seen.add(id(error))
    texts = [str(error), repr(error), repr(error.args), "".join(traceback.format_exception(error))]
    if isinstance(error, ConnectorError):
        texts += [error.message, error.hint, error.detail, repr(vars(error))]
    for cause in (error.__cause__, error.__context__):
        if cause is not None:
            texts += shown_by(cause, seen)
    return texts


def test_no_secret_is_shown_when_all_is_well(harness: Harness, logged: pytest.LogCaptureFixture) -> None:
    notes: list[Note] = []
    connector = harness.connector()
    connector.notes = notes.append
    connector.check()
    texts = [repr(connector.grants()), repr(connector.pin()), connector.pin().model_dump_json()]
    stream = harness.known(connector)
    reading = read_stream(connector, stream)
    again = read_stream(connector, stream, reading.cursor)
    texts += [repr(connector), str(connector), repr(connector.config), str(connector.config), repr(vars(connector))]
    texts += [json.dumps([item.cursor for item in reading.items + again.items]), repr(stream), repr(notes)]
    assert_clean([*texts, logged.text], harness)
    if harness.has_faults and harness.name != "supabase-database":  # psycopg2 logs nothing at all
        assert len(logged.records) > 0  # the libraries do log at this level


def test_no_secret_is_shown_when_the_configuration_is_wrong(harness: Harness, logged: pytest.LogCaptureFixture) -> None:
    texts = []
    for config, _ in harness.bad_configs():
        with pytest.raises(ConnectorError) as caught:
            harness.connector(config).check()
        texts += shown_by(caught.value)
    assert_clean([*texts, logged.text], harness)


@pytest.mark.parametrize("kind", ["unauthorized", "forbidden", "server_error", "cut_body", "slow", "rate_limited"])
def test_no_secret_and_no_value_is_shown_when_a_reading_breaks_off(
    service: ServiceHarness, kind: Any, logged: pytest.LogCaptureFixture
) -> None:
    if kind not in service.plays:
        pytest.skip(f"{kind}: {service.unplayed}")
    notes: list[Note] = []
    connector = service.connector(give_up_after_s=0, timeout_s=0.5)
    connector.notes = notes.append
    stream = service.known(connector)
    reading = Reading()
    with pytest.raises(ConnectorError) as caught:
        read_stream(
            connector,
            stream,
            between=lambda: service.play(kind, times=1_000_000, retry_after="60", delay_s=30),
            reading=reading,
        )
    service.behave()
    texts = [*shown_by(caught.value), repr(notes)]
    assert_clean([*texts, logged.text], service)
    # Values of records belong in no message either.
    assert not [text for text in texts if any(str(row[service.value]) in text for row in reading.rows)]


def assert_clean(texts: list[str], harness: Harness) -> None:
    """None of the texts holds a secret of the source or of a wrong configuration."""
    secrets = [*harness.all_secrets(), *WRONG]
    assert all(len(secret) >= 8 for secret in secrets)
    assert not {secret for secret in secrets for text in texts if secret in text}
