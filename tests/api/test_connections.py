"""Connections over HTTP: connected, listed, changed, tried, decided on, deleted; and nobody else's."""

from typing import Any
from uuid import uuid4

import pytest

from connectors.sandbox.faults import Fault
from tests.api.sourcing import Sourced, ran

pytestmark = pytest.mark.servers


def test_a_source_that_answers_is_connected_in_safe_mode_and_its_credentials_never_come_out(sourced: Sourced) -> None:
    answer = sourced.connect(schedule="every 15m", evidence={"ticket": "OPS-1"})
    made = answer.json()
    connection = made["connection"]
    assert answer.status_code == 201 and made["is_new"]
    assert answer.headers["Location"] == f"/api/v1/aam/connections/{connection['id']}"
    assert (connection["safe_mode"], connection["schedule"]) == (True, "900s")
    assert connection["owner"] == f"admin@{sourced.tenant.name}.example"
    assert {stream["name"] for stream in made["streams"]} == {"Account"}
    assert made["grants"]["writes"] == []
    assert set(connection["config"]) & set(sourced.credentials) == set()
    shown = sourced.ask("GET", f"/connections/{connection['id']}", role="viewer")
    assert shown.json() == connection and shown.headers["ETag"] == answer.headers["ETag"]
    assert sourced.actions() == ["connection.created"]
    assert [kind for kind, _ in sourced.told()] == ["connection.created"]


def test_the_same_source_asked_for_again_is_the_same_connection(sourced: Sourced) -> None:
    first = sourced.connected()
    again = sourced.connect(risk_level="high")
    assert again.status_code == 200 and not again.json()["is_new"]
    assert again.json()["connection"]["id"] == first["id"] and again.json()["changed"] == ["risk_level"]
    other = sourced.connect("CRM 2", namespace="second")
    assert other.status_code == 201 and other.json()["connection"]["id"] != first["id"]


def test_a_source_that_refuses_is_a_problem_that_says_what_to_do_and_stays_as_an_intent(sourced: Sourced) -> None:
    answer = sourced.connect(credentials={**sourced.credentials, "refresh_token": "not-the-token-0f3a"})
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (422, "/problems/connection-refused")
    assert (problem["standing"], problem["code"]) == ("awaiting_credentials", "credentials_expired")
    intent = sourced.ask("GET", f"/intents/{problem['intent_id']}").json()
    assert (intent["status"], intent["attempts"], intent["connection_id"]) == ("awaiting_credentials", 1, None)
    assert "not-the-token-0f3a" not in "".join(sourced.heard)
    assert sourced.actions() == ["onboarding.refused"]


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"kind": "telepathy"}, "unsupported"),
    ({"credentials": {"instance_url": "http://10.0.0.1"}}, "credentials"),
    ({"config": {"instance_url": "http://10.0.0.7", "client_id": "x"}}, "connection-refused"),
    ({"config": {"instance_url": "https://10.0.0.7", "client_id": "x"}}, "address_refused"),
    ({"schedule": "sometimes"}, "not an interval"),
    ({"name": "a\x00b"}, "name"),
    ({"config": {"client_id": 2**70}}, "64 bits"),
    ({"config": {"client_id": "\ud800"}}, "cannot be stored"),
    ({"config": {"client_id": float("nan")}}, "finite"),
    ({"config": {"refresh_token": "twice-0f3a"}}, "both config and credentials"),
    ({"credential_locator": "secret://absent"}, "credentials_missing"),
    ({"credential_locator": "env://HOME"}, "credential_locator"),
    ({"unknown": 1}, "unknown"),
]


def test_what_cannot_be_is_refused_in_words(sourced: Sourced) -> None:
    for wanted, said in IMPOSSIBLE:
        answer = sourced.connect(**{"name": "CRM", **wanted})
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), wanted
        assert said in answer.text.lower(), answer.text
    assert "0f3a" not in "".join(sourced.heard)


def test_connections_come_by_name_page_by_page_with_what_waits_there(sourced: Sourced) -> None:
    made = {
        name: sourced.connected(name, namespace=name, risk_level="high")["id"] for name in ("delta", "Alpha", "charlie")
    }
    with sourced.tenant.session() as session:
        sync_id = ran(session, made["Alpha"], read=5, loaded=3, rejected=1, unchanged=1)
    first = sourced.ask("GET", "/connections", params={"limit": 2}).json()
    rest = sourced.ask("GET", "/connections", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [one["name"] for one in (*first["items"], *rest["items"])] == ["Alpha", "charlie", "delta"]
    assert rest["next_cursor"] is None
    alpha = first["items"][0]
    assert alpha["last_sync"]["id"] == str(sync_id) and alpha["last_sync"]["counts"]["loaded"] == 3
    assert (alpha["open_drift"], alpha["open_approvals"], first["items"][1]["last_sync"]) == (0, 0, None)
    assert sourced.ask("GET", "/connections", params={"cursor": "nonsense"}).status_code == 422


def test_a_change_is_stored_only_upon_what_its_caller_saw(sourced: Sourced) -> None:
    made = sourced.connected()
    where = f"/connections/{made['id']}"
    seen = sourced.ask("GET", where).headers["ETag"]
    renamed = sourced.ask("PATCH", where, json={"name": "CRM 2", "schedule": "1h"}, headers={"If-Match": seen})
    assert (renamed.status_code, renamed.json()["name"], renamed.json()["schedule"]) == (200, "CRM 2", "3600s")
    late = sourced.ask("PATCH", where, json={"name": "CRM 3"}, headers={"If-Match": seen})
    assert (late.status_code, late.json()["type"]) == (412, "/problems/precondition-failed")
    by_hand = sourced.ask("PATCH", where, json={"schedule": None}, headers={"If-Match": renamed.headers["ETag"]})
    assert by_hand.json()["schedule"] is None and by_hand.json()["name"] == "CRM 2"
    assert sourced.ask("DELETE", where, headers={"If-Match": seen}).status_code == 412
    assert sourced.ask("DELETE", where, headers={"If-Match": by_hand.headers["ETag"]}).status_code == 204
    assert sourced.ask("GET", where).status_code == 404
    assert sourced.actions()[1:] == ["connection.updated", "connection.updated", "connection.deleted"]


def test_a_syncs_end_does_not_make_an_editor_late(sourced: Sourced) -> None:
    made = sourced.connected(risk_level="high")
    where = f"/connections/{made['id']}"
    seen = sourced.ask("GET", where).headers["ETag"]
    with sourced.tenant.session() as session:
        ran(session, made["id"], read=1, loaded=1)
    assert sourced.ask("PATCH", where, json={"owner": "ann"}, headers={"If-Match": seen}).status_code == 200


def test_credentials_and_configuration_are_tried_before_they_are_stored(sourced: Sourced) -> None:
    made = sourced.connected()
    where = f"/connections/{made['id']}"
    refused = sourced.ask("PATCH", where, json={"credentials": {"refresh_token": "wrong-0f3a"}, "name": "other"})
    assert (refused.status_code, refused.json()["code"]) == (422, "credentials_expired")
    assert sourced.ask("GET", where).json() == made
    renewed = sourced.ask("PATCH", where, json={"credentials": sourced.credentials, "config": {"look_back_s": 60}})
    assert renewed.status_code == 200 and renewed.json()["config"]["look_back_s"] == 60
    assert renewed.json()["config"]["limits"] == made["config"]["limits"]
    back = sourced.ask("PATCH", where, json={"config": {"look_back_s": None}})
    assert back.json()["config"]["look_back_s"] == made["config"]["look_back_s"]
    with sourced.tenant.session() as session:
        assert session.connections.secrets(made["id"])["refresh_token"] == sourced.credentials["refresh_token"]
    assert sourced.actions()[1:3] == ["connection.change_refused", "connection.updated"]


def test_a_connection_keeps_its_source(sourced: Sourced) -> None:
    made = sourced.connected()
    answer = sourced.ask("PATCH", f"/connections/{made['id']}", json={"config": {"instance_url": "https://x.example"}})
    assert answer.status_code == 409 and "keeps its source" in answer.json()["detail"]


def test_a_name_that_another_connection_has_is_refused(sourced: Sourced) -> None:
    first, second = sourced.connected("one"), sourced.connected("two", namespace="2")
    assert sourced.ask("PATCH", f"/connections/{second['id']}", json={"name": "ONE"}).status_code == 409
    assert sourced.connect("one", namespace="3").status_code == 409
    assert sourced.ask("PATCH", f"/connections/{first['id']}", json={"name": "One"}).status_code == 200


def test_trying_stores_nothing(sourced: Sourced) -> None:
    wanted = {"kind": "salesforce", "config": sourced.plain, "credentials": sourced.credentials}
    tried = sourced.ask("POST", "/connections/test", json=wanted).json()
    assert (tried["ok"], tried["refusal"], [one["name"] for one in tried["streams"]]) == (True, None, ["Account"])
    wrong = sourced.ask("POST", "/connections/test", json={**wanted, "credentials": {"client_secret": "wrong-77"}})
    assert wrong.status_code == 200 and wrong.json()["refusal"]["standing"] == "awaiting_credentials"
    assert sourced.ask("GET", "/connections").json()["items"] == sourced.ask("GET", "/intents").json()["items"] == []
    made = sourced.connected()
    where = f"/connections/{made['id']}/test"
    good = sourced.ask("POST", where).json()
    assert good["ok"] and good["latency_ms"] > 0 and good["grants"]["writes"] == []
    sourced.org.misbehave(Fault("server_error", None, times=100))
    bad = sourced.ask("POST", where).json()
    assert (bad["ok"], bad["grants"], bad["refusal"]["standing"]) == (False, None, "network_blocked")


def test_people_decide_on_a_connection_and_the_history_says_so(sourced: Sourced) -> None:
    made = sourced.connected(risk_level="high")
    where = f"/connections/{made['id']}"
    assert sourced.ask("POST", f"{where}/pause").json()["status"] == "paused"
    assert sourced.ask("POST", f"{where}/resume").json()["status"] == "active"
    assert sourced.ask("POST", f"{where}/lift", role="analyst").status_code == 403
    lifted = sourced.ask("POST", f"{where}/lift", role="approver").json()
    assert (lifted["safe_mode"], lifted["safe_mode_lifted_by"]) == (False, f"approver@{sourced.tenant.name}.example")
    assert lifted["last_sync"]["status"] == "requested"
    assert sourced.ask("POST", f"{where}/lift").status_code == 409
    assert sourced.ask("POST", f"{where}/hold").json()["safe_mode"] is True
    decisions = ["connection.paused", "connection.resumed", "connection.safe_mode_lifted", "connection.held"]
    assert sourced.actions()[1:] == decisions
    told = [kind for kind, _ in sourced.told()]
    assert [kind for kind in told if kind in decisions] == decisions


def test_health_tells_circuit_freshness_and_the_last_errors(sourced: Sourced) -> None:
    made = sourced.connected(schedule="1h")
    where = f"/connections/{made['id']}/health"
    fresh = sourced.ask("GET", where, role="viewer").json()
    assert (fresh["circuit"], fresh["freshness_s"], fresh["last_errors"], fresh["syncing"]) == (
        "closed",
        None,
        [],
        None,
    )
    with sourced.tenant.session() as session:
        ran(session, made["id"], read=1, loaded=1)
        for number in range(6):
            run = session.sync_runs.request(made["id"], "schedule")
            session.sync_runs.start(run.id, f"failing {number}")
            session.sync_runs.fail(run.id, "source_unavailable", f"away {number}", "Wait.")
    ill = sourced.ask("GET", where).json()
    assert (ill["circuit"], ill["status"], ill["failures_in_a_row"]) == ("open", "failing", 6)
    assert [error["message"] for error in ill["last_errors"]] == [f"away {n}" for n in (5, 4, 3, 2, 1)]
    assert 0 <= ill["freshness_s"] < 60


MINE = [
    ("GET", "/connections/{}"),
    ("PATCH", "/connections/{}"),
    ("DELETE", "/connections/{}"),
    ("POST", "/connections/{}/test"),
    ("POST", "/connections/{}/pause"),
    ("POST", "/connections/{}/resume"),
    ("POST", "/connections/{}/lift"),
    ("POST", "/connections/{}/hold"),
    ("GET", "/connections/{}/health"),
    ("GET", "/connections/{}/discover"),
    ("GET", "/connections/{}/streams"),
    ("PUT", "/connections/{}/streams"),
    ("PATCH", "/connections/{}/streams/Account"),
    ("GET", "/connections/{}/streams/Account/preview"),
    ("GET", "/connections/{}/mappings/preview?stream=Account"),
    ("POST", "/connections/{}/sync"),
    ("POST", "/connections/{}/replay"),
    ("GET", "/connections/{}/syncs"),
    ("GET", "/connections/{}/rejects"),
    ("GET", "/connections/{}/rejects/summary"),
]
BODIES: dict[str, dict[str, Any]] = {"PATCH": {"enabled": True}, "PUT": {"streams": {}}}


def test_another_tenants_a_random_and_a_malformed_id_answer_alike(sourced: Sourced) -> None:
    theirs = sourced.connected()
    other = Sourced(sourced.api, sourced.api.new_tenant(), sourced.org)
    bodies = set()
    for method, path in MINE:
        for wrong in (theirs["id"], str(uuid4()), "no-id"):
            body = {"owner": "eve"} if path == "/connections/{}" and method == "PATCH" else BODIES.get(method)
            answer = other.ask(method, path.format(wrong), json=body)
            assert answer.status_code == 404, (method, path, wrong, answer.text)
            bodies.add(answer.content)
    assert len(bodies) == 1
    assert sourced.ask("GET", f"/connections/{theirs['id']}").json() == theirs
