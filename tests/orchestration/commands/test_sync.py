"""Waiting for syncs and what they publish; a stand-in executes them, telling the control plane what real runs tell."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from orchestration.commands.access import Access
from orchestration.commands.errors import CommandFailed
from orchestration.commands.output import Output, to_json
from orchestration.commands.sync_progress import SyncProgress
from orchestration.commands.sync_report import describe_syncs, show_syncs
from orchestration.commands.sync_wait import SyncWait
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.tenants import TenantRecord

pytestmark = pytest.mark.servers
TIMEOUT_S = 30
COUNTS = {"read": 10, "loaded": 7, "rejected": 2, "unchanged": 1, "deleted": 0}


@pytest.fixture
def tenant(access: Access) -> TenantRecord:
    with access.control_plane.operator_session() as session:
        return session.create_tenant(f"T {uuid4().hex[:8]}", f"{uuid4().hex[:8]}@t.example", "hash")


@pytest.fixture
def connection(access: Access, tenant: TenantRecord) -> ConnectionRecord:
    with access.control_plane.tenant_session(tenant.id) as session:
        return session.connections.create("crm", "files", {"path": "/nowhere"})


@pytest.fixture
def wait(access: Access) -> SyncWait:
    return SyncWait(access.control_plane, access.settings.redis_url)


@pytest.fixture
def background() -> Iterator[Callable[[Callable[[], None]], None]]:
    """Runs things beside the test; they are over, without an error, when it ends."""
    with ThreadPoolExecutor() as pool:
        started: list[Future[None]] = []
        yield lambda work: started.append(pool.submit(work))
        for work in started:
            work.result(TIMEOUT_S)


def execute(access: Access, tenant_id: UUID, run_id: UUID, counts: dict[str, int]) -> None:
    """What a run of `sync_connection` does to the control plane."""
    with access.control_plane.tenant_session(tenant_id) as session:
        session.sync_runs.start(run_id, "dagster-run")
    with access.control_plane.tenant_session(tenant_id) as session:
        session.sync_runs.record_stream(run_id, "deals", counts)
        session.tenants.mark_stale()
        session.sync_runs.finish(run_id, 7)


def refresh(access: Access, tenant_id: UUID, error: str | None = None, retryable: bool = False) -> None:
    """What a run of `refresh_views` does to the control plane."""
    with access.control_plane.tenant_session(tenant_id) as session:
        asked = session.refreshes.request()
        session.refreshes.start(asked.id, "dagster-run")
    with access.control_plane.tenant_session(tenant_id) as session:
        if error is not None:
            session.refreshes.fail(asked.id, "boom", error, "Look at the log.", retryable=retryable)
        else:
            session.publications.publish(7, "/nowhere/7.ducklake", {"opportunities": {"rows": 7}})
            session.refreshes.finish(asked.id)


def test_a_sync_ends_published_with_its_counts(
    access: Access,
    tenant: TenantRecord,
    connection: ConnectionRecord,
    wait: SyncWait,
    background: Callable[[Callable[[], None]], None],
) -> None:
    wait.request(tenant.id, [connection])
    (sync,) = wait.syncs
    background(lambda: execute(access, tenant.id, sync.run.id, COUNTS))
    wait.until_synced(TIMEOUT_S, lambda syncs: None)
    assert not sync.is_published
    background(lambda: refresh(access, tenant.id))
    wait.until_published(TIMEOUT_S, lambda syncs: None)
    document = describe_syncs(access.control_plane, tenant, wait.syncs)
    assert document["ok"] is True
    (described,) = document["syncs"]
    assert {name: described[name] for name in COUNTS} == COUNTS
    assert described["streams"]["deals"]["balances"] is True
    assert document["published"]["views"] == {"opportunities": {"rows": 7}}
    assert json.loads(to_json(document))["tenant"] == tenant.name
    assert show_syncs(document)


def test_the_full_sync_behind_a_sample_is_waited_for_and_both_are_shown(
    access: Access, tenant: TenantRecord, wait: SyncWait, background: Callable[[Callable[[], None]], None]
) -> None:
    with access.control_plane.tenant_session(tenant.id) as session:
        crm = session.connections.create("crm", "mongodb", {})
    wait.request(tenant.id, [crm])
    sample = wait.syncs[0].run.id
    execute(access, tenant.id, sample, {"read": 20, "loaded": 20})

    def full() -> None:
        with access.control_plane.tenant_session(tenant.id) as session:
            (asked,) = [run.id for run in session.sync_runs.list(crm.id) if not run.is_finished]
        execute(access, tenant.id, asked, COUNTS)

    background(full)
    wait.until_synced(TIMEOUT_S, lambda syncs: None)
    assert [sync.follows for sync in wait.syncs] == [None, sample]
    document = describe_syncs(access.control_plane, tenant, wait.syncs)
    first, second = document["syncs"]
    assert (first["is_sample"], first["read"], second["is_sample"], second["read"]) == (True, 20, False, 10)
    assert (second["follows_sample"], first["safe_mode_lifted_by"], first["next"]) == (sample, "policy", None)
    assert document["ok"] is True
    shown = [part for part in show_syncs(document) if isinstance(part, str)]
    assert any("sample of 20 records, Safe Mode lifted by policy, then the full sync" in part for part in shown)


def test_a_held_connection_says_what_to_do_next(access: Access, tenant: TenantRecord, wait: SyncWait) -> None:
    with access.control_plane.tenant_session(tenant.id) as session:
        crm = session.connections.create("crm", "mongodb", {}, risk_level="high")
    wait.request(tenant.id, [crm])
    execute(access, tenant.id, wait.syncs[0].run.id, {"read": 20, "loaded": 20})
    wait.until_synced(TIMEOUT_S, lambda syncs: None)
    (only,) = describe_syncs(access.control_plane, tenant, wait.syncs)["syncs"]
    assert only["next"] == f"autonomos connections lift --tenant {tenant.name!r} --connection 'crm'"
    document = describe_syncs(access.control_plane, tenant, wait.syncs)
    assert any("Safe Mode waits for a person" in part for part in show_syncs(document) if isinstance(part, str))


def test_it_does_not_take_an_older_publication_for_the_one_that_carries_it(
    access: Access, tenant: TenantRecord, connection: ConnectionRecord, wait: SyncWait
) -> None:
    refresh(access, tenant.id)
    wait.request(tenant.id, [connection])
    execute(access, tenant.id, wait.syncs[0].run.id, COUNTS)
    wait.until_synced(TIMEOUT_S, lambda syncs: None)
    with pytest.raises(CommandFailed, match="not published"):
        wait.until_published(0.5, lambda syncs: None)


def test_a_sync_that_changed_nothing_waits_for_nothing(
    access: Access, tenant: TenantRecord, connection: ConnectionRecord, wait: SyncWait
) -> None:
    wait.request(tenant.id, [connection])
    run_id = wait.syncs[0].run.id
    with access.control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.start(run_id, "dagster-run")
        session.sync_runs.record_stream(run_id, "deals", {"read": 5, "unchanged": 5})
        session.sync_runs.finish(run_id, 7)
    wait.until_synced(TIMEOUT_S, lambda syncs: None)
    wait.until_published(TIMEOUT_S, lambda syncs: None)
    assert wait.syncs[0].is_published


def test_a_failed_sync_is_reported_with_what_to_do(
    access: Access, tenant: TenantRecord, connection: ConnectionRecord, wait: SyncWait
) -> None:
    wait.request(tenant.id, [connection])
    with access.control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.fail(
            wait.syncs[0].run.id, "stream_gone", "The file is gone.", "Put it back.", retryable=False
        )
    wait.until_synced(TIMEOUT_S, lambda syncs: None)
    document = describe_syncs(access.control_plane, tenant, wait.syncs)
    assert document["ok"] is False
    assert document["syncs"][0]["error"]["hint"] == "Put it back."
    assert any("The file is gone. Put it back." in part for part in show_syncs(document) if isinstance(part, str))


def test_counts_that_do_not_balance_are_not_ok(
    access: Access, tenant: TenantRecord, connection: ConnectionRecord, wait: SyncWait
) -> None:
    wait.request(tenant.id, [connection])
    execute(access, tenant.id, wait.syncs[0].run.id, {**COUNTS, "loaded": 6})
    wait.until_synced(TIMEOUT_S, lambda syncs: None)
    document = describe_syncs(access.control_plane, tenant, wait.syncs)
    assert (document["ok"], document["syncs"][0]["balances"]) == (False, False)


def test_views_that_cannot_be_rebuilt_end_the_waiting(
    access: Access, tenant: TenantRecord, connection: ConnectionRecord, wait: SyncWait
) -> None:
    refresh(access, tenant.id, error="an older failure")
    wait.request(tenant.id, [connection])
    execute(access, tenant.id, wait.syncs[0].run.id, COUNTS)
    wait.until_synced(TIMEOUT_S, lambda syncs: None)
    with pytest.raises(CommandFailed, match="not published"):
        wait.until_published(0.5, lambda syncs: None)
    refresh(access, tenant.id, error="no space is left")
    with pytest.raises(CommandFailed, match="no space is left"):
        wait.until_published(TIMEOUT_S, lambda syncs: None)


def test_a_rebuild_that_failed_for_a_moment_is_waited_for(
    access: Access,
    tenant: TenantRecord,
    connection: ConnectionRecord,
    wait: SyncWait,
    background: Callable[[Callable[[], None]], None],
) -> None:
    wait.request(tenant.id, [connection])
    execute(access, tenant.id, wait.syncs[0].run.id, COUNTS)
    wait.until_synced(TIMEOUT_S, lambda syncs: None)
    refresh(access, tenant.id, error="Postgres was restarted", retryable=True)
    background(lambda: refresh(access, tenant.id))
    wait.until_published(TIMEOUT_S, lambda syncs: None)
    assert wait.syncs[0].is_published


def test_syncs_that_take_too_long_are_left_to_themselves(
    tenant: TenantRecord, connection: ConnectionRecord, wait: SyncWait
) -> None:
    wait.request(tenant.id, [connection])
    began = time.monotonic()
    with pytest.raises(CommandFailed, match="not done after 0 s"):
        wait.until_synced(0.3, lambda syncs: None)
    assert time.monotonic() - began < TIMEOUT_S


def test_a_request_is_made_although_redis_is_away(
    access: Access, tenant: TenantRecord, connection: ConnectionRecord
) -> None:
    wait = SyncWait(access.control_plane, "redis://127.0.0.1:1/0")
    wait.request(tenant.id, [connection])
    assert wait.syncs[0].run.status == "requested"


def test_progress_says_each_change_once_where_there_is_no_terminal(
    access: Access,
    tenant: TenantRecord,
    connection: ConnectionRecord,
    wait: SyncWait,
    capsys: pytest.CaptureFixture[str],
) -> None:
    wait.request(tenant.id, [connection])
    with SyncProgress(Output(as_json=False)) as progress:
        progress.update(wait.syncs)
        progress.update(wait.syncs)
        execute(access, tenant.id, wait.syncs[0].run.id, COUNTS)
        wait.until_synced(TIMEOUT_S, progress.update)
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "crm: requested (0 rows, 0.0 MB landed)",
        "crm: synced, views not yet published (10 rows, 0.0 MB landed)",
    ]
    with SyncProgress(Output(as_json=True)) as progress:
        progress.update(wait.syncs)
    assert capsys.readouterr().err == ""
