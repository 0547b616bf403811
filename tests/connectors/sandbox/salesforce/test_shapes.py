"""The stand-in answers in the shapes Salesforce documents, asked by a plain HTTP client."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
import requests

from connectors.sandbox.salesforce.sandbox import SalesforceSandbox

TABLE = pa.table(
    {
        "Code__c": ["a", "b", "c", "d"],
        "Name": ["Acme, Inc.", "O'Neil", 'say "hi"', None],
        "Amount": pa.array([Decimal("1.50"), Decimal("2"), None, Decimal("-3.25")], pa.decimal128(10, 2)),
        "Open__c": [True, False, True, False],
        "SystemModstamp": pa.array([datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3, 4)]),
    }
)


class Client:
    """A logged-in plain client."""

    def __init__(self, org: SalesforceSandbox) -> None:
        self.org = org
        self.session = requests.Session()
        config = org.config()
        form = {name: config[name] for name in ("client_id", "client_secret", "refresh_token")}
        self.login = self.session.post(
            f"{org.url}/services/oauth2/token", data={"grant_type": "refresh_token", **form}
        ).json()
        self.session.headers["Authorization"] = f"Bearer {self.login['access_token']}"

    def call(self, path: str, method: str = "GET", **options: Any) -> requests.Response:
        url = path if path.startswith("/") else f"/services/data/v62.0/{path}"
        return self.session.request(method, self.org.url + url, **options)

    def query(self, soql: str, kind: str = "query") -> Any:
        return self.call(kind, params={"q": soql}).json()

    def names(self, where: str, kind: str = "query") -> list[str | None]:
        answer = self.query(f"SELECT Code__c FROM Thing__c WHERE {where} ORDER BY Code__c", kind)
        return [record["Code__c"] for record in answer["records"]]


@pytest.fixture
def org() -> Iterator[SalesforceSandbox]:
    with SalesforceSandbox(page_size=3) as sandbox:
        sandbox.load("Thing__c", TABLE, "Code__c")
        yield sandbox


@pytest.fixture
def client(org: SalesforceSandbox) -> Iterator[Client]:
    made = Client(org)
    yield made
    made.session.close()


def test_a_token_comes_with_what_clients_need(client: Client) -> None:
    assert set(client.login) >= {"access_token", "instance_url", "id", "token_type", "issued_at", "signature"}
    assert client.login["token_type"] == "Bearer"


def test_a_refused_token_says_why_in_oauth_terms(client: Client) -> None:
    answer = client.call("/services/oauth2/token", "POST", data={"grant_type": "refresh_token", "client_id": "x"})
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "error_description"}


def test_every_answer_tells_the_api_usage_and_the_service_time(client: Client) -> None:
    headers = client.call("limits").headers
    assert headers["Sforce-Limit-Info"].startswith("api-usage=1/")
    assert headers["Date"].endswith("GMT")
    assert set(client.call("limits").json()["DailyApiRequests"]) == {"Max", "Remaining"}


def test_a_dead_session_is_refused_as_documented(client: Client) -> None:
    client.org.expire_tokens()
    answer = client.call("sobjects")
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_describe_names_fields_with_types_and_what_can_be_done_with_them(client: Client) -> None:
    [summary] = client.call("sobjects").json()["sobjects"]
    assert (summary["name"], summary["queryable"], summary["custom"]) == ("Thing__c", True, True)
    fields = {one["name"]: one for one in client.call("sobjects/Thing__c/describe").json()["fields"]}
    types = {name: one["type"] for name, one in fields.items()}
    assert types["Id"] == "id" and types["SystemModstamp"] == "datetime" and types["IsDeleted"] == "boolean"
    assert (types["Amount"], fields["Amount"]["precision"], fields["Amount"]["scale"]) == ("currency", 10, 2)
    assert client.call("sobjects/Nothing/describe").status_code == 404


def test_records_have_attributes_exact_numbers_and_times_with_an_offset(client: Client) -> None:
    answer = client.call("query", params={"q": "SELECT Id, Amount, Open__c, SystemModstamp FROM Thing__c"})
    assert '"Amount":1.5,' in answer.text
    first = answer.json()["records"][0]
    assert first["attributes"] == {"type": "Thing__c", "url": f"/services/data/v62.0/sobjects/Thing__c/{first['Id']}"}
    assert (len(first["Id"]), first["Open__c"]) == (18, True)
    assert first["SystemModstamp"] == "2026-01-01T00:00:00.000+0000"


def test_a_long_result_comes_in_pages(client: Client) -> None:
    first = client.query("SELECT Code__c FROM Thing__c ORDER BY Code__c")
    assert (first["totalSize"], first["done"], len(first["records"])) == (4, False, 3)
    assert client.query("SELECT Code__c FROM Thing__c", "queryAll")["nextRecordsUrl"].startswith(
        "/services/data/v62.0/query/"
    )
    second = client.call(first["nextRecordsUrl"]).json()
    assert (second["done"], "nextRecordsUrl" in second) == (True, False)
    assert [one["Code__c"] for one in first["records"] + second["records"]] == ["a", "b", "c", "d"]
    lost = client.call("query/01g999999999999AAA-3")
    assert (lost.status_code, lost.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


def test_counting_gives_a_size_without_records(client: Client) -> None:
    assert client.query("SELECT COUNT() FROM Thing__c WHERE Open__c = true") == {
        "totalSize": 2,
        "done": True,
        "records": [],
    }


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Name = 'acme, inc.'", ["a"]),
        (r"Name = 'O\'Neil' OR (Amount < 0 AND Open__c = false)", ["b", "d"]),
        ("Name = null", ["d"]),
        ("Name != null", ["a", "b", "c"]),
        ("Name LIKE 'o%'", ["b"]),
        ("Code__c IN ('a', 'c')", ["a", "c"]),
        ("Code__c NOT IN ('a', 'c')", ["b", "d"]),
        ("NOT Open__c = true", ["b", "d"]),
        ("Amount >= 1.5", ["a", "b"]),
        ("SystemModstamp > 2026-01-02T00:00:00Z AND SystemModstamp <= 2026-01-04T01:00:00.000+01:00", ["c", "d"]),
        ("SystemModstamp = LAST_N_DAYS:1", []),
    ],
)
def test_conditions_select_as_in_soql(client: Client, where: str, found: list[str]) -> None:
    assert client.names(where) == found


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Nothing FROM Thing__c", "INVALID_FIELD"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT Id FROM Thing__c WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Thing__c; DROP TABLE Thing__c", "MALFORMED_QUERY"),
        ("SELECT Id FROM Thing__c WHERE Name = 'x' UNION SELECT 1", "MALFORMED_QUERY"),
        ("SELECT Id FROM Thing__c WHERE SystemModstamp > '2026-01-01T00:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM Thing__c WHERE Amount > 'x'", "INVALID_FIELD"),
        ("SELECT SUM(Amount) FROM Thing__c", "MALFORMED_QUERY"),
        ("", "MALFORMED_QUERY"),
    ],
)
def test_what_it_does_not_understand_is_refused_as_the_service_does(client: Client, soql: str, code: str) -> None:
    answer = client.call("query", params={"q": soql})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_deleted_records_are_in_the_recycle_bin_for_fifteen_days(client: Client) -> None:
    client.org.delete("Thing__c", ["b"])
    assert client.names("Code__c != null") == ["a", "c", "d"]
    assert client.names("Code__c != null", "queryAll") == ["a", "b", "c"]  # a page
    assert client.names("IsDeleted = true", "queryAll") == ["b"]
    client.org.clock = lambda: datetime.now(UTC) + timedelta(days=16)
    assert client.names("IsDeleted = true", "queryAll") == []


def test_a_bulk_job_goes_through_its_states_and_gives_csv_by_locator(client: Client) -> None:
    wanted = {
        "operation": "query",
        "query": "SELECT Code__c, Name, Amount, SystemModstamp FROM Thing__c ORDER BY Code__c",
    }
    job = client.call("jobs/query", "POST", json=wanted).json()
    assert (job["state"], job["object"], job["contentType"]) == ("UploadComplete", "Thing__c", "CSV")
    path = f"jobs/query/{job['id']}"
    assert client.call(f"{path}/results").status_code == 400
    assert [client.call(path).json()["state"] for _ in range(3)] == ["InProgress", "JobComplete", "JobComplete"]
    first = client.call(f"{path}/results", params={"maxRecords": 3})
    assert first.headers["Sforce-NumberOfRecords"] == "3"
    second = client.call(f"{path}/results", params={"maxRecords": 3, "locator": first.headers["Sforce-Locator"]})
    assert (second.headers["Sforce-Locator"], second.headers["Sforce-NumberOfRecords"]) == ("null", "1")
    rows = [row for page in (first, second) for row in csv.DictReader(io.StringIO(page.text))]
    assert [row["Name"] for row in rows] == ["Acme, Inc.", "O'Neil", 'say "hi"', ""]
    assert rows[0]["SystemModstamp"] == "2026-01-01T00:00:00.000Z"
    assert [row["Amount"] for row in rows] == ["1.5", "2.0", "", "-3.25"]
    assert client.call(f"/services/data/v61.0/{path}/results").status_code == 409
    assert client.call(path, "DELETE").status_code == 204
    assert client.call(path).status_code == 404


def test_a_job_at_work_is_aborted_before_it_is_deleted(client: Client) -> None:
    job = client.call("jobs/query", "POST", json={"operation": "queryAll", "query": "SELECT Id FROM Thing__c"}).json()
    path = f"jobs/query/{job['id']}"
    assert client.call(path, "DELETE").status_code == 400
    assert client.call(path, "PATCH", json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert client.call(path, "DELETE").status_code == 204


def test_bulk_refuses_what_it_cannot_list(client: Client) -> None:
    client.org.add_field("Thing__c", "Body", "binary")
    for soql, code in (
        ("SELECT Body FROM Thing__c", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT X FROM Thing__c", "INVALID_FIELD"),
    ):
        answer = client.call("jobs/query", "POST", json={"operation": "query", "query": soql})
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_field_level_security_hides_from_describe_and_query_but_not_from_field_definitions(client: Client) -> None:
    client.org.hide_fields("Thing__c", "Amount")
    names = {one["name"] for one in client.call("sobjects/Thing__c/describe").json()["fields"]}
    assert "Amount" not in names
    assert client.query("SELECT Amount FROM Thing__c")[0]["errorCode"] == "INVALID_FIELD"
    known = client.query(
        "SELECT QualifiedApiName, EntityDefinition.QualifiedApiName FROM FieldDefinition"
        " WHERE EntityDefinition.QualifiedApiName IN ('Thing__c') LIMIT 2000"
    )
    assert known["totalSize"] == len(names) + 1
    assert known["records"][0]["EntityDefinition"]["QualifiedApiName"] == "Thing__c"
    assert client.query("SELECT QualifiedApiName FROM FieldDefinition")[0]["errorCode"] == "INVALID_FIELD"
    for soql in ("COUNT() FROM FieldDefinition WHERE {0}", "QualifiedApiName FROM FieldDefinition WHERE {0} OR {0}"):
        refused = client.query("SELECT " + soql.format("EntityDefinition.QualifiedApiName = 'Thing__c'"))
        assert refused[0]["errorCode"] == "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION"


def test_changes_of_shape_are_seen_by_the_next_request(client: Client) -> None:
    org = client.org
    org.rename_field("Thing__c", "Name", "Title__c")
    org.retype_field("Thing__c", "Amount", "text")
    org.add_field("Thing__c", "Extra__c", "integer", [1, 2, 3, 4])
    org.drop_field("Thing__c", "Open__c")
    fields = {one["name"]: one["type"] for one in client.call("sobjects/Thing__c/describe").json()["fields"]}
    assert (fields["Title__c"], fields["Amount"], fields["Extra__c"]) == ("string", "string", "int")
    assert not {"Name", "Open__c"} & set(fields)
    record = client.query("SELECT Title__c, Amount, Extra__c FROM Thing__c ORDER BY Id")["records"][0]
    assert (record["Title__c"], record["Amount"], record["Extra__c"]) == ("Acme, Inc.", "1.50", 1)
    assert org.records("Thing__c").num_rows == 4
    org.drop_stream("Thing__c")
    assert client.call("sobjects").json()["sobjects"] == []


def test_large_answers_are_packed_for_clients_that_take_it(client: Client) -> None:
    answer = client.call("sobjects/Thing__c/describe")
    assert answer.headers["Content-Encoding"] == "gzip"
    plain = client.call("sobjects/Thing__c/describe", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.json() == answer.json()


def test_a_request_line_too_long_is_refused(client: Client) -> None:
    assert client.call("query", params={"q": "SELECT " + "X" * 17_000 + " FROM Thing__c"}).status_code == 414
