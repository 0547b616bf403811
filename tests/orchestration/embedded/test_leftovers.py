"""What a killed supervisor left: ended by pid and start time, and only that."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from orchestration.embedded.identity import ProcessIdentity
from orchestration.embedded.leftovers import end_leftovers
from orchestration.embedded.processes import MARK
from orchestration.embedded.state import ProcessState, StackState

# A leader that forks a child; both ignore SIGTERM.
_STUBBORN = (
    "import os, signal, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "child = os.fork()\n"
    "if child: print(child, flush=True)\n"
    "time.sleep(600)\n"
)


@pytest.fixture
def stubborn(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A process group leader and the pid of its child."""
    environment = os.environ | {MARK: str(tmp_path)}
    command = [sys.executable, "-c", _STUBBORN]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True, env=environment
    ) as leader:
        assert leader.stdout is not None
        yield leader, int(leader.stdout.readline())
        leader.kill()


def _state(identity: ProcessIdentity) -> StackState:
    return StackState(processes={"worker": ProcessState(status="ready", identity=identity)})


def test_a_stubborn_group_is_killed_whole(stubborn: tuple["subprocess.Popen[str]", int], tmp_path: Path) -> None:
    leader, child = stubborn
    assert end_leftovers(_state(ProcessIdentity.of(leader.pid)), tmp_path, patience_s=0.2) == ["worker"]
    assert leader.wait(5) == -9
    assert _is_gone(child)


def test_children_of_a_dead_leader_are_killed(stubborn: tuple["subprocess.Popen[str]", int], tmp_path: Path) -> None:
    leader, child = stubborn
    identity = ProcessIdentity.of(leader.pid)
    leader.kill()
    leader.wait(5)
    assert not _is_gone(child)
    assert end_leftovers(_state(identity), tmp_path) == []
    assert _is_gone(child)


def test_children_of_another_home_are_left_alone(stubborn: tuple["subprocess.Popen[str]", int], tmp_path: Path) -> None:
    leader, child = stubborn
    identity = ProcessIdentity.of(leader.pid)
    leader.kill()
    leader.wait(5)
    end_leftovers(_state(identity), tmp_path / "another")
    assert not _is_gone(child)
    psutil.Process(child).kill()


def test_a_pid_given_out_again_is_left_alone(stubborn: tuple["subprocess.Popen[str]", int], tmp_path: Path) -> None:
    leader, child = stubborn
    recorded = ProcessIdentity(leader.pid, ProcessIdentity.of(leader.pid).started - 3600)
    assert end_leftovers(_state(recorded), tmp_path / "another") == []
    assert leader.poll() is None
    psutil.Process(child).kill()


def _is_gone(pid: int) -> bool:
    try:
        psutil.wait_procs([psutil.Process(pid)], timeout=0.5)
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
