"""The OpenAPI document is complete: whoever adds a route says what it does, takes, gives and requires."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.app import DOMAINS, create_app
from api.openapi import asks_who, operations, permission_of
from api.openapi_file import DASHBOARD_COPY, openapi_text
from api.security.public import PUBLIC
from orchestration.resources.settings import Settings
from tests.api.serving import ServedApi
from tests.orchestration.control_plane.databases import MASTER_KEY

METHODS = ("get", "put", "post", "patch", "delete")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    key = base64.b64encode(MASTER_KEY).decode()
    return create_app(Settings(home=tmp_path_factory.mktemp("document"), master_key=key))


@pytest.fixture(scope="module")
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def every(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    lacking = [
        f"{name}: no {part}"
        for name, operation in every(document)
        for part in ("summary", "description", "tags", "operationId")
        if not operation.get(part)
    ]
    assert lacking == []


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in every(document)]
    assert sorted(set(ids)) == sorted(ids)


def test_every_good_answer_has_a_shape(document: dict[str, Any]) -> None:
    lacking = []
    for name, operation in every(document):
        good = {status: found for status, found in operation["responses"].items() if status.startswith("2")}
        contents = [item for found in good.values() for item in found.get("content", {}).items()]
        shapeless = [media for media, content in contents if media == "application/json" and not content.get("schema")]
        if not good or shapeless or (not contents and not good.keys() & {"202", "204"}):
            lacking.append(name)
    assert lacking == []


def test_every_body_has_an_example(document: dict[str, Any]) -> None:
    lacking = [
        f"{name}: {_holes(content.get('example'))}"
        for name, operation in every(document)
        for media, content in operation.get("requestBody", {}).get("content", {}).items()
        if media == "application/json" and "examples" not in content and _holes(content.get("example"))
    ]
    assert lacking == []


def _holes(example: Any, at: str = "body") -> list[str]:
    if isinstance(example, dict):
        return [hole for name, value in example.items() for hole in _holes(value, f"{at}.{name}")]
    return [at] if example is None else []


def test_every_operation_names_who_may_do_it(app: FastAPI, document: dict[str, Any]) -> None:
    open_to_all = {
        operation["operationId"] for route, operation in operations(app, document) if permission_of(route) is None
    }
    asking = {operation["operationId"] for route, operation in operations(app, document) if asks_who(route)}
    assert open_to_all - asking - PUBLIC == set()
    for route, operation in operations(app, document):
        if asks_who(route):
            assert {"401", "429", "503"} <= operation["responses"].keys(), operation["operationId"]
            assert operation["security"] == [{"accessToken": []}, {"apiKey": []}]


def test_problems_have_one_form(document: dict[str, Any]) -> None:
    for name, operation in every(document):
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")) and status != "503":
                assert response["content"].keys() == {"application/problem+json"}, f"{name} {status}"
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in set(_references(document)):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def test_tags_are_explained_and_addresses_are_relative(document: dict[str, Any]) -> None:
    explained = {tag["name"] for tag in document["tags"] if len(tag["description"]) > 20}
    used = {tag for _, operation in every(document) for tag in operation["tags"]}
    assert used <= explained and set(DOMAINS) <= explained
    assert document["servers"] == [{"url": "/", "description": "This server"}]


@pytest.mark.servers
def test_the_page_loads_nothing_from_elsewhere(conventions: ServedApi) -> None:
    with conventions.anonymous() as client:
        page = client.get("/docs")
        policy = page.headers["Content-Security-Policy"]
        loaded = [f"/docs/{name}" for name in ("start.js", "files/swagger-ui-bundle.js", "files/swagger-ui.css")]
        answers: list[httpx.Response] = [client.get(path) for path in loaded]
        assert client.get("/docs/files/..%2f..%2fcore.py").status_code == 404
        assert client.get("/openapi.json").json()["info"]["title"] == "AutonomOS"
    assert all(path in page.text for path in loaded) and "http" not in page.text
    assert "script-src 'self';" in policy and "unsafe-eval" not in policy
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len(answers[1].content) > 1_000_000


def test_there_is_a_file_to_serve() -> None:
    from api.routers.documentation import _folder

    assert isinstance(_folder(), Path) and (_folder() / "swagger-ui-bundle.js").is_file()


def test_the_dashboards_copy_is_the_document() -> None:
    """Made anew with `python -m api.openapi_file`; the dashboard's client is generated from it."""
    assert DASHBOARD_COPY.read_text(encoding="utf-8") == openapi_text()
