"""Safe Mode as it is enforced, for every kind: a first sync of at most 20 records, and credentials that only read.

On a real lake and control plane. When Safe Mode is lifted is the control plane's matter and tested there.
"""

import ctypes
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from assets.extract.raw_tables import RAW_SCHEMA, raw_table
from assets.extract.state import load_states
from assets.extract.window import Source, SyncWindow
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.intent import Intent
from orchestration.resources.lake_session import LakeSession
from orchestration.resources.onboarding import Onboarding
from tests.assets.extract.scripted import Told
from tests.connectors.harnesses.files import FilesHarness
from tests.connectors.harnesses.harness import LOOPBACK, Harness, ServiceHarness
from tests.connectors.harnesses.reading import read_stream
from tests.lakes import lake, lake_catalog, location, session, tenant_id
from tests.orchestration.control_plane.databases import control_plane, database, migrated_template
from tests.orchestration.control_plane.tenant import Tenant, tenant

__all__ = [
    "control_plane",
    "database",
    "lake",
    "lake_catalog",
    "location",
    "migrated_template",
    "session",
    "tenant",
    "tenant_id",
]

pytestmark = pytest.mark.servers

SAMPLE = 20
_CLOSED_AFTER_WRITING, _MODIFIED, _CREATED, _DELETED, _MOVED, _ATTRIBUTES = 0x8, 0x2, 0x100, 0x200, 0xC0, 0x4
_NOT_BLOCKING = 0x800


def synced(session: LakeSession, connection_id: UUID, harness: Harness, *, is_sample: bool) -> dict[str, int]:
    """One sync; the counts of the harness's stream."""
    connector = harness.connector()
    counts = SyncWindow(session, connection_id, Source(connector), Told(), is_sample=is_sample).read()
    connector.close()
    return {name: int(value) for name, value in counts[harness.stream].as_json().items()}


def raw_keys(session: LakeSession, connection_id: UUID, harness: Harness) -> list[str]:
    table = f'lake.{RAW_SCHEMA}."{raw_table(connection_id, harness.stream)}"'
    rows = session.rows(f'SELECT "{harness.key}" FROM {table} WHERE NOT __deleted')
    return sorted(str(row[0]) for row in rows)


def test_a_sample_lands_twenty_records_and_the_sync_after_it_all_of_them_once(
    harness: Harness, session: LakeSession
) -> None:
    connection_id = uuid4()
    sample = synced(session, connection_id, harness, is_sample=True)
    landed = raw_keys(session, connection_id, harness)
    assert len(harness.held()) > SAMPLE
    assert 0 < len(landed) <= SAMPLE
    assert sample["landed"] == len(landed)
    assert [state.cursor for state in load_states(session, connection_id).values()] == [None]

    whole = synced(session, connection_id, harness, is_sample=False)
    assert raw_keys(session, connection_id, harness) == sorted(harness.held())
    assert whole["landed"] + whole["unchanged"] == whole["read"] == len(harness.held())
    assert whole["rejected"] == whole["deleted"] == 0


def test_a_sample_in_small_pages_is_no_larger(service: ServiceHarness, session: LakeSession) -> None:
    connection_id = uuid4()
    synced(session, connection_id, service, is_sample=True)
    assert len(raw_keys(session, connection_id, service)) <= SAMPLE
    again = synced(session, connection_id, service, is_sample=True)
    assert len(raw_keys(session, connection_id, service)) <= SAMPLE
    assert again["landed"] == 0


def test_what_may_be_written_is_named_and_a_reading_login_names_nothing(service: ServiceHarness) -> None:
    assert service.connector().grants().writes == ()
    writing = service.connector(service.writing_config()).grants()
    assert any(service.stream in entry for entry in writing.writes) or writing.writes
    assert writing.evidence


def test_a_writing_login_is_not_connected_where_only_reading_is_wanted(
    service: ServiceHarness, control_plane: ControlPlane, tenant: Tenant
) -> None:
    onboarding = Onboarding(control_plane, lambda: LOOPBACK)
    config = json_of(service.writing_config())
    refused = onboarding.connect(tenant.id, Intent(name="new", kind=service.kind, config=config), "user ann")
    assert refused.connection is None
    assert refused.refusal is not None
    assert (refused.refusal.status, refused.refusal.code) == ("awaiting_credentials", "writes_granted")
    said = f"{refused.refusal.reason} {refused.refusal.hint}"
    assert "--scopes accept-write" in said
    assert not [secret for secret in service.all_secrets() if secret in f"{said} {refused!r}"]

    accepted = onboarding.connect(
        tenant.id, Intent(name="new", kind=service.kind, config=config, scopes_mode="accept_write"), "user ann"
    )
    assert accepted.connection is not None
    assert accepted.connection.safe_mode


def test_a_reading_login_is_connected_in_safe_mode(
    service: ServiceHarness, control_plane: ControlPlane, tenant: Tenant
) -> None:
    intent = Intent(name="new", kind=service.kind, config=json_of(service.config()))
    outcome = Onboarding(control_plane, lambda: LOOPBACK).connect(tenant.id, intent, "user ann")
    assert outcome.refusal is None
    assert outcome.connection is not None
    assert outcome.connection.safe_mode


class Watch:
    """The kernel's word on whether anything in a folder was opened for writing, changed, made or removed."""

    def __init__(self, folder: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = libc.inotify_init1(_NOT_BLOCKING)
        kinds = _CLOSED_AFTER_WRITING | _MODIFIED | _CREATED | _DELETED | _MOVED | _ATTRIBUTES
        assert libc.inotify_add_watch(self._fd, os.fsencode(folder), kinds) >= 0

    def has_seen(self) -> bool:
        try:
            return bool(os.read(self._fd, 65_536))
        except BlockingIOError:
            return False

    def close(self) -> None:
        os.close(self._fd)


@pytest.fixture
def files(tmp_path: Path) -> Iterator[FilesHarness]:
    made = FilesHarness(tmp_path)
    made.start()
    made.typed()
    yield made
    made.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
def test_files_are_only_opened_for_reading(files: FilesHarness, session: LakeSession) -> None:
    folder = Path(files.config()["path"])
    watch = Watch(folder)
    connector = files.connector()
    connector.check()
    connector.pin()
    assert connector.grants().writes == ()
    for stream in connector.discover():
        read_stream(connector, stream)
    synced(session, uuid4(), files, is_sample=True)
    assert not watch.has_seen()
    with (folder / "deals_2026-01.csv").open("ab"):
        pass
    assert watch.has_seen()  # opening for writing alone would have been seen
    watch.close()


def json_of(config: dict[str, Any]) -> dict[str, Any]:
    """As a person would give it."""
    found: dict[str, Any] = json.loads(json.dumps(config))
    return found
