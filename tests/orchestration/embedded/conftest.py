"""A home of its own for each test, whose processes are all gone afterwards."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestration.embedded.leftovers import end_leftovers
from orchestration.embedded.ports import free_port
from orchestration.embedded.state import StackState, read_state
from orchestration.resources.settings import REPOSITORY, Settings


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty AUTONOMOS_HOME which the account of Postgres can reach."""
    for name in [name for name in os.environ if name.startswith("AUTONOMOS_") or name in ("DATABASE_URL", "REDIS_URL")]:
        monkeypatch.delenv(name)
    outside = Path(tempfile.mkdtemp(prefix="autonomos-home-"))
    outside.chmod(0o711)
    home = outside / "home"
    yield home
    state = read_state(home)
    if state.supervisor is not None and state.is_running:
        state.supervisor.signal(signal.SIGTERM)
        until(lambda: not read_state(home).is_running, 30)
    end_leftovers(read_state(home), home)
    shutil.rmtree(outside)


@pytest.fixture
def settings(home: Path) -> Settings:
    """Settings of that home, with ports nobody else has."""
    return Settings(home=home, port=free_port(), dagster_port=free_port())


def until(true: Callable[[], object], timeout_s: float = 20) -> None:
    """Wait for a condition, with a deadline."""
    deadline = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > deadline:
            pytest.fail(f"still not so after {timeout_s} s")
        time.sleep(0.05)


def pids(state: StackState) -> dict[str, int]:
    """Pid of each running process."""
    return {name: process.identity.pid for name, process in state.processes.items() if process.identity}


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """`until` for tests."""
    return until


@pytest.fixture
def holder(settings: Settings) -> Iterator["subprocess.Popen[str]"]:
    """Another command which holds the stores of this home, ready, until it is told to go."""
    script = (
        "import sys\n"
        "from orchestration.embedded.stack import connect_or_start\n"
        "from orchestration.resources.settings import Settings\n"
        "with connect_or_start(Settings(), {'postgres', 'valkey'}, 'holder'):\n"
        "    print('ready', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    environment = os.environ | settings.as_environment() | {"PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        if process.poll() is None:
            process.kill()
