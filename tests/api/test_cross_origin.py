"""Pages of other origins may call nothing, unless the operator names them."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.serving import ServedApi, serving
from tests.orchestration.control_plane.databases import throwaway

pytestmark = pytest.mark.servers
ASKED = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, idempotency-key"}


@pytest.fixture(scope="module")
def opened(
    postgres_admin_url: str,
    migrated_template: str,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    hashed_password: str,
) -> Iterator[ServedApi]:
    home: Path = tmp_path_factory.mktemp("opened")
    origins = "https://dashboard.example, https://other.example/"
    with (
        throwaway(postgres_admin_url, migrated_template) as made,
        serving(made, redis_url, home, hashed_password, cors_origins=origins) as api,
    ):
        yield api


def ask(api: ServedApi, origin: str) -> tuple[httpx.Response, httpx.Response]:
    with api.anonymous() as client:
        before = client.options("/api/v1/aam/connections", headers={"Origin": origin, **ASKED})
        return before, client.get("/api/v1/aam/connections", headers={"Origin": origin})


def test_by_default_no_origin_is_allowed(conventions: ServedApi) -> None:
    for answer in ask(conventions, "https://dashboard.example"):
        assert not any(name.startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize("origin", ["https://dashboard.example", "https://other.example"])
def test_a_named_origin_may_call_without_cookies(opened: ServedApi, origin: str) -> None:
    before, call = ask(opened, origin)
    assert before.status_code == 200
    assert "Idempotency-Key" in before.headers["Access-Control-Allow-Headers"]
    assert call.headers["Access-Control-Allow-Origin"] == origin
    assert "X-Trace-Id" in call.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in call.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "http://dashboard.example", "null"])
def test_another_origin_may_not(opened: ServedApi, origin: str) -> None:
    assert all("Access-Control-Allow-Origin" not in answer.headers for answer in ask(opened, origin))
