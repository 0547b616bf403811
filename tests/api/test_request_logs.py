"""Requests in the log and in the figures: by route template, without anything that was secret in them."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from pydantic import SecretStr

from api.logs import JsonLines
from api.observation import requests_log
from tests.api.serving import PASSWORD, ServedApi, email, serving
from tests.orchestration.control_plane.databases import Database, throwaway

pytestmark = pytest.mark.servers
SECRET = f"hunter2{uuid4().hex}"
METRICS_TOKEN = "m" * 10 + uuid4().hex


def add_failing_routes(app: FastAPI) -> None:
    """Routes that fail with what they were sent in the error's text."""
    failing = APIRouter(prefix="/failing")

    @failing.post("/{word}")
    def fail(word: str, body: dict[str, str]) -> None:
        raise ValueError(f"token={word} and password: {body['password']}")

    app.include_router(failing)


@pytest.fixture(scope="module")
def logged(
    postgres_admin_url: str,
    migrated_template: str,
    redis_url: str,
    hashed_password: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[ServedApi, io.StringIO]]:
    """An application, and everything that its process logs at any level."""
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    handler.addFilter(lambda record: not record.name.startswith("http"))  # the callers are in this process too
    root.setLevel(logging.DEBUG)
    try:
        with (
            throwaway(postgres_admin_url, migrated_template) as made,
            serving(
                Database(postgres_admin_url, made.name),
                redis_url,
                Path(tmp_path_factory.mktemp("logged")),
                hashed_password,
                prepare=add_failing_routes,
                metrics_token=SecretStr(METRICS_TOKEN),
            ) as api,
        ):
            api.new_tenant("acme")
            yield api, output
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def entries(output: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


def requests_of(output: io.StringIO) -> list[dict[str, object]]:
    return [entry for entry in entries(output) if entry["logger"] == requests_log.name]


def test_nothing_secret_of_a_request_is_in_the_log(logged: tuple[ServedApi, io.StringIO]) -> None:
    api, output = logged
    password, token = PASSWORD, api.token("acme", "owner")
    hidden = {"Cookie": f"session={SECRET}", "X-Api-Key": f"ak_0123456789_{SECRET}"}
    with httpx.Client(base_url=api.base_url, timeout=30) as client:
        statuses = [
            client.get(f"/api/v1/admin/audit?token={SECRET}", headers={"Authorization": f"Bearer {token}"}).status_code,
            client.get("/api/v1/admin/audit", headers={"Authorization": f"Bearer {SECRET}"}).status_code,
            client.get("/api/v1/admin/audit", headers=hidden).status_code,
            client.get(f"/approve/{SECRET}?ticket={SECRET}").status_code,
            client.get(f"/api/v1/events/stream?ticket={SECRET}").status_code,
            client.post("/api/v1/auth/login", json={"email": email("owner", "acme"), "password": password}).status_code,
            client.post("/api/v1/auth/login", json={"email": "a@b.example", "password": SECRET}).status_code,
            client.post("/api/v1/auth/login", content=f'{{"password": "{SECRET}"').status_code,
            client.post("/api/v1/auth/login", json={"email": SECRET, "password": [SECRET]}).status_code,
            client.post("/api/v1/auth/refresh", json={"refresh_token": SECRET}).status_code,
            client.post(f"/failing/{SECRET}", json={"password": SECRET}).status_code,
            client.get("/metrics", headers={"Authorization": f"Bearer {SECRET}"}).status_code,
        ]
    text = output.getvalue()
    assert statuses[0] == 200 and statuses[10] == 500, statuses
    assert [word for word in (SECRET, password, token, token.rpartition(".")[2]) if word in text] == []
    assert any(
        entry.get("error") == "ValueError" and "test_request_logs.py" in str(entry["traceback"])
        for entry in entries(output)
    )


def test_a_request_is_one_line_with_its_route_and_who_asked(logged: tuple[ServedApi, io.StringIO]) -> None:
    api, output = logged
    answer = api.client("owner").get("/api/v1/admin/audit", params={"limit": 3})
    entry = next(found for found in requests_of(output) if found["trace_id"] == answer.headers["X-Trace-Id"])
    assert (entry["route"], entry["method"], entry["status"]) == ("/api/v1/admin/audit", "GET", 200)
    assert (entry["tenant_id"], entry["actor"]) == (str(api.tenants["acme"]), "member")
    assert float(str(entry["ms"])) > 0


def test_a_path_that_nobody_serves_is_not_repeated(logged: tuple[ServedApi, io.StringIO]) -> None:
    api, output = logged
    stray = f"stray{uuid4().hex}"
    with api.anonymous() as client:
        answer = client.get(f"/api/{stray}/x?{stray}")
    entry = next(found for found in requests_of(output) if found["trace_id"] == answer.headers["X-Trace-Id"])
    assert (entry["route"], entry["status"], entry["actor"]) == ("(none)", 404, "nobody")
    assert stray not in output.getvalue()


def test_machines_that_look_all_the_time_are_not_written_down(logged: tuple[ServedApi, io.StringIO]) -> None:
    api, output = logged
    with api.anonymous() as client:
        for path in ("/health", "/ready", "/metrics"):
            client.get(path)
    assert not {"/health", "/ready", "/metrics"} & {found["route"] for found in requests_of(output)}


def test_figures_tell_routes_and_servers_and_no_tenant(logged: tuple[ServedApi, io.StringIO]) -> None:
    api, _ = logged
    api.client("owner").get("/api/v1/admin/audit")
    with api.anonymous() as client:
        client.get(f"/api/{SECRET}")
        answer = client.get("/metrics")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    text = answer.text
    assert 'autonomos_http_requests_total{method="GET",route="/api/v1/admin/audit",status="2xx"}' in text
    assert 'route="(none)",status="4xx"' in text
    assert 'autonomos_dependency_up{dependency="database"} 1.0' in text
    assert 'autonomos_dependency_up{dependency="dagster"} 0.0' in text
    assert 'autonomos_pool_connections_most{login="app"}' in text
    assert "autonomos_stream_clients 0.0" in text
    assert SECRET not in text and str(api.tenants["acme"]) not in text and "acme" not in text


@pytest.mark.parametrize(
    "told", [{"X-Forwarded-For": "10.0.0.9"}, {"Forwarded": "for=10.0.0.9"}, {"Host": "app.example"}]
)
def test_who_comes_through_a_proxy_needs_the_token(logged: tuple[ServedApi, io.StringIO], told: dict[str, str]) -> None:
    api, _ = logged
    with api.anonymous() as client:
        refused = client.get("/metrics", headers=told)
        admitted = client.get("/metrics", headers={**told, "Authorization": f"Bearer {METRICS_TOKEN}"})
    assert refused.status_code in (400, 404, 421)
    assert admitted.status_code == (200 if "Host" not in told else refused.status_code)
