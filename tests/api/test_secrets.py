"""Secrets over HTTP: put, listed, destroyed, taken by connections; their values are never answered."""

import pytest

from tests.api.sourcing import Sourced

pytestmark = pytest.mark.servers

CANARY = "canary-51c0ffee"


def test_a_secret_is_put_listed_by_name_and_destroyed(sourced: Sourced) -> None:
    made = sourced.ask("PUT", "/secrets/crm", json={"value": {"token": CANARY}})
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/aam/secrets/crm")
    assert (made.json()["version"], made.json()["used_by"]) == (1, [])
    again = sourced.ask("PUT", "/secrets/crm", json={"value": CANARY})
    assert (again.status_code, again.json()["version"]) == (200, 2)
    (listed,) = sourced.ask("GET", "/secrets", role="viewer").json()["items"]
    assert listed == again.json()
    assert sourced.ask("PUT", "/secrets/crm", role="approver", json={"value": "x"}).status_code == 403
    assert sourced.ask("DELETE", "/secrets/crm").status_code == 204
    assert sourced.ask("DELETE", "/secrets/crm").status_code == 404
    assert sourced.actions() == ["secret.put", "secret.put", "secret.deleted"]
    assert CANARY not in "".join(sourced.heard) + str(sourced.told())


def test_a_connection_takes_its_credentials_from_a_secret_that_stays_while_it_is_used(sourced: Sourced) -> None:
    missing = sourced.connect(credentials={}, credential_locator="secret://org")
    assert missing.json()["code"] == "credentials_missing"
    sourced.ask("PUT", "/secrets/org", json={"value": sourced.credentials})
    retried = sourced.ask("POST", f"/intents/{missing.json()['intent_id']}/retry")
    assert retried.status_code == 201 and retried.json()["connection"]["credential_locator"] == "secret://org"
    refused = sourced.ask("DELETE", "/secrets/org")
    assert refused.status_code == 409 and "CRM" in refused.json()["detail"]
    assert sourced.ask("GET", "/secrets").json()["items"][0]["used_by"] == ["CRM"]
    where = f"/connections/{retried.json()['connection']['id']}"
    own = sourced.ask("PATCH", where, json={"credentials": sourced.credentials, "credential_locator": None})
    assert (own.status_code, own.json()["credential_locator"]) == (200, None)
    assert sourced.ask("DELETE", "/secrets/org").status_code == 204


@pytest.mark.parametrize("name", ["-x", "a%20b", "a%00b", "x" * 101, "%C3%A9"])
def test_what_is_no_name_of_a_secret_names_none(sourced: Sourced, name: str) -> None:
    answers = {sourced.ask(method, f"/secrets/{name}", json={"value": CANARY}).content for method in ("PUT", "DELETE")}
    assert answers == {sourced.ask("DELETE", "/secrets/absent").content}


def test_what_cannot_be_a_secret_is_refused_without_its_value(sourced: Sourced) -> None:
    for value in (None, 1, [], {}, "", "\ud800", "x" * 70_000):
        answer = sourced.ask("PUT", "/secrets/crm", json={"value": value})
        assert answer.status_code == 422 and "xxxx" not in answer.text


def test_another_tenants_secret_cannot_be_named(sourced: Sourced) -> None:
    sourced.ask("PUT", "/secrets/org", json={"value": sourced.credentials})
    other = Sourced(sourced.api, sourced.api.new_tenant(), sourced.org)
    assert other.ask("DELETE", "/secrets/org").content == other.ask("DELETE", "/secrets/nothing").content
    assert other.connect(credentials={}, credential_locator="secret://org").json()["code"] == "credentials_missing"
    assert other.ask("GET", "/secrets").json()["items"] == []
