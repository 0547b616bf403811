"""What goes wrong at the source becomes the named error, in bounded time, and nothing secret is told."""

import datetime as dt
import email.utils
import logging
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.errors import (
    AddressRefused,
    ConfigInvalid,
    ConnectorError,
    CredentialsExpired,
    PermissionMissing,
    RateLimited,
    SourceUnavailable,
    StreamForbidden,
    StreamGone,
    StreamMisbehaves,
    Timeout,
)
from connectors.outbound.policy import Outbound
from connectors.protocol import Swept
from connectors.registry import connector_for
from connectors.sandbox.faults import Fault
from connectors.sandbox.postgrest.sandbox import PostgrestSandbox, Way
from connectors.supabase.config import SupabaseConfig
from connectors.supabase.connector import SupabaseConnector
from tests.connectors.supabase.project import WAYS, Open, numbered, read

pytestmark = pytest.mark.servers
IMPATIENT = {"give_up_after_s": 0.2, "batch_records": 100}


@pytest.fixture(autouse=True)
def _loaded(project: PostgrestSandbox) -> None:
    project.load("deals", numbered(450), "id")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault("unauthorized", "deals", times=99), CredentialsExpired),
        (Fault("unauthorized", "deals", after=2, times=99), CredentialsExpired),
        (Fault("forbidden", "deals", after=2, times=99), StreamForbidden),
        (Fault("rate_limited", "deals", after=2, times=99, retry_after="30"), RateLimited),
        (Fault("server_error", "deals", after=2, times=99), SourceUnavailable),
        (Fault("cut_body", "deals", after=2, times=99), SourceUnavailable),
        (Fault("repeat_page", "deals", after=3, times=99), StreamMisbehaves),
    ],
)
def test_each_fault_has_its_error_and_the_read_goes_on_later(
    opened: Open, project: PostgrestSandbox, fault: Fault, expected: type[ConnectorError]
) -> None:
    reader = opened("rest", limits=IMPATIENT)
    stream = replace(reader.stream("deals"), mode="full_with_deletes")
    project.misbehave(fault)
    began = time.monotonic()
    rows, cursor = [], None
    with pytest.raises(expected) as caught:
        for item in reader.connector.read(stream, None):
            cursor = item.cursor
            rows += item.arrow.read_all().to_pylist() if not isinstance(item, Swept) else []
    assert time.monotonic() - began < 4
    assert caught.value.hint
    assert project.key("service_role") not in f"{caught.value!r} {caught.value} {caught.value.detail}"
    project.behave()
    rest = read(opened("rest", limits=IMPATIENT).connector, stream, cursor)
    assert sorted([int(row["id"]) for row in rows] + [int(i or 0) for i in rest.ids()]) == list(range(1, 451))


@pytest.mark.parametrize("fault", ["server_error", "cut_body", "rate_limited"])
def test_a_passing_fault_is_waited_out(opened: Open, project: PostgrestSandbox, fault: str) -> None:
    reader = opened("rest")
    stream = reader.stream("deals")
    project.misbehave(Fault(fault, "deals", after=1, retry_after="1"))  # type: ignore[arg-type]
    assert len(read(reader.connector, stream).rows) == 450


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_kept_to_the_second(opened: Open, project: PostgrestSandbox, form: str) -> None:
    reader = opened("rest")
    stream = reader.stream("deals")
    at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)
    wait = "1" if form == "seconds" else email.utils.format_datetime(at, usegmt=True)
    project.misbehave(Fault("rate_limited", "deals", retry_after=wait))
    project.requests.clear()
    read(reader.connector, stream)
    refused, again = project.requests[0].at, project.requests[1].at
    assert (1.0 if form == "seconds" else 0.9) <= again - refused <= 3.0


def test_a_slow_answer_is_a_timeout_in_bounded_time(opened: Open, project: PostgrestSandbox) -> None:
    reader = opened("rest", limits={"timeout_s": 0.5, "give_up_after_s": 0.1})
    stream = reader.stream("deals")
    project.misbehave(Fault("slow", "deals", delay_s=3, times=99))
    began = time.monotonic()
    with pytest.raises(Timeout):
        read(reader.connector, stream)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("way", WAYS)
def test_a_column_dropped_between_pages_is_told_and_the_rest_is_read(
    opened: Open, project: PostgrestSandbox, way: Way
) -> None:
    reader = opened(way, limits={"batch_records": 100})
    stream = reader.stream("deals")
    rows = []
    for number, item in enumerate(reader.connector.read(stream, None)):
        rows += item.arrow.read_all().to_pylist()
        if number == 0:
            project.drop_field("deals", "name")
    assert sorted(int(row["id"]) for row in rows) == list(range(1, 451))
    assert "name" not in rows[-1]
    assert "columns_gone" in reader.codes()


def test_a_count_that_nothing_explains_is_told(opened: Open, project: PostgrestSandbox) -> None:
    reader = opened("rest", limits={"batch_records": 1000})
    stream = replace(reader.stream("deals"), mode="full_with_deletes")
    hidden = "CREATE TABLE aside AS SELECT * FROM deals WHERE id > 300; DELETE FROM deals WHERE id > 300"
    back = "INSERT INTO deals SELECT * FROM aside; DROP TABLE aside"
    # Count, two pages, an empty page, count: records are away while the pages are read.
    project.misbehave(Fault("schema_change", "deals", after=2, change=lambda: project.store.execute(hidden)))
    project.misbehave(Fault("schema_change", "deals", after=4, change=lambda: project.store.execute(back)))
    assert len(read(reader.connector, stream).rows) == 300
    told = [note.message for note in reader.notes if note.code == "count_differs"]
    assert told == ["300 records were read, the source counts 450 (450 when reading began)."]


@pytest.mark.parametrize("way", WAYS)
def test_a_table_dropped_after_discovery_is_gone(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    reader = opened(way)
    stream = reader.stream("deals")
    project.drop_stream("deals")
    with pytest.raises(StreamGone):
        read(reader.connector, stream)


@pytest.mark.parametrize("way", WAYS)
def test_rights_taken_away_mid_way_forbid_the_stream(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    reader = opened(way, role="reader")
    stream = reader.stream("deals")
    project.forbid("deals", "reader" if way == "rest" else "db_reader")
    with pytest.raises(StreamForbidden if way == "rest" else StreamGone):
        read(reader.connector, stream)


def test_bad_configurations_are_refused_with_class_and_hint(project: PostgrestSandbox) -> None:
    rest, database = project.config("rest"), project.config("database")
    url = database["database_url"]
    other = PostgrestSandbox("postgresql://nobody@127.0.0.1:1/none", secret="another")
    cases = [
        (rest | {"key": other.key("service_role")}, CredentialsExpired),
        (rest | {"key": project.key("reader", expires_in_s=-60)}, CredentialsExpired),
        (rest | {"url": project.url + "/nothing"}, ConfigInvalid),
        (rest | {"db_schema": "hidden"}, ConfigInvalid),
        (rest | {"tables": ["absent"]}, ConfigInvalid),
        (rest | {"cursor_fields": {"deals": "name"}}, ConfigInvalid),
        (database | {"db_schema": "hidden"}, ConfigInvalid),
        (database | {"database_url": url.replace("_db_reader:", "_db_reader:x")}, CredentialsExpired),
        (database | {"database_url": f"{url}_absent"}, ConfigInvalid),
        (database | {"database_url": "mysql://u:p@h/d"}, ConfigInvalid),
        ({"url": rest["url"]}, ConfigInvalid),
        ({}, ConfigInvalid),
    ]
    for config, expected in cases:
        with pytest.raises(expected) as caught:
            _checked(config, project)
        told = f"{caught.value!r} {caught.value} {caught.value.detail} {caught.value.__context__!r}"
        assert caught.value.hint, config
        assert config.get("key", "no key") not in told
        assert "x" + url.split(":")[2].split("@")[0] not in told


def _checked(config: dict[str, object], project: PostgrestSandbox) -> None:
    try:
        settings = SupabaseConfig.model_validate({**config, "limits": {"give_up_after_s": 0.2, "timeout_s": 3}})
    except ValueError:
        raise ConfigInvalid("refused by the model", hint="as the registry says") from None
    connector = SupabaseConnector(settings, Outbound(project.addresses()))
    try:
        connector.check()
    finally:
        connector.close()


@pytest.mark.parametrize("way", WAYS)
def test_an_internal_address_is_refused_unless_allowed(project: PostgrestSandbox, way: Way) -> None:
    connector = SupabaseConnector(SupabaseConfig.model_validate(project.config(way)))
    project.requests.clear()
    with pytest.raises(AddressRefused):
        connector.check()
    assert project.requests == []
    connector.close()


@pytest.mark.parametrize("way", WAYS)
def test_no_secret_is_shown_or_logged(
    opened: Open, project: PostgrestSandbox, way: Way, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    reader = opened(way)
    reader.connector.check()
    read(reader.connector, reader.stream("deals"))
    reader.connector.grants()
    shown = f"{caplog.text} {reader.connector!r} {reader.connector.config!r} {reader.notes!r}"
    secrets = [project.key("service_role"), project.database_url().split(":")[2].split("@")[0]]
    assert all(secret not in shown for secret in secrets)


@pytest.fixture
def silent() -> Iterator[int]:
    """A port where connections are taken and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("way", WAYS)
def test_a_silent_server_is_a_timeout(silent: int, way: Way) -> None:
    config = {"url": f"http://127.0.0.1:{silent}", "key": "a.b.c"}
    if way == "database":
        config = {"database_url": f"postgresql://u:p@127.0.0.1:{silent}/d"}
    settings = SupabaseConfig.model_validate({**config, "limits": {"timeout_s": 1, "give_up_after_s": 0}})
    connector = SupabaseConnector(settings, Outbound((f"127.0.0.1:{silent}",)))
    began = time.monotonic()
    with pytest.raises(Timeout):
        connector.check()
    assert time.monotonic() - began < 6
    connector.close()


def test_a_stuck_statement_is_cut_off(opened: Open, project: PostgrestSandbox) -> None:
    project.store.execute("CREATE OR REPLACE VIEW endless AS SELECT 1 AS id, pg_sleep(30)::text AS x")
    project.store.grant("endless")
    reader = opened("database", limits={"timeout_s": 1, "give_up_after_s": 0})
    stream = reader.stream("endless")
    began = time.monotonic()
    with pytest.raises(Timeout):
        read(reader.connector, stream)
    assert time.monotonic() - began < 4
    project.store.execute("DROP VIEW endless")


@pytest.mark.parametrize("way", WAYS)
def test_streams_are_read_by_several_threads_at_once(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    for name in ("one", "two", "three"):
        project.load(name, numbered(300), "id")
    reader = opened(way, limits={"batch_records": 50})
    streams = [reader.stream(name) for name in ("one", "two", "three")]
    found: dict[str, int] = {}

    def work(index: int) -> None:
        found[streams[index].name] = len(set(read(reader.connector, streams[index]).ids()))

    threads = [threading.Thread(target=work, args=(index,)) for index in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == {"one": 300, "two": 300, "three": 300}


@pytest.mark.parametrize("way", WAYS)
def test_large_records_shrink_the_page(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    project.store.execute(
        "DROP TABLE IF EXISTS large; CREATE TABLE large (id int PRIMARY KEY, body text); "
        "INSERT INTO large SELECT n, repeat('x', 5000000) FROM generate_series(1, 30) n"
    )
    project.store.grant("large")
    reader = opened(way)
    sizes = [
        (item.arrow.read_all().num_rows, item)
        for item in reader.connector.read(reader.stream("large"), None)
        if not isinstance(item, Swept)
    ]
    assert sum(size for size, _ in sizes) == 30
    assert max(size for size, _ in sizes) <= 16, "a batch holds at most a page of 64 MiB"
    project.drop_stream("large")


def test_a_thousand_columns_are_read(opened: Open, project: PostgrestSandbox) -> None:
    columns = ", ".join(f"c{n} text DEFAULT 'v{n}'" for n in range(1000))
    project.store.execute(
        f"CREATE TABLE wide (id int PRIMARY KEY, {columns}); INSERT INTO wide SELECT 1; INSERT INTO wide SELECT 2"
    )
    project.store.grant("wide")
    found = []
    for way in WAYS:
        reader = opened(way)
        found.append(read(reader.connector, reader.stream("wide")).rows)
    assert found[0] == found[1]
    assert len(found[0][0]) == 1001
    project.drop_stream("wide")


def test_permission_missing_is_about_the_whole_source(opened: Open, project: PostgrestSandbox) -> None:
    project.misbehave(Fault("forbidden", times=9))
    with pytest.raises(PermissionMissing):
        opened("rest").connector.check()


def test_the_registry_knows_the_kind(project: PostgrestSandbox) -> None:
    connector = connector_for("supabase", project.config("both"), Outbound(project.addresses()))
    connector.check()
    connector.close()
