"""Onboarding over HTTP: kinds, intents that did not connect and why, the funnel."""

from uuid import uuid4

import pytest

from tests.api.sourcing import Sourced

pytestmark = pytest.mark.servers


def test_every_kind_comes_with_the_schema_of_its_configuration_and_its_secret_fields(sourced: Sourced) -> None:
    kinds = {kind["kind"]: kind for kind in sourced.ask("GET", "/kinds", role="viewer").json()}
    assert set(kinds) == {"files", "mongodb", "salesforce", "supabase"}
    assert kinds["mongodb"]["secret_fields"] == ["url"]
    assert set(kinds["salesforce"]["secret_fields"]) == {"client_secret", "refresh_token", "private_key"}
    assert kinds["files"]["secret_fields"] == []
    assert "allowed_roots" not in kinds["files"]["config_schema"]["properties"]
    assert all(kind["description"] and kind["config_schema"]["properties"] for kind in kinds.values())


def test_an_intent_says_what_stands_in_the_way_and_is_tried_again_or_forgotten(sourced: Sourced) -> None:
    refused = sourced.connect("CRM", credentials={"refresh_token": "wrong-0f3a"}).json()["intent_id"]
    unknown = sourced.connect("fax", kind="telefax").json()["intent_id"]
    first = sourced.ask("GET", "/intents", params={"limit": 1}).json()
    rest = sourced.ask("GET", "/intents", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    listed = [*first["items"], *rest["items"]]
    assert [(one["name"], one["status"]) for one in listed] == [("CRM", "awaiting_credentials"), ("fax", "unsupported")]
    retried = sourced.ask("POST", f"/intents/{refused}/retry")
    assert (retried.status_code, retried.json()["type"]) == (422, "/problems/connection-refused")
    assert sourced.ask("DELETE", f"/intents/{unknown}").status_code == 204
    assert sourced.ask("DELETE", f"/intents/{unknown}").status_code == 404
    sourced.connected()
    assert sourced.ask("DELETE", f"/intents/{refused}").status_code == 409


def test_the_funnel_counts_from_rows_and_knows_nothing_of_other_tenants(sourced: Sourced) -> None:
    empty = sourced.ask("GET", "/funnel").json()
    assert (empty["eligible"], empty["day_one"], empty["meets_objective"]) == (0, None, None)
    sourced.connected()
    sourced.connect("x", kind="telefax")
    funnel = sourced.ask("GET", "/funnel", role="viewer").json()
    assert (funnel["eligible"], funnel["waiting"], funnel["unsupported"], funnel["day_one"]) == (1, 1, 1, 0.0)
    assert funnel["blockers"][0]["code"] == "not_synced_yet"


def test_another_tenants_intent_is_not_there(sourced: Sourced) -> None:
    theirs = sourced.connect(credentials={"refresh_token": "wrong-0f3a"}).json()["intent_id"]
    other = Sourced(sourced.api, sourced.api.new_tenant(), sourced.org)
    bodies = {
        other.ask(method, path.format(wrong)).content
        for method, path in (("GET", "/intents/{}"), ("DELETE", "/intents/{}"), ("POST", "/intents/{}/retry"))
        for wrong in (theirs, uuid4(), "nonsense")
    }
    assert len(bodies) == 1 and b"not-found" in bodies.pop()
    assert other.ask("GET", "/intents").json()["items"] == []
