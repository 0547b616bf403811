"""The application served by uvicorn on a port of its own, beside real stores."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import httpx
import pytest

from api.app import create_app
from orchestration.control_plane.migrations.runner import newest_revision
from orchestration.embedded.postgres import connection
from orchestration.resources.settings import Settings
from tests.api.convention_routes import conventions
from tests.api.serving import api, hashed_password, served, shared_api
from tests.api.sourcing import org, sourced
from tests.orchestration.control_plane.databases import database, migrated_template

__all__ = ["api", "conventions", "database", "hashed_password", "migrated_template", "org", "shared_api", "sourced"]

Serve = Callable[[Settings], AbstractContextManager[httpx.Client]]


@pytest.fixture
def migrated_url(postgres_admin_url: str) -> Iterator[str]:
    """A database of its own that says it is at the newest revision."""
    name = f"api_{uuid4().hex}"
    url = postgres_admin_url.rsplit("/", 1)[0] + f"/{name}"
    with connection(postgres_admin_url) as admin, admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    with connection(url) as opened, opened.cursor() as cursor:
        cursor.execute("CREATE TABLE alembic_version (version_num text)")
        cursor.execute("INSERT INTO alembic_version VALUES (%s)", (newest_revision(),))
    yield url
    with connection(postgres_admin_url) as admin, admin.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def webserver_url() -> Iterator[str]:
    """Something that answers /server_info as Dagster's webserver does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/server_info" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def serve() -> Serve:
    """Serves an application over a real socket for the length of a block."""
    return _serve


@contextmanager
def _serve(settings: Settings) -> Iterator[httpx.Client]:
    with served(create_app(settings)) as base_url, httpx.Client(base_url=base_url, timeout=10) as client:
        yield client
