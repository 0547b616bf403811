"""Exactly one daemon serves one storage: the second waits, and takes over."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from orchestration.embedded.postgres import connection
from orchestration.resources.settings import REPOSITORY

pytestmark = pytest.mark.servers
Start = Callable[[str], "subprocess.Popen[bytes]"]
# Stands in for Dagster's daemon: says that it runs, and runs.
_DAEMON = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"


@pytest.fixture
def storage_url(postgres_admin_url: str) -> Iterator[str]:
    """A database of its own: advisory locks are per database."""
    name = f"dagster_{uuid4().hex}"
    with connection(postgres_admin_url) as admin, admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    yield postgres_admin_url.rsplit("/", 1)[0] + f"/{name}"
    with connection(postgres_admin_url) as admin, admin.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def start(storage_url: str, tmp_path: Path) -> Iterator[Start]:
    """Start a daemon that touches a file of this name once it runs."""
    started: list[subprocess.Popen[bytes]] = []

    def run(name: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-c", _DAEMON, str(tmp_path / name)]
        with (tmp_path / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "orchestration.embedded.single_daemon", *command],
                env=os.environ | {"AUTONOMOS_DAGSTER_URL": storage_url},
                cwd=REPOSITORY,
                stderr=log,
                start_new_session=True,
            )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_second_daemon_waits_until_the_first_is_gone(
    start: Start, tmp_path: Path, wait_until: Callable[..., None]
) -> None:
    first = start("first")
    wait_until((tmp_path / "first").exists)
    children = psutil.Process(first.pid).children()
    second = start("second")
    wait_until(lambda: "waiting for it to end" in (tmp_path / "second.log").read_text())
    assert not (tmp_path / "second").exists()
    first.terminate()
    first.wait(10)
    assert not any(child.is_running() for child in children)
    wait_until((tmp_path / "second").exists)
    assert second.poll() is None


def test_a_killed_daemon_takes_its_child_along(start: Start, tmp_path: Path, wait_until: Callable[..., None]) -> None:
    first = start("first")
    wait_until((tmp_path / "first").exists)
    children = psutil.Process(first.pid).children()
    assert len(children) == 1
    first.kill()
    first.wait(10)
    wait_until(lambda: not any(child.is_running() for child in children))


def test_a_daemon_that_lost_its_lock_stops(
    start: Start, tmp_path: Path, storage_url: str, wait_until: Callable[..., None]
) -> None:
    first = start("first")
    wait_until((tmp_path / "first").exists)
    children = psutil.Process(first.pid).children()
    with connection(storage_url) as opened, opened.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'autonomos daemon lock'"
            " AND datname = current_database()"
        )
        assert cursor.rowcount == 1
    assert first.wait(15) == 1
    assert not any(child.is_running() for child in children)
