"""Rows of a flow that really ran: where each value comes from, what it was before, and how they go out as files."""

import csv
import io
import time
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet
import pytest

from tests.api.published_world import PublishedWorld, world
from tests.lakes import lake_catalog

__all__ = ["lake_catalog", "world"]

pytestmark = pytest.mark.servers


def get(world: PublishedWorld, path: str, **params: Any) -> Any:
    answer = world.client().get(f"/api/v1/dcl{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def row_named(world: PublishedWorld, name: str) -> dict[str, Any]:
    rows = get(world, "/views/accounts/rows", where=f"name:eq:{name}")["rows"]
    assert len(rows) == 1
    return dict(rows[0])


def test_views_say_what_they_hold_and_how_fresh_they_are(world: PublishedWorld) -> None:
    views = {view["name"]: view for view in get(world, "/views")["items"]}
    accounts = views["accounts"]
    assert (accounts["rows"], accounts["joined"], accounts["custom"]) == (4, 1, False)
    assert accounts["newest_source_change"] == "2026-03-02T08:00:00Z"
    records = {source["connection"]: source["records"] for source in accounts["sources"]}
    assert records == {"crm": 3, "erp": 2}
    assert views["usage"]["rows"] == 0
    columns = {column["name"]: column for column in get(world, "/views/accounts")["columns"]}
    assert columns["number_of_employees"] == {
        "name": "number_of_employees", "type": "integer", "description": "Number of employees; headcount",
        "required": False,
    }  # fmt: skip
    assert not {"_entity", "_account_ref"} & columns.keys()
    assert world.client().get("/api/v1/dcl/views/nope").status_code == 404


def test_views_are_listed_before_anything_is_published(world: PublishedWorld) -> None:
    nobody = world.api.new_tenant()
    views = nobody.client("viewer").get("/api/v1/dcl/views").json()["items"]
    assert {view["rows"] for view in views} == {None}
    assert nobody.client("viewer").get("/api/v1/dcl/ontology").json()["snapshot_id"] is None
    assert nobody.client("viewer").get("/api/v1/dcl/coverage").json()["streams"] == []


def test_every_value_names_the_record_it_comes_from(world: PublishedWorld) -> None:
    acme = row_named(world, "ACME")
    provenance = get(world, f"/views/accounts/rows/{acme['_entity_id']}/provenance")
    cells = {cell["column"]: cell for cell in provenance["cells"]}
    name = cells["name"]
    assert (name["value"], name["winner"]["connection"], name["winner"]["record_id"]) == (
        "ACME", "erp", "0015g00000AbCdEAAV"
    )  # fmt: skip
    assert name["winner"]["rules"][0]["source"] == "Name"
    assert [(other["connection"], other["value"]) for other in name["others"]] == [("crm", "Acme Inc")]
    employees = cells["number_of_employees"]
    assert (employees["value"], employees["winner"]["connection"], employees["others"]) == (250, "crm", [])
    assert employees["winner"]["rules"][0]["source"] == "numberofemployees"
    assert (cells["phone"]["value"], cells["phone"]["winner"]) == (None, None)


def test_winners_are_those_of_survivorship_in_every_cell_of_every_row(world: PublishedWorld) -> None:
    rows = get(world, "/views/accounts/rows")["rows"]
    assert len(rows) == 4
    for row in rows:
        for cell in get(world, f"/views/accounts/rows/{row['_entity_id']}/provenance")["cells"]:
            winner = cell["winner"]
            assert cell["value"] == row[cell["column"]] == (winner and winner["value"])


def test_source_records_stand_side_by_side_as_they_came(world: PublishedWorld) -> None:
    acme = row_named(world, "ACME")
    records = get(world, f"/views/accounts/rows/{acme['_entity_id']}/sources")["records"]
    assert [(one["connection"], one["values"]["name"]) for one in records] == [("erp", "ACME"), ("crm", "Acme Inc")]
    assert records[1]["raw"] == {
        "hs_object_id": "101", "name": "Acme Inc", "domain": "acme.example", "numberofemployees": "250",
        "industry": None, "hs_lastmodifieddate": "2026-03-01T08:00:00Z", "favourite_colour": "red",
    }  # fmt: skip
    assert records[1]["unmapped"] == {"favourite_colour": "red"}


def test_the_history_of_a_row_tells_changes_only(world: PublishedWorld) -> None:
    bolt = row_named(world, "Bolt AG")
    items = get(world, f"/views/accounts/rows/{bolt['_entity_id']}/history")["items"]
    assert len(items) == 2
    changed = {name: items[0]["changed"].get(name) for name in ("name", "_source_updated_at")}
    assert changed == {"name": "Bolt AG", "_source_updated_at": "2026-03-01T09:30:00Z"}
    assert "industry" not in items[0]["changed"]
    assert items[1]["changed"]["name"] == "Bolt GmbH"
    as_of = get(world, f"/views/accounts/rows/{bolt['_entity_id']}", as_of=items[1]["snapshot_id"])
    assert as_of["row"]["name"] == "Bolt GmbH"
    acme = row_named(world, "ACME")
    assert len(get(world, f"/views/accounts/rows/{acme['_entity_id']}/history")["items"]) == 1


@pytest.mark.parametrize("entity_id", ["0", "zz", "00", "F", "1" * 17, "-1", "a%00", "deadbeef", "%20"])
@pytest.mark.parametrize("part", ["", "/provenance", "/sources", "/history"])
def test_a_row_that_is_not_there_is_not_there(world: PublishedWorld, entity_id: str, part: str) -> None:
    answer = world.client().get(f"/api/v1/dcl/views/accounts/rows/{entity_id}{part}")
    absent = world.client().get(f"/api/v1/dcl/views/accounts/rows/1234{part}")
    assert (answer.status_code, answer.content) == (404, absent.content)


def test_a_csv_is_safe_to_open_in_a_spreadsheet(world: PublishedWorld) -> None:
    answer = world.client().get(
        "/api/v1/dcl/views/accounts/export", params={"columns": "name,number_of_employees", "sort": "name"}
    )
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"].startswith('attachment; filename="accounts-')
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows == [
        ["name", "number_of_employees"], ["'=Crane Ltd", ""], ["ACME", "250"], ["Bolt AG", "12"], ["Dune", ""]
    ]  # fmt: skip
    raw = world.client().get(
        "/api/v1/dcl/views/accounts/export", params={"columns": "name", "sort": "name", "raw": "true"}
    )
    assert list(csv.reader(io.StringIO(raw.text)))[1] == ["=Crane Ltd"]


def test_other_formats_hold_the_same_rows(world: PublishedWorld) -> None:
    def export(format: str) -> bytes:
        params = {"format": format, "sort": "name", "where": "industry:eq:Tools"}
        answer = world.client().get("/api/v1/dcl/views/accounts/export", params=params)
        assert answer.status_code == 200
        return answer.content

    shown = get(world, "/views/accounts/rows", sort="name", where="industry:eq:Tools")["rows"]
    assert orjson.loads(export("json")) == shown
    names = [row["name"] for row in shown]
    assert pyarrow.parquet.read_table(io.BytesIO(export("parquet"))).column("name").to_pylist() == names
    assert pa.ipc.open_stream(export("arrow")).read_all().column("name").to_pylist() == names


def test_an_export_needs_its_permission_and_is_in_the_history(world: PublishedWorld) -> None:
    assert world.tenant.client("viewer").get("/api/v1/dcl/views/accounts/export").status_code == 403
    assert world.tenant.client("analyst").get("/api/v1/dcl/views/accounts/export").status_code == 200
    with world.tenant.session() as session:
        actions = [event.action for event in session.audit.list()]
    assert "view.exported" in actions


def test_the_ontology_leads_from_sources_to_views(world: PublishedWorld) -> None:
    ontology = get(world, "/ontology")
    nodes = {node["id"]: node for node in ontology["nodes"]}
    assert {(node["kind"], node["name"], node["rows"]) for node in nodes.values()} >= {
        ("connection", "crm", 3), ("connection", "erp", 2), ("stream", "companies", 3), ("entity", "account", 5),
        ("view", "accounts", 4), ("connection", "shop", 0),
    }  # fmt: skip
    fields = {
        (nodes[link["source"]]["name"], field["source"], field["target"])
        for link in ontology["links"] for field in link["fields"]
    }  # fmt: skip
    assert ("companies", "numberofemployees", "number_of_employees") in fields
    assert all(link["source"] in nodes and link["target"] in nodes for link in ontology["links"])
    unmapped = {one["stream"]: one["fields"] for one in ontology["unmapped"]}
    assert unmapped["companies"] == ["favourite_colour"]


def test_coverage_counts_what_is_filled(world: PublishedWorld) -> None:
    coverage = get(world, "/coverage")
    companies = next(one for one in coverage["streams"] if one["stream"] == "companies")
    assert (companies["entity"], companies["records"], companies["unmapped"]) == ("account", 3, ["favourite_colour"])
    assert 0 < companies["filled"] < 1
    accounts = next(one for one in coverage["views"] if one["view"] == "accounts")
    columns = {one["column"]: one for one in accounts["columns"]}
    assert (columns["number_of_employees"]["filled"], columns["number_of_employees"]["sources"]) == (
        0.5, ["crm/companies"]
    )  # fmt: skip


def test_lineage_leads_back_from_tables_and_columns(world: PublishedWorld) -> None:
    lineage = get(world, "/lineage/tables", view="accounts")
    rows = {(node["stage"], node["name"]): node["rows"] for node in lineage["nodes"]}
    assert rows == {
        ("raw", "crm/companies"): 3, ("raw", "erp/customers"): 2, ("canonical", "account"): 5,
        ("clusters", "account"): 4, ("view", "accounts"): 4,
    }  # fmt: skip
    ids = {node["id"] for node in lineage["nodes"]}
    assert all({edge["source"], edge["target"]} <= ids for edge in lineage["edges"])
    column = get(world, "/lineage/columns", view="accounts", column="number_of_employees")
    assert [(one["connection"], one["source_fields"], one["records"]) for one in column["sources"]] == [
        ("crm", ["numberofemployees"], 2)
    ]  # fmt: skip
    for params in ({"view": "nope"}, {"view": "nope", "column": "name"}, {"view": "accounts", "column": "nope"}):
        path = "/lineage/columns" if "column" in params else "/lineage/tables"
        assert world.client().get(f"/api/v1/dcl{path}", params=params).status_code == 404


def test_an_entity_is_declared_filled_extended_and_retired(world: PublishedWorld) -> None:
    admin = world.client()
    shop = str(world.connections["shop"])
    body = {"name": "order_line", "connection_id": shop, "stream": "lines"}
    made = admin.post("/api/v1/dcl/entities", json=body)
    assert made.status_code == 201, made.text
    assert made.headers["location"] == "/api/v1/dcl/entities/order_line"
    assert made.json()["view"] == "order_lines"
    assert admin.post("/api/v1/dcl/entities", json=body).status_code == 409
    world.sync("shop", "replay_connection")
    world.publish()
    time.sleep(0.6)
    assert [row["part"] for row in get(world, "/views/order_lines/rows", sort="part")["rows"]] == ["bolt", "nut"]
    row = get(world, "/views/order_lines/rows", where="part:eq:nut")["rows"][0]
    cells = get(world, f"/views/order_lines/rows/{row['_entity_id']}/provenance")["cells"]
    assert {cell["column"]: cell["winner"]["connection"] for cell in cells if cell["winner"]}["part"] == "shop"
    assert world.api.new_tenant().client("admin").get("/api/v1/dcl/views/order_lines").status_code == 404
    more = {"fields": [{"name": "remark", "type": "text", "description": "What was said"}]}
    assert admin.post("/api/v1/dcl/entities/order_line/fields", json=more).status_code == 200
    mapped = admin.post(
        "/api/v1/dcl/entities/order_line/map",
        json={"connection_id": shop, "stream": "lines", "fields": [{"source": "part", "target": "remark"}]},
    )
    assert (mapped.status_code, mapped.json()["view"]) == (202, "order_lines"), mapped.text
    entity = admin.get("/api/v1/dcl/entities/order_line").json()
    filled = {field["name"]: field["filled_by"] for field in entity["fields"]}
    assert filled["remark"] == ["shop/lines: part"]
    assert admin.delete("/api/v1/dcl/entities/order_line").status_code == 204
    assert admin.delete("/api/v1/dcl/entities/order_line").status_code == 404
    assert admin.get("/api/v1/dcl/entities/order_line").status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": "Account"}, 422), ({"name": "account"}, 422), ({"name": "x\0"}, 422), ({"view": "accounts"}, 422),
        ({"connection_id": "nope"}, 404), ({"connection_id": "7b0c2f9e-0000-4000-8000-000000000000"}, 404),
        ({"stream": "nope"}, 404), ({"stream": "\0"}, 422), ({"fields": [{"source": "nope"}]}, 422),
        ({"fields": [{"source": "part", "type": "blob"}]}, 422), ({"stream": "companies", "connection_id": "crm"}, 409),
        ({"fields": [{"source": "part", "target": "select"}, {"source": "quantity", "target": "select"}]}, 422),
    ],
    ids=range(12),
)  # fmt: skip
def test_declarations_that_cannot_be_are_refused(world: PublishedWorld, change: dict[str, Any], status: int) -> None:
    body = {"name": "thing", "connection_id": str(world.connections["shop"]), "stream": "lines", **change}
    if body["connection_id"] in world.connections:
        body["connection_id"] = str(world.connections[str(body["connection_id"])])
    answer = world.client().post("/api/v1/dcl/entities", json=body)
    assert answer.status_code == status, answer.text


def test_changing_entities_needs_its_permission(world: PublishedWorld) -> None:
    body = {"name": "thing", "connection_id": str(world.connections["shop"]), "stream": "lines"}
    assert world.tenant.client("analyst").post("/api/v1/dcl/entities", json=body).status_code == 403
    assert world.tenant.client("viewer").delete("/api/v1/dcl/entities/thing").status_code == 403
