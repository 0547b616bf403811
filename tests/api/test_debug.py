"""What those who run the platform see; for everybody else there is nothing there."""

import pytest
import redis

from api.platform_queues import BROKER_QUEUE, batch_streams
from orchestration.resources.events import batches_stream
from orchestration.resources.settings import REPOSITORY
from tests.api.serving import ServedApi

pytestmark = pytest.mark.servers
DEBUG = "/api/v1/debug"
PATHS = ("health", "queues", "lag", "versions")


def test_an_operator_sees_dependencies_with_versions_and_latency(shared_api: ServedApi) -> None:
    found = shared_api.new_tenant().client("viewer", operator=True).get(f"{DEBUG}/health").json()["dependencies"]
    by_name = {dependency["name"]: dependency for dependency in found}
    assert by_name.keys() == {"database", "identity", "redis", "dagster"}
    assert by_name["database"]["problem"] is None and by_name["database"]["version"].startswith("18")
    assert by_name["redis"]["version"] and by_name["redis"]["latency_ms"] > 0
    assert by_name["dagster"]["problem"]  # none is served here


def test_an_operator_sees_what_waits_and_how_far_views_lag(shared_api: ServedApi) -> None:
    tenant = shared_api.new_tenant()
    with tenant.session() as session:
        connection = session.connections.create("crm", "files", {"path": "/x"})
        session.sync_runs.request(connection.id, "ann")
        session.tenants.mark_stale()
        session.notes_outbox.put("drift", "key", {})
    client = tenant.client("viewer", operator=True)
    found = client.get(f"{DEBUG}/queues").json()
    queues = {(queue["queue"], queue["state"]): queue for queue in found["queues"]}
    assert queues["sync", "requested"]["count"] >= 1
    assert queues["sync", "requested"]["oldest_age_s"] >= 0
    assert queues["note", "waiting"]["count"] >= 1
    assert (found["broker"], found["batches"]["complete"]) == (0, True)
    lag = {row["queue"]: row for row in client.get(f"{DEBUG}/lag").json()["lag"]}
    assert lag["stale tenants"]["count"] >= 1
    assert str(tenant.id) not in client.get(f"{DEBUG}/lag").text + client.get(f"{DEBUG}/queues").text


def test_batches_that_nobody_read_are_counted(shared_api: ServedApi) -> None:
    tenant = shared_api.new_tenant()
    with redis.Redis.from_url(shared_api.settings.redis_url) as client:
        key = batches_stream(tenant.id)
        client.xgroup_create(key, "dcl", id="0", mkstream=True)
        for _ in range(3):
            client.xadd(key, {"message": "{}"})
        before = batch_streams(client)
        client.xreadgroup("dcl", "test", {key: ">"}, count=2)
        after = batch_streams(client)
        client.delete(key)
    assert before.unread is not None and after.unread is not None
    assert (before.unread - after.unread, after.pending - before.pending) == (2, 2)


def test_an_operator_sees_versions(shared_api: ServedApi) -> None:
    found = shared_api.new_tenant().client("viewer", operator=True).get(f"{DEBUG}/versions").json()
    assert found["migration"] == found["newest_migration"]
    assert found["revision"] is None
    assert found["packages"]["fastapi"]


def test_for_everybody_else_there_is_nothing_there(shared_api: ServedApi) -> None:
    tenant = shared_api.new_tenant()
    absent = tenant.client("owner").get("/api/v1/nothing").content
    for role in ("owner", "admin", "approver", "analyst", "viewer"):
        for path in PATHS:
            answer = tenant.client(role).get(f"{DEBUG}/{path}")  # type: ignore[arg-type]
            assert (answer.status_code, answer.content) == (404, absent)


def test_the_brokers_queue_has_the_name_that_workers_listen_to() -> None:
    launcher = (REPOSITORY / "orchestration" / "run_launcher.py").read_text()  # importing it would load Dagster
    assert f'QUEUE = "{BROKER_QUEUE}"' in launcher.splitlines()
