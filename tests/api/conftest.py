"""The application served by uvicorn on a port of its own, beside real stores."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import httpx
import pytest
import uvicorn

from api.app import create_app
from orchestration.control_plane.migrations.runner import newest_revision
from orchestration.embedded.postgres import connection
from orchestration.resources.settings import Settings

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
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while not server.started:
            assert thread.is_alive() and time.monotonic() < deadline
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(10)
