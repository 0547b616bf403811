"""Answers that the real service gives and a read must live with: counts that take too long, short ends, odd names."""

import datetime as dt
import json
from dataclasses import replace

import httpx
import pyarrow as pa
import pytest

from connectors.errors import (
    ConfigInvalid,
    CredentialsExpired,
    LimitReached,
    SourceUnavailable,
    StreamForbidden,
    StreamGone,
    Timeout,
)
from connectors.sandbox.faults import Fault
from connectors.sandbox.postgrest.sandbox import PostgrestSandbox
from connectors.supabase.rest_errors import error_of
from connectors.supabase.source import ColumnsChanged, DescriptionRefused, PastTheEnd
from tests.connectors.supabase.project import Open, numbered, read


def coded(code: str) -> bytes:
    return json.dumps({"code": code, "message": "told by the service"}).encode()


@pytest.mark.parametrize(
    ("status", "body", "stream", "expected"),
    [
        (540, b"", "deals", ConfigInvalid),
        (402, b"{}", "deals", LimitReached),
        (544, b"<html>", "deals", Timeout),
        (522, b"<html>", "deals", Timeout),
        (520, b"<html>", "deals", SourceUnavailable),
        (502, b"<html>", None, SourceUnavailable),
        (504, coded("PGRST003"), "deals", SourceUnavailable),
        (503, coded("PGRST002"), "deals", SourceUnavailable),
        (500, coded("57014"), "deals", Timeout),
        (416, coded("PGRST103"), "deals", PastTheEnd),
        (404, coded("PGRST205"), "deals", StreamGone),
        (400, coded("PGRST204"), "deals", ColumnsChanged),
        (401, coded("42501"), "deals", StreamForbidden),
        (401, coded("PGRST301"), "deals", CredentialsExpired),
        (401, coded("PGRST303"), None, CredentialsExpired),
        (401, b'{"message":"Access to schema is forbidden"}', None, DescriptionRefused),
        (403, b'{"message":"Access to schema is forbidden"}', None, DescriptionRefused),
        (404, coded("PGRST126"), None, DescriptionRefused),
        (404, b"<html>", None, ConfigInvalid),
    ],
)
def test_answers_mean(status: int, body: bytes, stream: str | None, expected: type[Exception]) -> None:
    assert type(error_of(status, httpx.Headers(), body, stream)) is expected


@pytest.mark.servers
def test_a_count_that_takes_too_long_is_asked_for_once(opened: Open, project: PostgrestSandbox) -> None:
    project.load("deals", numbered(150), "id")
    reader = opened("rest", limits={"timeout_s": 0.5, "give_up_after_s": 20})
    stream = replace(reader.stream("deals"), mode="full")
    project.requests.clear()
    project.misbehave(Fault("slow", "deals", delay_s=1.0))
    assert len(read(reader.connector, stream).rows) == 150
    assert sum(request.method == "HEAD" for request in project.requests) == 1
    assert "waiting" not in reader.codes()


@pytest.mark.servers
def test_a_table_without_a_key_that_became_shorter_ends(opened: Open, project: PostgrestSandbox) -> None:
    project.load("loose", numbered(300), None, stamped=False)
    reader = opened("rest", limits={"batch_records": 100})
    stream = reader.stream("loose")
    first = read(reader.connector, stream, stop_after=2)
    assert first.cursor
    assert first.cursor["offset"] == 200
    project.store.execute("DELETE FROM loose WHERE id > 5")
    assert read(reader.connector, stream, first.cursor).rows == []
    project.drop_stream("loose")


@pytest.mark.servers
@pytest.mark.parametrize("name", ["changed.at", "order", 'changed "at", (UTC)', "changed:at", "Geändert am"])
def test_a_cursor_field_may_have_any_name(opened: Open, project: PostgrestSandbox, name: str) -> None:
    old = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    moments = pa.array([old, old + dt.timedelta(days=1)], pa.timestamp("us", "UTC"))
    project.load("odd", pa.table({"id": [1, 2], name: moments}), "id", stamped=False)
    reader = opened("rest", cursor_fields={"odd": name})
    stream = reader.stream("odd")
    assert stream.cursor_field == name
    first = read(reader.connector, stream)
    assert first.ids() == ["1", "2"]
    project.upsert("odd", [{"id": 3, name: "2026-03-01T00:00:00Z"}])
    assert read(reader.connector, stream, first.cursor).ids() == ["3"]
    project.drop_stream("odd")
