"""Streams over HTTP: discovered, chosen against what the source offers, previewed without what is hidden."""

from typing import Any
from uuid import UUID

import pytest

from tests.api.sourcing import Sourced

pytestmark = pytest.mark.servers


def test_a_source_is_asked_for_its_streams_with_fields_keys_and_modes(sourced: Sourced) -> None:
    where = f"/connections/{sourced.connected()['id']}"
    (account,) = sourced.ask("GET", f"{where}/discover").json()["streams"]
    assert (account["name"], account["primary_key"], account["mode"]) == ("Account", ["Id"], "incremental")
    assert {"Id", "Name", "Email__c"} <= {field["name"] for field in account["fields"]}
    assert account["choice"] == {
        "enabled": True, "mode": None, "columns": None, "drop": [], "hash": [], "cursor_field": None,
    }  # fmt: skip
    assert sourced.ask("GET", f"{where}/discover", role="viewer").status_code == 403


def test_one_stream_is_chosen_step_by_step_and_a_choice_taken_back(sourced: Sourced) -> None:
    where = f"/connections/{sourced.connected()['id']}/streams"
    seen = sourced.ask("GET", where).headers["ETag"]
    dropped = sourced.ask("PATCH", f"{where}/Account", json={"drop": ["Email__c"]}, headers={"If-Match": seen})
    assert dropped.json()["choice"]["drop"] == ["Email__c"]
    hashed = sourced.ask("PATCH", f"{where}/Account", json={"hash": ["Name"], "mode": "full"}).json()
    assert (hashed["choice"]["drop"], hashed["choice"]["hash"], hashed["mode"]) == (["Email__c"], ["Name"], "full")
    assert sourced.ask("PATCH", f"{where}/Account", json={}, headers={"If-Match": seen}).status_code == 412
    (state,) = sourced.ask("GET", where).json()["streams"]
    assert (state["choice"]["hash"], state["fields"], state["last_seen_at"]) == (["Name"], None, None)
    back = sourced.ask("PATCH", f"{where}/Account", json={"drop": None, "hash": None, "mode": None})
    assert back.json()["choice"]["drop"] == [] and sourced.ask("GET", where).json()["streams"] == []
    assert sourced.actions()[1:] == ["connection.stream_set"] * 3


MISFITS: list[tuple[str, dict[str, Any], int, str]] = [
    ("Acount", {"enabled": False}, 404, "no such thing"),
    ("a/b", {"enabled": False}, 404, "no such thing"),
    ("Account", {"drop": ["Emial"]}, 422, "no column 'Emial'"),
    ("Account", {"drop": ["Id"]}, 422, "primary key"),
    ("Account", {"mode": "sometimes"}, 422, "mode"),
    ("Account", {"mode": "append"}, 422, "cannot be read in mode"),
    ("Account", {"cursor_field": "Nope"}, 422, "cursor field"),
]


def test_a_choice_that_does_not_fit_is_refused(sourced: Sourced) -> None:
    where = f"/connections/{sourced.connected()['id']}/streams"
    for stream, choice, status, said in MISFITS:
        answer = sourced.ask("PATCH", f"{where}/{stream}", json=choice)
        assert answer.status_code == status and said in answer.text, answer.text
    assert sourced.ask("GET", where).json()["streams"] == []


def test_all_streams_are_chosen_at_once(sourced: Sourced) -> None:
    where = f"/connections/{sourced.connected()['id']}/streams"
    chosen = sourced.ask("PUT", where, json={"streams": {"Account": {"enabled": False}}})
    assert chosen.json()["streams"][0]["choice"]["enabled"] is False
    assert sourced.ask("PUT", where, json={"streams": {"Nope": {}}}).status_code == 422
    assert sourced.ask("PUT", where, json={"streams": {}}).json()["streams"] == []
    assert sourced.actions()[1:] == ["connection.stream_set"] * 2


def test_a_preview_shows_twenty_records_without_what_is_dropped_or_hashed(sourced: Sourced) -> None:
    where = f"/connections/{sourced.connected()['id']}/streams"
    sourced.ask("PATCH", f"{where}/Account", json={"drop": ["Email__c"]})
    found = sourced.ask("GET", f"{where}/Account/preview").json()
    assert len(found["records"]) == 20 and found["records"][0]["Name"].startswith("name ")
    assert {record["Email__c"] for record in found["records"]} == {None}
    taken = {column["name"]: column["taken"] for column in found["columns"]}
    assert (taken["Name"], taken["Email__c"]) == ("as_is", "dropped")
    assert sourced.ask("GET", f"{where}/Nope/preview").status_code == 404
    assert sourced.ask("GET", f"{where}/Account/preview", role="analyst").status_code == 403


def test_the_first_mapping_is_foreseen_with_probabilities_and_without_what_is_left_out(sourced: Sourced) -> None:
    connected = sourced.connected()["id"]
    where = f"/connections/{connected}/mappings/preview"
    found = sourced.ask("GET", where, params={"stream": "Account"}).json()
    assert (found["entity"], found["is_applied"], found["records"]) == ("account", True, 20)
    by_target = {rule["target"]: rule for rule in found["rules"]}
    assert by_target["name"]["source"] == "Name" and by_target["name"]["is_applied"]
    assert all(0 <= rule["probability"] <= 1 and rule["evidence"] for rule in found["rules"])
    assert all(rule["probability"] >= found["apply_at"] for rule in found["rules"] if rule["is_applied"])
    assert "Email__c" in {*found["unmapped"], *(rule["source"] for rule in found["rules"])}
    sourced.ask("PATCH", f"/connections/{connected}/streams/Account", json={"drop": ["Email__c"]})
    without = sourced.ask("GET", where, params={"stream": "Account"}).json()
    assert "Email__c" not in {*without["unmapped"], *(rule["source"] for rule in without["rules"])}
    assert sourced.ask("GET", where, params={"stream": "Nope"}).status_code == 404
    assert sourced.ask("GET", where, params={"stream": "Account"}, role="analyst").status_code == 403


def test_a_stream_that_was_read_is_told_with_the_fields_it_had(sourced: Sourced) -> None:
    connected = sourced.connected()["id"]
    fields = [{"name": name, "type": "text"} for name in ("Id", "Name")]
    shape = {"name": "Account", "fields": fields, "primary_key": ["Id"], "mode": "full", "partial": False}
    with sourced.tenant.session() as session:
        session.schemas.record(UUID(connected), "Account", "digest", [shape])
    (state,) = sourced.ask("GET", f"/connections/{connected}/streams").json()["streams"]
    assert state["fields"] == fields and state["last_seen_at"]
