"""Everything at once, as `autonomos up` runs it: ready, serving, found by a second start, gone after Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from orchestration.embedded.processes import EVERYTHING
from orchestration.embedded.state import StackState, read_state
from orchestration.resources.settings import REPOSITORY, Settings

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stacks of their own")]
Until = Callable[..., None]


def _command(settings: Settings, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        env=os.environ | settings.as_environment(),
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _json(settings: Settings, *arguments: str) -> Any:
    with _command(settings, *arguments, "--json") as command:
        output, errors = command.communicate(timeout=60)
        assert command.returncode == 0, errors
        return json.loads(output)


@pytest.fixture
def up(settings: Settings, wait_until: Until) -> Iterator["subprocess.Popen[str]"]:
    with _command(settings, "up") as command:
        wait_until(lambda: read_state(settings.home).phase == "ready" or command.poll() is not None, 240)
        yield command
        if command.poll() is None:
            command.send_signal(signal.SIGINT)
        command.communicate(timeout=90)


def _alive(state: StackState) -> dict[str, int]:
    found = {name: process.identity for name, process in state.processes.items() if process.identity}
    return {name: identity.pid for name, identity in found.items() if identity.is_alive()}


def test_up_serves_everything_and_ctrl_c_stops_it_all(
    up: "subprocess.Popen[str]", settings: Settings, wait_until: Until, tmp_path: Path
) -> None:
    state = read_state(settings.home)
    assert state.processes.keys() == EVERYTHING
    assert {process.status for process in state.processes.values()} == {"ready", "done"}
    assert httpx.get(f"{state.urls['app']}/ready", timeout=10).json() == {"ready": True, "problems": {}}
    query = {"query": "{ repositoriesOrError { __typename ... on RepositoryConnection { nodes { name } } } }"}
    answer = httpx.post(f"{state.urls['dagster']}/graphql", json=query, timeout=30).json()
    assert len(answer["data"]["repositoriesOrError"]["nodes"]) == 1
    processes = [psutil.Process(pid) for pid in _alive(state).values()]
    assert len(processes) == len(EVERYTHING) - 2  # two steps are done and have none
    children = [child for process in processes for child in process.children(recursive=True)]
    secrets = json.loads((settings.home / "secrets.json").read_text()).values()
    shown = [" ".join(process.cmdline()) for process in (*processes, *children) if process.is_running()]
    assert not any(secret in line for secret in secrets for line in shown)

    second = _json(settings, "up")
    assert (second["phase"], second["urls"]) == ("ready", state.urls)
    assert _alive(read_state(settings.home)) == _alive(state)

    told = _json(settings, "doctor")
    assert told["phase"] == "ready"
    assert told["problems"] == []
    assert told["migrations"]["current"] == told["migrations"]["head"]
    assert told["versions"]["postgres"].startswith("18")

    worker = _alive(state)["worker"]
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: _alive(read_state(settings.home)).get("worker", worker) != worker, 60)
    wait_until(lambda: read_state(settings.home).phase == "ready", 60)

    up.send_signal(signal.SIGINT)
    _, said = up.communicate(timeout=90)
    assert up.returncode == 0
    assert said.rstrip().endswith("Stopped.")
    assert read_state(settings.home).phase == "stopped"
    assert not [process for process in (*processes, *children) if process.is_running()]
