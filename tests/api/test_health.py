"""Liveness and readiness over a socket: what is asked, what is answered, what is not told."""

import base64
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest

from orchestration.embedded.ports import free_port
from orchestration.embedded.postgres import connection
from orchestration.resources.settings import REPOSITORY, Settings
from tests.orchestration.control_plane.databases import MASTER_KEY

pytestmark = pytest.mark.servers
SEALING = base64.b64encode(MASTER_KEY).decode()
Serve = Callable[[Settings], AbstractContextManager[httpx.Client]]


@pytest.fixture
def settings(tmp_path: Path, migrated_url: str, redis_url: str, webserver_url: str) -> Settings:
    return Settings(
        home=tmp_path,
        database_url=migrated_url,
        identity_url=migrated_url,
        redis_url=redis_url,
        webserver_url=webserver_url,
        master_key=SEALING,
    )


def test_ready_when_everything_is_in_order(serve: Serve, settings: Settings) -> None:
    with serve(settings) as client:
        answer = client.get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "problems": {}})


def test_each_missing_dependency_is_named_without_addresses(serve: Serve, settings: Settings) -> None:
    nowhere = free_port()
    lost = settings.model_copy(
        update={
            "database_url": f"postgresql+psycopg2://app:hidden-password@127.0.0.1:{nowhere}/x",
            "identity_url": f"postgresql+psycopg2://who:hidden-password@127.0.0.1:{nowhere}/x",
            "redis_url": f"redis://:hidden-password@127.0.0.1:{nowhere}/0",
            "webserver_url": f"http://127.0.0.1:{nowhere}",
        }
    )
    with serve(lost) as client:
        answer = client.get("/ready")
        alive = client.get("/health")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert answer.json()["problems"].keys() == {"database", "identity", "redis", "dagster"}
    assert "hidden" not in answer.text and str(nowhere) not in answer.text
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})


def test_tables_of_another_version_are_not_ready(serve: Serve, settings: Settings) -> None:
    with connection(settings.database_url) as opened, opened.cursor() as cursor:
        cursor.execute("UPDATE alembic_version SET version_num = '0000'")
    with serve(settings) as client:
        answer = client.get("/ready")
        assert answer.status_code == 503
        assert answer.json()["problems"]["database"].startswith("migrations are at 0000, this version needs ")


def test_it_recovers_when_its_database_connections_were_cut(serve: Serve, settings: Settings) -> None:
    with serve(settings) as client:
        assert client.get("/ready").status_code == 200
        with connection(settings.database_url) as opened, opened.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert cursor.rowcount >= 1
        assert client.get("/ready").status_code == 200


def test_the_application_loads_neither_dagster_nor_exporters_of_traces() -> None:
    script = (
        "import sys, api.app; from api.telemetry import Telemetry;"
        " from api.tracing import telemetry;"
        " assert type(telemetry('1', {})) is Telemetry;"
        " sys.exit(any(name.startswith(('dagster', 'opentelemetry.exporter')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=False).returncode == 0
