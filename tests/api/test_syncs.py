"""Syncs over HTTP: asked for and picked up at once, followed, told of, taken back."""

from uuid import UUID, uuid4

import pytest
import redis

from orchestration.resources.nudges import NUDGES
from tests.api.sourcing import Sourced, ran

pytestmark = pytest.mark.servers


def test_a_sync_is_asked_for_by_a_row_and_whoever_starts_it_is_woken(sourced: Sourced) -> None:
    made = sourced.connected()
    with redis.Redis.from_url(sourced.api.settings.redis_url) as client:
        client.delete(NUDGES)
        answer = sourced.ask("POST", f"/connections/{made['id']}/sync", role="approver")
        assert str(sourced.tenant.id).encode() in client.lrange(NUDGES, 0, -1)
    sync = answer.json()
    assert (answer.status_code, sync["status"], sync["kind"]) == (202, "requested", "sync")
    assert answer.headers["Location"] == f"/api/v1/aam/syncs/{sync['id']}"
    again = sourced.ask("POST", f"/connections/{made['id']}/sync").json()
    assert (again["id"], again["requested_by"]) == (sync["id"], f"approver@{sourced.tenant.name}.example")
    assert sourced.ask("POST", f"/connections/{made['id']}/sync", role="analyst").status_code == 403
    assert sourced.ask("GET", f"/syncs/{sync['id']}", role="viewer").json() == again
    told = [data["sync_run_id"] for kind, data in sourced.told() if kind == "sync.requested"]
    assert told == [sync["id"], sync["id"]]


def test_a_replay_asks_no_source(sourced: Sourced) -> None:
    made = sourced.connected()
    assert sourced.ask("POST", f"/connections/{made['id']}/replay").json()["kind"] == "replay"


def test_a_sync_that_waits_is_taken_back_and_one_that_has_begun_is_not(sourced: Sourced) -> None:
    made = sourced.connected()
    sync = sourced.ask("POST", f"/connections/{made['id']}/sync").json()
    canceled = sourced.ask("POST", f"/syncs/{sync['id']}/cancel")
    assert (canceled.status_code, canceled.json()["status"]) == (200, "canceled")
    assert sourced.ask("POST", f"/syncs/{sync['id']}/cancel").status_code == 409
    with sourced.tenant.session() as session:
        begun = session.sync_runs.request(made["id"], "ann")
        session.sync_runs.start(begun.id, "a run")
    assert sourced.ask("POST", f"/syncs/{begun.id}/cancel").status_code == 409
    assert sourced.ask("GET", f"/syncs/{begun.id}").json()["status"] == "running"
    assert sourced.actions()[-1] == "sync.canceled"


def test_every_record_read_is_accounted_for_stream_by_stream(sourced: Sourced) -> None:
    made = sourced.connected(risk_level="high")
    with sourced.tenant.session() as session:
        sync_id = ran(session, made["id"], read=10, loaded=4, rejected=1, unchanged=5, held=1, last_version=77)
        session.sync_notes.add(sync_id, "stream_read", "It was read.", "Account")
        session.sync_notes.add(sync_id, "reading_anew", "Everything is read again.")
    sync = sourced.ask("GET", f"/syncs/{sync_id}").json()
    assert sync["balances"] is True and sync["streams"]["Account"]["balances"] is True
    assert sync["counts"] == {
        "read": 10, "loaded": 4, "rejected": 1, "unchanged": 5, "deleted": 0, "held": 1, "replayed": 0, "rederived": 0,
    }  # fmt: skip
    first = sourced.ask("GET", f"/syncs/{sync_id}/notes", params={"limit": 1}).json()
    rest = sourced.ask("GET", f"/syncs/{sync_id}/notes", params={"cursor": first["next_cursor"]}).json()
    assert [note["code"] for note in (*first["items"], *rest["items"])] == ["stream_read", "reading_anew"]


def test_why_a_sync_failed_is_told(sourced: Sourced) -> None:
    made = sourced.connected()
    with sourced.tenant.session() as session:
        run = session.sync_runs.request(made["id"], "ann")
        session.sync_runs.start(run.id, "a run")
        error = {"code": "stream_gone", "message": "It is gone.", "hint": "Put it back."}
        session.sync_runs.record_stream(run.id, "Account", {"read": 3, "loaded": 0, "error": error})
        session.sync_runs.fail(run.id, "stream_failed", "A stream failed.", "See it.", retryable=False)
    sync = sourced.ask("GET", f"/syncs/{run.id}").json()
    failure = {"code": "stream_failed", "message": "A stream failed.", "hint": "See it.", "retryable": False}
    assert (sync["status"], sync["balances"], sync["error"]) == ("failed", None, failure)
    assert sync["streams"]["Account"]["error"] == {**error, "retryable": None}


def test_the_history_of_syncs_goes_page_by_page_newest_first(sourced: Sourced) -> None:
    made = sourced.connected(risk_level="high")
    with sourced.tenant.session() as session:
        ids = [str(ran(session, made["id"], read=1, loaded=1)) for _ in range(5)]
    for path in (f"/connections/{made['id']}/syncs", "/syncs"):
        seen, cursor = [], None
        while True:
            page = sourced.ask("GET", path, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
            seen += [one["id"] for one in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == ids[::-1]
    assert sourced.ask("GET", "/syncs", params={"status": "failed"}).json()["items"] == []


def test_syncs_are_found_by_when_they_ended_page_by_page(sourced: Sourced) -> None:
    made = sourced.connected(risk_level="high")
    with sourced.tenant.session() as session:
        ids = [ran(session, made["id"], read=1, loaded=1) for _ in range(5)]
        ends = [str(session.sync_runs.get(one).finished_at) for one in ids]
        session.sync_runs.request(made["id"], "ann")  # it has not ended, so it is in no span

    def found(**span: str) -> list[int]:
        seen: list[int] = []
        asked = {"limit": "2", **span}
        while True:
            page = sourced.ask("GET", "/syncs", params=asked).json()
            seen += [ids.index(UUID(one["id"])) for one in page["items"]]
            if page["next_cursor"] is None:
                return seen
            asked["cursor"] = page["next_cursor"]

    assert found(since=ends[1], until=ends[4]) == [3, 2, 1]
    assert found(since=ends[3]) == [4, 3]
    assert found(until=ends[2]) == [1, 0]
    assert found(since=ends[2], until=ends[2]) == found(since=ends[4], until=ends[0]) == []
    assert found(since=ends[0], status="failed") == found(since=ends[0], kind="replay") == []
    assert found(since=ends[3], status="succeeded", kind="sync") == [4, 3]


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "2020-01-01T00:00:00"}, {"since": "yesterday"}, {"until": "2020-01-01T00:00:00"},
        {"until": "tomorrow"}, {"cursor": "nonsense"}, {"status": "gone"}, {"kind": "gone"},
    ],
    ids=lambda asked: "-".join(f"{name}-{value}" for name, value in asked.items()),
)  # fmt: skip
def test_what_cannot_be_asked_of_the_syncs_is_refused(sourced: Sourced, asked: dict[str, str]) -> None:
    assert sourced.ask("GET", "/syncs", params=asked).status_code == 422


def test_another_tenants_syncs_are_not_there(sourced: Sourced) -> None:
    made = sourced.connected()
    sync = sourced.ask("POST", f"/connections/{made['id']}/sync").json()
    other = Sourced(sourced.api, sourced.api.new_tenant(), sourced.org)
    bodies = {
        other.ask(method, path.format(wrong)).content
        for method, path in (("GET", "/syncs/{}"), ("GET", "/syncs/{}/notes"), ("POST", "/syncs/{}/cancel"))
        for wrong in (sync["id"], uuid4(), "nonsense")
    }
    assert len(bodies) == 1 and b"not-found" in bodies.pop()
    assert other.ask("GET", "/syncs").json()["items"] == []
    assert sourced.ask("GET", f"/syncs/{sync['id']}").json()["status"] == "requested"
