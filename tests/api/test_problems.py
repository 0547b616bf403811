"""Every error is a problem document of a type that has a page, and absent things look all alike."""

import httpx
import pytest

from api.problems import kinds
from tests.api.serving import ServedApi, ServedTenant

pytestmark = pytest.mark.servers
THINGS = "/api/v1/conventions/things"


@pytest.fixture(scope="module")
def tenant(conventions: ServedApi) -> ServedTenant:
    return conventions.new_tenant()


def kind(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code and body["title"]
    return answer.status_code, body["type"].removeprefix("/problems/")


def test_what_is_not_there_is_not_found(conventions: ServedApi) -> None:
    with conventions.anonymous() as client:
        assert kind(client.get("/api/v1/nothing/here")) == (404, "not-found")


def test_every_type_has_a_page_and_advice(conventions: ServedApi) -> None:
    with conventions.anonymous() as client:
        listed = client.get("/problems").json()
        pages = {one["type"]: client.get(one["type"]).json() for one in listed}
        assert kind(client.get("/problems/unheard-of")) == (404, "not-found")
    assert pages == {one["type"]: one for one in listed}
    assert {one["type"].removeprefix("/problems/") for one in listed} == set(kinds())
    assert all(len(one["what_to_do"]) > 10 for one in listed)


@pytest.mark.parametrize(
    "content, media, expected",
    [
        (b"{", "application/json", (422, "invalid-request")),
        (b'{"name": NaN}', "application/json", (422, "invalid-request")),
        (b"\xc3(", "application/json", (400, "malformed-request")),
        (b'{"name": "one"}', "text/plain", (415, "unsupported-media-type")),
        (b"name=one", "application/x-www-form-urlencoded", (415, "unsupported-media-type")),
        (b'{"name": "one"}', "", (415, "unsupported-media-type")),
        (b"", "application/json", (422, "invalid-request")),
        (b"[" * 50_000, "application/json", (400, "malformed-request")),
    ],
    ids=["cut", "nan", "not-text", "text", "form", "no-type", "empty", "deep"],
)
def test_bodies_that_cannot_be_used(
    tenant: ServedTenant, content: bytes, media: str, expected: tuple[int, str]
) -> None:
    headers = {"Content-Type": media} if media else {}
    assert kind(tenant.client().post(THINGS, content=content, headers=headers)) == expected


def test_a_body_of_a_kind_of_json_is_read(tenant: ServedTenant) -> None:
    headers = {"Content-Type": "application/merge-patch+json; charset=utf-8"}
    assert tenant.client().post(THINGS, content=b'{"name": "one"}', headers=headers).status_code == 201


def test_what_is_wrong_is_named_without_what_was_sent(tenant: ServedTenant) -> None:
    answer = tenant.client().post(THINGS, json={"name": {"password": "hunter2"}})
    assert kind(answer) == (422, "invalid-request")
    assert answer.json()["errors"] == [{"at": "body.name", "message": "Input should be a valid string"}]


def test_another_method_names_all_that_the_address_takes(tenant: ServedTenant) -> None:
    answer = tenant.client().patch(f"{THINGS}/one", json={})
    assert kind(answer) == (405, "method-not-allowed")
    assert answer.headers["Allow"] == "DELETE, GET, PUT"


@pytest.mark.parametrize(
    "accept, status",
    [
        ("*/*", 200), ("application/json", 200), ("text/html, application/*;q=0.5", 200), ("text/html, */*;q=0.1", 200),
        ("text/html", 406), ("application/xml", 406), ("application/json;q=0", 406),
    ],
)  # fmt: skip
def test_an_answer_has_a_form_that_is_accepted(tenant: ServedTenant, accept: str, status: int) -> None:
    assert tenant.client().get(f"{THINGS}/one", headers={"Accept": accept}).status_code == status


@pytest.mark.parametrize("text", ["%00", "a%00b"])
def test_text_that_postgres_cannot_hold_is_the_callers_fault(tenant: ServedTenant, text: str) -> None:
    answer = tenant.client().get(f"/api/v1/conventions/stored?text={text}")
    assert kind(answer) == (422, "invalid-request")


@pytest.mark.parametrize("surrogate", ['"\\ud800"', '"a\\udfffb"'])
def test_a_half_character_is_the_callers_fault(tenant: ServedTenant, surrogate: str) -> None:
    body = f'{{"name": {surrogate}}}'.encode()
    answer = tenant.client().post(THINGS, content=body, headers={"Content-Type": "application/json"})
    assert kind(answer) == (422, "invalid-request")


@pytest.mark.parametrize("other", ["x", "1", "7d3c1f5e-2a4b-4c6d-8e9f-0a1b2c3d4e5", "\u0000"])
def test_what_is_no_id_in_a_body_names_nothing(tenant: ServedTenant, other: str) -> None:
    answer = tenant.client().post(THINGS, json={"name": "one", "other": other})
    assert kind(answer) == (404, "not-found")
