"""The dashboard's files: every page address opens it, nothing of the API does."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.dashboard import Dashboard
from api.requests.middleware import Edge
from orchestration.resources.settings import Settings
from tests.api.serving import ServedApi, served

SCRIPT = "export const words = '" + "long " * 1000 + "';"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a build leaves behind."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>AutonomOS</title>")
    (tmp_path / "assets" / "index-1a2b.js").write_text(SCRIPT)
    (tmp_path / "icon.svg").write_text("<svg/>")
    (tmp_path / ".built-from").write_text("a digest")
    (tmp_path.parent / "secret.txt").write_text("not to be served")
    return tmp_path


@pytest.fixture
def client(folder: Path, tmp_path: Path) -> Iterator[httpx.Client]:
    app = FastAPI()
    app.get("/api/v1/known")(lambda: "known")
    app.post("/api/v1/written")(lambda: "written")
    app.router.routes.append(Dashboard(folder))
    app.add_middleware(Edge, settings=Settings(home=tmp_path / "home"))
    with served(app) as base_url, httpx.Client(base_url=base_url) as asking:
        yield asking


@pytest.mark.parametrize("path", ["/", "/views/accounts", "/approvals/9d1c", "/connections/new?kind=files", "/a.b/c"])
def test_every_page_address_opens_the_page(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.text) == (200, "<title>AutonomOS</title>")
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy and "frame-ancestors 'none'" in policy


def test_files_named_by_digest_are_kept_for_good_and_travel_compressed(client: httpx.Client) -> None:
    answer = client.get("/assets/index-1a2b.js")
    assert answer.text == SCRIPT
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/javascript")
    with client.stream("GET", "/assets/index-1a2b.js") as raw:
        body = b"".join(raw.iter_raw())
    assert len(body) < len(SCRIPT) / 5
    assert gzip.decompress(body).decode() == SCRIPT


def test_other_files_are_asked_for_anew(client: httpx.Client) -> None:
    answer = client.get("/icon.svg")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    again = client.get("/icon.svg", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path", ["/assets/gone-3c4d.js", "/gone.png", "/assets/../../secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt"]
)
def test_a_file_that_is_not_there_is_not_the_page(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404 or answer.text == "<title>AutonomOS</title>"
    assert "not to be served" not in answer.text
    if path.endswith((".js", ".png")):
        assert answer.status_code == 404
        assert answer.headers["cache-control"] == "no-store"


def test_addresses_of_the_api_are_never_pages(client: httpx.Client) -> None:
    assert client.get("/api/v1/known").json() == "known"
    assert client.get("/api/v1/unknown").status_code == 404
    assert client.get("/api/v1/written").status_code == 405
    assert client.post("/views").status_code == 404
    assert client.get("/.built-from").text == "<title>AutonomOS</title>"


def test_without_a_build_the_page_says_so(client: httpx.Client, folder: Path) -> None:
    (folder / "index.html").unlink()
    answer = client.get("/")
    assert answer.status_code == 503
    assert "not built" in answer.text


def test_the_application_keeps_its_own_answers(shared_api: ServedApi) -> None:
    with httpx.Client(base_url=shared_api.base_url) as asking:
        for path in ("/api/v1/nothing", "/api/nothing", "/docs/nothing"):
            answer = asking.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), path
        link = asking.get("/approvals/link/forged")
        assert (link.status_code, "This link is not valid" in link.text) == (404, True)
        assert asking.head("/views").status_code in (200, 503)
