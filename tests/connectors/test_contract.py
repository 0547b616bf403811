"""What every connector keeps, whatever its kind: configuration, discovery, types, and reading that can be resumed.

A new kind adds its harness to `harnesses/roster.py`. Changes, faults and secrets: the files beside this one.
"""

import json
from typing import Any

import pytest

from connectors.errors import ConfigInvalid, ConnectorError, NeedsPerson, Retryable, StreamError
from connectors.protocol import Batch, Connector, Mode, Unchanged
from connectors.registry import KINDS, connector_for
from tests.connectors.harnesses.harness import LOOPBACK, Harness
from tests.connectors.harnesses.reading import landed, read_stream
from tests.connectors.harnesses.roster import HARNESSES


@pytest.fixture
def connector(harness: Harness) -> Connector[Any]:
    return harness.connector()


def test_every_kind_has_a_harness() -> None:
    assert {harness.kind for harness in HARNESSES} == set(KINDS)


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(ConfigInvalid, match="files"):
        connector_for("fax", {})


def test_a_good_configuration_passes_the_check(connector: Connector[Any]) -> None:
    connector.check()


def test_a_bad_configuration_is_refused_with_its_class_and_a_hint(harness: Harness) -> None:
    for config, expected in harness.bad_configs():
        with pytest.raises(expected) as caught:
            _check(harness, config)
        assert type(caught.value) is expected
        assert caught.value.hint, config


def test_a_wrong_value_is_not_repeated_in_the_error(harness: Harness) -> None:
    for name in ("password", "limits"):
        with pytest.raises(ConfigInvalid) as caught:
            connector_for(harness.kind, {**harness.config(), name: {"odd": "hunter2-secret"}}, LOOPBACK)
        assert "hunter2-secret" not in f"{caught.value} {caught.value!r} {caught.value.detail}"
        assert name in str(caught.value)


def test_the_pinned_configuration_is_stable_json(harness: Harness, connector: Connector[Any]) -> None:
    stored = pinned(connector)
    again = harness.connector(stored)
    again.check()
    assert pinned(again) == stored


def test_discovered_streams_have_named_typed_fields_and_a_key_among_them(
    harness: Harness, connector: Connector[Any]
) -> None:
    streams = {stream.name: stream for stream in connector.discover()}
    assert harness.stream in streams
    for stream in streams.values():
        names = [field.name for field in stream.fields]
        assert names
        assert len({name.lower() for name in names}) == len(names)
        assert set(stream.primary_key) <= set(names)
        assert (stream.key_origin == "none") == (not stream.primary_key)
        assert stream.cursor_field is None or stream.cursor_field in names
        assert not stream.modes or stream.mode in stream.modes
    assert streams[harness.stream].primary_key == (harness.key,)


def test_types_and_texts_are_exact(harness: Harness) -> None:
    name, expected = harness.typed()
    connector = harness.connector()
    stream = harness.known(connector, name)
    key = stream.primary_key[0]
    rows = {str(row[key]): row for row in read_stream(connector, stream).rows}
    fields = {field.name: field.type for field in stream.fields}
    assert {one.field: fields.get(one.field) for one in expected} == {one.field: one.type for one in expected}
    texts = {one.field: {at: rows[at][one.field] for at in one.texts} for one in expected}
    assert texts == {one.field: one.texts for one in expected}


def test_a_full_read_gives_each_record_once(harness: Harness, connector: Connector[Any]) -> None:
    reading = read_stream(connector, harness.known(connector))
    assert sorted(reading.keys(harness.key)) == sorted(harness.held())
    assert {key: row[harness.value] for key, row in landed([reading], harness.key).items()} == harness.held()


def test_batches_carry_the_stream_they_belong_to(harness: Harness, connector: Connector[Any]) -> None:
    stream = harness.known(connector)
    batches = [item for item in read_stream(connector, stream).items if isinstance(item, Batch)]
    assert {batch.stream.name for batch in batches} == {stream.name}
    assert all((batch.scan is None) != (batch.arrow is None) for batch in batches)
    assert all(batch.delta == harness.has_faults for batch in batches)


@pytest.mark.parametrize("mode", ["incremental", "full", "full_with_deletes", "snapshot"])
def test_stopping_after_any_item_and_resuming_loses_and_repeats_nothing(
    harness: Harness, connector: Connector[Any], mode: Mode
) -> None:
    stream = harness.in_mode(harness.known(connector), mode)
    expected = sorted(harness.held())
    total = len(read_stream(connector, stream).items)
    assert total >= 5
    for stop_after in range(1, total):
        first = read_stream(connector, stream, stop_after=stop_after)
        cursor = json.loads(json.dumps(first.cursor))
        again = harness.connector()
        second = read_stream(again, stream, cursor)
        assert sorted(first.keys(harness.key) + second.keys(harness.key)) == expected, stop_after
        assert sorted(landed([first, second], harness.key)) == expected, stop_after


def test_an_unchanged_source_gives_no_records_again(harness: Harness) -> None:
    connector = harness.connector(harness.without_look_back())
    stream = harness.known(connector)
    first = read_stream(connector, stream)
    second = read_stream(connector, stream, first.cursor)
    if stream.mode.startswith("full"):
        assert landed([second], harness.key) == landed([first], harness.key)
        return
    assert second.rows == second.gone == []
    # A reading always says that it came to its end, with a cursor.
    assert second.items
    assert all(isinstance(item, Unchanged | Batch) for item in second.items)


def test_every_error_class_says_what_the_runner_should_do() -> None:
    effects: dict[type[ConnectorError], str] = {
        Retryable: "retry",
        NeedsPerson: "needs_person",
        StreamError: "skip_stream",
    }
    for group, effect in effects.items():
        classes = [group, *group.__subclasses__()]
        assert {cls.effect for cls in classes} == {effect}
    codes = [cls.code for group in effects for cls in [group, *group.__subclasses__()]]
    assert len(codes) == len(set(codes))


def test_an_error_met_while_taking_in_is_classified(harness: Harness, connector: Connector[Any]) -> None:
    for error in (OSError(28, "No space left on device"), PermissionError(13, "denied"), RuntimeError("odd words")):
        classified = connector.classify(error, harness.stream)
        assert classified.stream == harness.stream
        assert classified.hint
        assert str(error) not in str(classified)
    assert isinstance(connector.classify(OSError(28, "full"), "s"), Retryable)


def pinned(connector: Connector[Any]) -> dict[str, Any]:
    """The configuration as it is stored, secrets included."""
    pin = connector.pin()
    shown = json.loads(pin.model_dump_json())
    secrets = {name: getattr(pin, name).get_secret_value() for name in shown if _is_secret(getattr(pin, name))}
    return {**shown, **secrets}


def _is_secret(value: object) -> bool:
    return hasattr(value, "get_secret_value")


def _check(harness: Harness, config: dict[str, Any]) -> None:
    harness.connector(config).check()
