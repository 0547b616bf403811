"""Tasks over HTTP: asked for, followed, canceled, retried, chained, and told of to whom they concern."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import redis

from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.database import ControlPlane
from orchestration.resources.events import Events, events_stream
from orchestration.resources.nudges import NUDGES
from orchestration.task_sweep import STOP_AGAIN_AFTER_S, Stopper, advance_tasks
from tests.api.serving import ServedApi, ServedTenant

pytestmark = pytest.mark.servers
TASKS = "/api/v1/aoa/tasks"
STATE, RESET, SECRET = "/api/v1/aoa/state", "/api/v1/aoa/reset", "/api/v1/aoa/callback-secret"


@pytest.fixture
def tenant(shared_api: ServedApi) -> ServedTenant:
    return shared_api.new_tenant()


@pytest.fixture
def admin(tenant: ServedTenant) -> httpx.Client:
    return tenant.client("admin")


@pytest.fixture
def plane(shared_api: ServedApi) -> Iterator[ControlPlane]:
    """The control plane of the test, which tells of what it commits as the dispatcher's does."""
    with redis.Redis.from_url(shared_api.settings.redis_url) as client:
        shared_api.control_plane.on_commit = Events(client).heard
        yield shared_api.control_plane
        shared_api.control_plane.on_commit = None


def connect(tenant: ServedTenant, name: str = "crm") -> ConnectionRecord:
    with tenant.session() as session:
        return session.connections.create(name, "files", {"path": "/crm"})


def requested(client: httpx.Client, **wish: Any) -> dict[str, Any]:
    answer = client.post(TASKS, json=wish)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"{TASKS}/{answer.json()['id']}"
    return answer.json()


def shown(client: httpx.Client, task: dict[str, Any]) -> dict[str, Any]:
    answer = client.get(f"{TASKS}/{task['id']}")
    assert answer.status_code == 200
    return answer.json()


def run_of(client: httpx.Client, task: dict[str, Any]) -> UUID:
    (run,) = shown(client, task)["runs"]
    return UUID(run["id"])


def started(plane: ControlPlane, tenant: ServedTenant, sync_run_id: UUID, dagster_run_id: str = "") -> str:
    """A sync as it is once the dispatcher and a worker had it."""
    with plane.operator_session() as operator:
        operator.claim_syncs(1000)
    with plane.tenant_session(tenant.id) as session:
        session.sync_runs.start(sync_run_id, dagster_run_id or str(sync_run_id))
    return dagster_run_id or str(sync_run_id)


def finished(plane: ControlPlane, tenant: ServedTenant, sync_run_id: UUID) -> None:
    started(plane, tenant, sync_run_id)
    with plane.tenant_session(tenant.id) as session:
        session.sync_runs.record_stream(sync_run_id, "people", {"read": 5, "loaded": 4, "rejected": 1})
        session.sync_runs.finish(sync_run_id, 1)
    advance_tasks(plane)


def events(shared_api: ServedApi, tenant: ServedTenant) -> list[str]:
    with redis.Redis.from_url(shared_api.settings.redis_url) as client:
        return [entry[b"kind"].decode() for _, entry in client.xrange(events_stream(tenant.id))]


def test_a_task_is_written_down_heard_and_followed_to_its_end(
    shared_api: ServedApi, tenant: ServedTenant, admin: httpx.Client, plane: ControlPlane
) -> None:
    connection = connect(tenant)
    task = requested(admin, kind="sync", connection_id=str(connection.id))
    assert (task["status"], task["requested_by"]) == ("requested", f"admin@{tenant.name}.example")
    with redis.Redis.from_url(shared_api.settings.redis_url) as client:
        assert str(tenant.id).encode() in client.lrange(NUDGES, 0, -1)
    run = run_of(admin, task)
    with plane.tenant_session(tenant.id) as session:
        assert session.sync_runs.get(run).trace_id == task["trace_id"]
    started(plane, tenant, run)
    advance_tasks(plane)
    assert shown(admin, task)["status"] == "running"
    with plane.tenant_session(tenant.id) as session:
        session.sync_runs.record_stream(run, "people", {"read": 5, "loaded": 4, "rejected": 1})
        session.sync_notes.add(run, "stream_read", "5 records read.", "people")
        session.sync_runs.finish(run, 1)
    assert advance_tasks(plane) == 1
    assert advance_tasks(plane) == 0
    ended = shown(admin, task)
    assert (ended["status"], ended["progress"]["loaded"], ended["progress"]["runs_done"]) == ("succeeded", 4, 1)
    assert ended["started_at"] and ended["finished_at"]
    log = admin.get(f"{TASKS}/{task['id']}/logs").json()["items"]
    assert [(line["source"], line["code"]) for line in log] == [
        ("task", "requested"), ("task", "started"), ("sync", "stream_read"), ("task", "succeeded"),
    ]  # fmt: skip
    told = [kind for kind in events(shared_api, tenant) if kind.startswith("task.")]
    assert told == ["task.requested", "task.started", "task.succeeded"]


def test_the_log_and_the_list_go_on_page_by_page(tenant: ServedTenant, admin: httpx.Client) -> None:
    connection = connect(tenant)
    made = [requested(admin, kind="sync", connection_id=str(connection.id))["id"] for _ in range(5)]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = admin.get(TASKS, params={"limit": 2, **cursor}).json()
        seen += [task["id"] for task in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == list(reversed(made))
    for _ in range(2):
        admin.post(f"{TASKS}/{made[0]}/cancel")
    first = admin.get(f"{TASKS}/{made[0]}/logs", params={"limit": 1}).json()
    rest = admin.get(f"{TASKS}/{made[0]}/logs", params={"cursor": first["next_cursor"]}).json()
    assert [line["code"] for line in (*first["items"], *rest["items"])] == ["requested", "cancel_requested", "canceled"]
    assert admin.get(TASKS, params={"status": "canceled"}).json()["items"][0]["id"] == made[0]
    assert admin.get(TASKS, params={"kind": "rebuild"}).json()["items"] == []
    for bad in ("x", "WzFd", "WyJ4IiwieSJd", "W251bGwsbnVsbF0"):
        assert admin.get(TASKS, params={"cursor": bad}).status_code == 422
        assert admin.get(f"{TASKS}/{made[0]}/logs", params={"cursor": bad}).status_code == 422


def test_who_asks_for_what_waits_joins_it_and_cancels_only_for_themselves(
    tenant: ServedTenant, admin: httpx.Client
) -> None:
    connection = connect(tenant)
    first = requested(admin, kind="sync", connection_id=str(connection.id))
    second = requested(admin, kind="sync_all")
    assert run_of(admin, first) == run_of(admin, second)
    assert [shown(admin, task)["runs"][0]["joined"] for task in (first, second)] == [False, True]
    # The second goes, and the run stays; it goes with the first one, which nobody shares any more.
    assert admin.post(f"{TASKS}/{second['id']}/cancel").json()["status"] == "canceled"
    assert shown(admin, first)["runs"][0]["status"] == "requested"
    assert admin.post(f"{TASKS}/{first['id']}/cancel").json()["status"] == "canceled"
    assert shown(admin, first)["runs"][0]["status"] == "canceled"
    assert admin.post(f"{TASKS}/{first['id']}/cancel").status_code == 409


def test_what_another_task_wants_goes_on_when_its_first_task_is_canceled(
    tenant: ServedTenant, admin: httpx.Client, plane: ControlPlane
) -> None:
    connection = connect(tenant)
    first = requested(admin, kind="sync", connection_id=str(connection.id))
    second = requested(admin, kind="sync", connection_id=str(connection.id))
    assert admin.post(f"{TASKS}/{first['id']}/cancel").json()["status"] == "canceled"
    finished(plane, tenant, run_of(admin, second))
    assert shown(admin, second)["status"] == "succeeded"


def test_a_running_task_that_is_canceled_has_its_run_stopped_and_ends_with_it(
    tenant: ServedTenant, admin: httpx.Client, plane: ControlPlane
) -> None:
    connection = connect(tenant)
    task = requested(admin, kind="sync", connection_id=str(connection.id))
    dagster_run = started(plane, tenant, run_of(admin, task))
    advance_tasks(plane)
    assert admin.post(f"{TASKS}/{task['id']}/cancel").json()["status"] == "canceling"
    clock, asked = [0.0], list[str]()
    stopper = Stopper(plane, asked.append, lambda: clock[0])
    stopper.look()
    stopper.look()
    assert asked.count(dagster_run) == 1
    clock[0] = STOP_AGAIN_AFTER_S + 1
    stopper.look()
    assert asked.count(dagster_run) == 2
    with plane.operator_session() as operator:
        operator.sync_finished(dagster_run, "canceled")
    advance_tasks(plane)
    assert shown(admin, task)["status"] == "canceled"
    again = admin.post(f"{TASKS}/{task['id']}/retry")
    assert (again.status_code, again.json()["retry_of"]) == (202, task["id"])
    assert again.json()["status"] == "requested"


def test_the_next_step_begins_when_the_one_before_has_succeeded_and_not_otherwise(
    tenant: ServedTenant, admin: httpx.Client, plane: ControlPlane
) -> None:
    crm, gone = connect(tenant), connect(tenant, "erp")
    chain = [{"kind": "replay", "connection_id": str(crm.id)}, {"kind": "sync", "connection_id": str(gone.id)}]
    first = requested(admin, kind="sync", connection_id=str(crm.id), chain=chain)
    assert shown(admin, first)["follow_up_id"] is None
    finished(plane, tenant, run_of(admin, first))
    second = admin.get(f"{TASKS}/{shown(admin, first)['follow_up_id']}").json()
    assert (second["kind"], second["parent_task_id"], len(second["chain"])) == ("replay", first["id"], 1)
    assert second["trace_id"] == first["trace_id"]
    with tenant.session() as session:
        session.connections.delete(gone.id)
    finished(plane, tenant, run_of(admin, second))
    third = admin.get(f"{TASKS}/{shown(admin, second)['follow_up_id']}").json()
    assert (third["status"], third["error"]["code"], third["runs"]) == ("failed", "NotFound", [])
    failing = requested(admin, kind="sync", connection_id=str(crm.id), chain=[{"kind": "refresh_views"}])
    run = run_of(admin, failing)
    started(plane, tenant, run)
    with tenant.session() as session:
        session.sync_runs.fail(run, "source_unavailable", "The source does not answer.", "Try later.")
    advance_tasks(plane)
    ended = shown(admin, failing)
    assert (ended["status"], ended["follow_up_id"]) == ("failed", None)
    assert ended["error"] == {
        "code": "source_unavailable", "message": "The source does not answer.", "hint": "Try later.",
    }  # fmt: skip


def test_two_rebuilds_at_once_are_one_too_many(tenant: ServedTenant, admin: httpx.Client, plane: ControlPlane) -> None:
    assert admin.post(RESET, json={"confirm": "somebody else"}).status_code == 422
    assert tenant.client("approver").post(RESET, json={"confirm": tenant.name}).status_code == 403
    first = admin.post(RESET, json={"confirm": tenant.name})
    assert (first.status_code, first.json()["kind"]) == (202, "rebuild")
    second = admin.post(RESET, json={"confirm": tenant.name})
    assert (second.status_code, second.json()["type"]) == (409, "/problems/conflict")
    assert admin.get(STATE).json()["rebuilding"] is True
    admin.post(f"{TASKS}/{first.json()['id']}/cancel")
    assert tenant.client("approver").post(f"{TASKS}/{first.json()['id']}/retry").status_code == 403
    assert admin.post(f"{TASKS}/{first.json()['id']}/retry").status_code == 202


def test_the_state_tells_what_runs_what_is_published_and_how_connections_do(
    tenant: ServedTenant, admin: httpx.Client
) -> None:
    empty = admin.get(STATE).json()
    assert (empty["publication"], empty["running"], empty["connections_total"]) == (None, [], 0)
    connection = connect(tenant)
    requested(admin, kind="sync", connection_id=str(connection.id))
    with tenant.session() as session:
        session.publications.publish(3, "/secret/path", {"accounts": {"rows": 7, "joined": 1, "sources": {}}})
        session.tenants.mark_stale()
    found = tenant.client("viewer").get(STATE)
    state = found.json()
    assert (state["publication"]["snapshot_id"], state["publication"]["rows"]) == (3, {"accounts": 7})
    assert [run["kind"] for run in state["running"]] == ["sync"] and state["stale_since"]
    assert [(one["name"], one["status"]) for one in state["connections"]] == [("crm", "active")]
    assert "/secret/path" not in found.text


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "sync"},
        {"kind": "sync_all", "connection_id": "here"},
        {"kind": "rebuild"},
        {"kind": "refresh_views", "chain": [{"kind": "sync"}]},
        {"kind": "refresh_views", "chain": [{"kind": "refresh_views"}] * 11},
        {"kind": "refresh_views", "callback_url": "ftp://a.example/x"},
        {"kind": "refresh_views", "callback_url": "https://ann:secret@a.example/x"},
        {"kind": "refresh_views", "callback_url": "https://[::1/x"},
        {"kind": "refresh_views", "callback_url": "https://a.example:99999999/"},
        {"kind": "refresh_views", "callback_url": "https://a.example/\x00"},
        {"kind": "refresh_views", "more": 1},
    ],
    ids=range(11),
)
def test_a_wish_that_makes_no_sense_is_refused(tenant: ServedTenant, admin: httpx.Client, wish: dict[str, Any]) -> None:
    if wish.get("connection_id"):
        wish = {**wish, "connection_id": str(connect(tenant).id)}
    answer = admin.post(TASKS, content=json.dumps(wish), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert admin.get(TASKS).json()["items"] == []


def test_other_tenants_and_unknown_things_are_not_there(shared_api: ServedApi, admin: httpx.Client) -> None:
    other = shared_api.new_tenant()
    theirs = connect(other)
    task = requested(other.client("admin"), kind="sync", connection_id=str(theirs.id))["id"]
    bodies = set()
    for each in (task, str(uuid4()), "no-id"):
        for method, path in (
            ("GET", ""), ("POST", "/cancel"), ("POST", "/retry"), ("GET", "/logs"), ("GET", "/callbacks"),
        ):  # fmt: skip
            answer = admin.request(method, f"{TASKS}/{each}{path}")
            assert answer.status_code == 404
            bodies.add(answer.content)
    for each in (str(theirs.id), str(uuid4()), "no-id"):
        for wish in (
            {"kind": "sync", "connection_id": each},
            {"kind": "refresh_views", "chain": [{"kind": "replay", "connection_id": each}]},
        ):
            answer = admin.post(TASKS, json=wish)
            assert answer.status_code == 404
            bodies.add(answer.content)
    assert len(bodies) == 1


def test_who_may_not_change_things_may_look(tenant: ServedTenant, admin: httpx.Client) -> None:
    task = requested(admin, kind="refresh_views")
    viewer = tenant.client("viewer")
    assert viewer.get(f"{TASKS}/{task['id']}").status_code == 200
    for path, body in ((TASKS, {"kind": "refresh_views"}), (f"{TASKS}/{task['id']}/cancel", None), (SECRET, None)):
        assert viewer.post(path, json=body).status_code == 403
    run = UUID(shown(admin, task)["runs"][0]["id"])
    with tenant.session() as session:
        session.refreshes.start(run, "dagster-run-9")
    assert shown(admin, task)["runs"][0]["dagster_run_id"] is None
    assert shown(tenant.client("admin", operator=True), task)["runs"][0]["dagster_run_id"] == "dagster-run-9"


def test_a_callback_wants_a_secret_that_is_shown_once(tenant: ServedTenant, admin: httpx.Client) -> None:
    wish = {"kind": "refresh_views", "callback_url": "https://hooks.example/x?token=t0ken"}
    assert admin.get(SECRET).json()["exists"] is False
    assert admin.post(TASKS, json=wish).status_code == 409
    made = admin.post(SECRET)
    assert (made.status_code, made.json()["secret"][:6]) == (201, "whsec_")
    known = admin.get(SECRET)
    assert known.json()["version"] == 1 and "whsec_" not in known.text
    assert admin.post(SECRET).json()["version"] == 2
    task = requested(admin, **wish)
    assert task["has_callback"] is True and "t0ken" not in json.dumps(task)
    assert shown(admin, task)["callback_url"] == wish["callback_url"]
    assert shown(tenant.client("viewer"), task)["callback_url"] is None
    admin.post(f"{TASKS}/{task['id']}/cancel")
    (callback,) = admin.get(f"{TASKS}/{task['id']}/callbacks").json()["items"]
    assert (callback["status"], callback["payload"]["type"], callback["attempts"]) == ("pending", "task.canceled", [])
    assert datetime.fromisoformat(callback["due_at"]) <= datetime.now(UTC)
