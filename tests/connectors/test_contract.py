"""What every connector keeps, whatever its kind. A new kind adds one harness below."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from connectors.errors import ConfigInvalid, ConnectorError, NeedsPerson, Retryable, StreamError
from connectors.protocol import Batch, Connector, Stream
from connectors.registry import KINDS, connector_for

READ = Callable[..., Any]


class Harness(Protocol):
    """A source of one kind with a known stream of numbered records, served so that there are several batches."""

    kind: str
    secrets: tuple[str, ...]

    def good_config(self) -> dict[str, Any]: ...
    def bad_configs(self) -> list[tuple[dict[str, Any], type[ConnectorError]]]: ...
    def stream_name(self) -> str: ...
    def ids(self) -> set[str]: ...
    def change(self) -> set[str]:
        """Alter the source; the ids that a following read must deliver."""
        ...


class FilesHarness:
    kind = "files"
    secrets: tuple[str, ...] = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for month in range(1, 6):
            lines = [f"{month * 100 + n},name {n}" for n in range(10)]
            (folder / f"deals_2026-{month:02}.csv").write_text("id,name\n" + "\n".join(lines) + "\n")

    def good_config(self) -> dict[str, Any]:
        return {"path": str(self.folder)}

    def bad_configs(self) -> list[tuple[dict[str, Any], type[ConnectorError]]]:
        (self.folder.parent / "nothing").mkdir(exist_ok=True)
        return [
            ({"path": str(self.folder / "absent")}, ConfigInvalid),
            ({"path": str(self.folder.parent / "nothing")}, ConfigInvalid),
            ({"path": ""}, ConfigInvalid),
            ({}, ConfigInvalid),
            ({"path": str(self.folder), "passwort": "typo"}, ConfigInvalid),
        ]

    def stream_name(self) -> str:
        return "deals"

    def ids(self) -> set[str]:
        return {str(month * 100 + n) for month in range(1, 6) for n in range(10)}

    def change(self) -> set[str]:
        (self.folder / "deals_2026-06.csv").write_text("id,name\n601,new\n")
        return {"601"}


HARNESSES: dict[str, Callable[[Path], Harness]] = {"files": FilesHarness}


def test_every_kind_has_a_harness() -> None:
    assert set(HARNESSES) == set(KINDS)


@pytest.fixture(params=sorted(HARNESSES))
def harness(request: pytest.FixtureRequest, tmp_path: Path) -> Harness:
    folder = tmp_path / "source"
    folder.mkdir()
    return HARNESSES[request.param](folder)


@pytest.fixture
def connector(harness: Harness) -> Connector[Any]:
    return connector_for(harness.kind, harness.good_config())


def known_stream(connector: Connector[Any], harness: Harness) -> Stream:
    return next(stream for stream in connector.discover() if stream.name == harness.stream_name())


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(ConfigInvalid, match="files"):
        connector_for("fax", {})


def test_a_good_configuration_passes_the_check(connector: Connector[Any]) -> None:
    connector.check()


def test_a_bad_configuration_is_refused_with_its_class_and_a_hint(harness: Harness) -> None:
    for config, expected in harness.bad_configs():
        with pytest.raises(expected) as caught:
            connector_for(harness.kind, config).check()
        assert caught.value.hint, config


def test_the_pinned_configuration_is_stable_json(connector: Connector[Any], harness: Harness) -> None:
    stored = json.loads(connector.pin().model_dump_json())
    again = connector_for(harness.kind, stored)
    again.check()
    assert json.loads(again.pin().model_dump_json()) == stored


def test_discovered_streams_have_named_typed_fields_and_a_key_among_them(connector: Connector[Any]) -> None:
    for stream in connector.discover():
        names = [field.name for field in stream.fields]
        assert names
        assert len({name.lower() for name in names}) == len(names)
        assert set(stream.primary_key) <= set(names)
        assert (stream.key_origin == "none") == (not stream.primary_key)


def test_a_full_read_gives_each_record_once(connector: Connector[Any], harness: Harness, read: READ) -> None:
    reading = read(connector, known_stream(connector, harness))
    ids = [row[reading.items[0].stream.primary_key[0]] for row in reading.rows]
    assert sorted(ids) == sorted(harness.ids())


def test_batches_carry_the_stream_they_belong_to(connector: Connector[Any], harness: Harness, read: READ) -> None:
    stream = known_stream(connector, harness)
    batches = [item for item in read(connector, stream).items if isinstance(item, Batch)]
    assert {batch.stream.name for batch in batches} == {stream.name}
    assert all((batch.scan is None) != (batch.arrow is None) for batch in batches)


def test_stopping_after_any_batch_and_resuming_loses_and_repeats_nothing(
    connector: Connector[Any], harness: Harness, read: READ
) -> None:
    stream = known_stream(connector, harness)
    total = len(read(connector, stream).items)
    assert total > 2
    for stop_after in range(1, total + 1):
        first = read(connector, stream, stop_after=stop_after)
        cursor = json.loads(json.dumps(first.cursor))
        second = read(connector_for(harness.kind, harness.good_config()), stream, cursor)
        key = stream.primary_key[0]
        assert sorted(row[key] for row in first.rows + second.rows) == sorted(harness.ids())


def test_an_unchanged_source_gives_no_records_again(connector: Connector[Any], harness: Harness, read: READ) -> None:
    stream = known_stream(connector, harness)
    first = read(connector, stream)
    assert read(connector, stream, first.cursor).rows == []


def test_a_change_is_delivered_after_the_cursor(connector: Connector[Any], harness: Harness, read: READ) -> None:
    stream = known_stream(connector, harness)
    first = read(connector, stream)
    expected = harness.change()
    second = read(connector, stream, first.cursor)
    assert {row[stream.primary_key[0]] for row in second.rows} == expected


def test_every_error_class_says_what_the_runner_should_do() -> None:
    effects = {Retryable: "retry", NeedsPerson: "needs_person", StreamError: "skip_stream"}
    for group, effect in effects.items():
        classes = [group, *group.__subclasses__()]
        assert {cls.effect for cls in classes} == {effect}
    codes = [cls.code for group in effects for cls in [group, *group.__subclasses__()]]
    assert len(codes) == len(set(codes))


def test_an_error_met_while_scanning_is_classified(connector: Connector[Any], harness: Harness) -> None:
    for error in (OSError(28, "No space left on device"), PermissionError(13, "denied"), RuntimeError("odd")):
        classified = connector.classify(error, harness.stream_name())
        assert classified.stream == harness.stream_name()
        assert classified.hint
        assert str(error) not in str(classified)
    assert isinstance(connector.classify(OSError(28, "full"), "s"), Retryable)


def test_no_secret_is_shown_or_logged(
    connector: Connector[Any], harness: Harness, read: READ, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    connector.check()
    read(connector, known_stream(connector, harness))
    shown = [caplog.text, repr(connector), str(connector), repr(connector.config), str(connector.config)]
    for config, _ in harness.bad_configs():
        with pytest.raises(ConnectorError) as caught:
            connector_for(harness.kind, config).check()
        shown += [str(caught.value), repr(caught.value), caught.value.detail]
    for secret in harness.secrets:
        assert all(secret not in text for text in shown)


def test_a_wrong_value_is_not_repeated_in_the_error(harness: Harness) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        connector_for(harness.kind, {**harness.good_config(), "password": "hunter2-secret"})
    assert "hunter2-secret" not in f"{caught.value} {caught.value!r} {caught.value.detail}"
    assert "password" in str(caught.value)
