"""What commands call: make sure the stack (or a part of it) runs, wait for it, let go of it.

The work is done by the supervisor process; this takes a lease, starts a supervisor when there is none and reads
state.json. Whoever lets go last stops everything, in order, also by being killed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.embedded.errors import StartFailed
from orchestration.embedded.leases import Lease, read_demand, take_lease
from orchestration.embedded.logs import open_log
from orchestration.embedded.processes import EVERYTHING, KNOWN, with_dependencies
from orchestration.embedded.state import StackState, read_state
from orchestration.resources.settings import REPOSITORY, Settings, load_settings

OnChange = Callable[[StackState], None]
_POLL_S = 0.05


class Stack:
    """The servers and processes of one home, as one command sees them."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or load_settings()
        self._home = self._settings.home
        self._lease: Lease | None = None
        self._needed: frozenset[str] = frozenset()
        self._supervisor: subprocess.Popen[bytes] | None = None
        self.started_here = False

    @property
    def settings(self) -> Settings:
        """Settings with the URLs of the servers as they run now."""
        return self._settings.with_servers(read_state(self._home).ports)

    def start(self, only: Collection[str] | None = None, purpose: str = "") -> None:
        """Ask for processes (all by default, or some with what they depend on); `wait_ready` waits for them."""
        names = EVERYTHING if only is None else frozenset(only)
        unknown = names - KNOWN
        if unknown:
            raise StartFailed(f"there is no process named {', '.join(sorted(unknown))}")
        make_home(self._home)
        self._needed = with_dependencies(names, self._settings)
        self._lease = take_lease(self._home, names, purpose)
        self.started_here = not read_state(self._home).is_running
        if self.started_here:
            self._supervisor = self._spawn_supervisor()

    def wait_ready(self, timeout_s: float = 180, on_change: OnChange | None = None) -> None:
        """Return when everything asked for is healthy.

        Raises:
            StartFailed: it cannot be, or not in time; the sentence says which process and why.
        """
        deadline = time.monotonic() + timeout_s
        seen = ""
        while not self._is_ready(state := self._follow()):
            if on_change is not None and repr(state) != seen:
                seen = repr(state)
                on_change(state)
            if time.monotonic() > deadline:
                raise StartFailed(f"not ready after {timeout_s:.0f} s: waiting for {', '.join(self._missing(state))}")
            time.sleep(_POLL_S)
        if on_change is not None:
            on_change(state)

    def stop(self, timeout_s: float = 90) -> None:
        """Let go; when nobody else holds the stack, wait until it has stopped."""
        if self._lease is None:
            return
        self._lease.release()
        self._lease = None
        self._reap()
        if read_demand(self._home).leases:
            return
        deadline = time.monotonic() + timeout_s
        while read_state(self._home).is_running and time.monotonic() < deadline:
            self._reap()
            time.sleep(_POLL_S)
        self._reap()

    def status(self) -> StackState:
        """What is known to run now; phase "stopped" when no supervisor lives."""
        state = read_state(self._home)
        if not state.is_running:
            if state.phase != "failed":
                state.phase = "stopped"
            for process in state.processes.values():
                process.status = "stopped"
        return state

    def _follow(self) -> StackState:
        """The state now; a supervisor that ended before it took in our lease is replaced."""
        state = read_state(self._home)
        if state.is_running:
            failed = [name for name in self._missing(state) if self._status(state, name) == "failed"]
            if failed and state.phase != "stopping":
                process = state.processes[failed[0]]
                raise StartFailed(f"{failed[0]} {process.note} (log: {process.log})")
            return state
        if self._supervisor is None:
            self._supervisor = self._spawn_supervisor()
        elif (exit_code := self._supervisor.poll()) is not None:
            self._supervisor = None
            if exit_code != 0:
                state = read_state(self._home)
                log = self._home / "logs" / "supervisor.log"
                raise StartFailed(state.error or f"the supervisor ended with exit code {exit_code} (log: {log})")
        return state

    def _is_ready(self, state: StackState) -> bool:
        mine = self._lease is not None and self._lease.name in state.leases
        return state.is_running and state.phase != "stopping" and mine and not self._missing(state)

    def _missing(self, state: StackState) -> list[str]:
        return [name for name in sorted(self._needed) if self._status(state, name) not in ("ready", "done")]

    def _status(self, state: StackState, name: str) -> str:
        return state.processes[name].status if name in state.processes else "waiting"

    def _spawn_supervisor(self) -> "subprocess.Popen[bytes]":
        log = open_log(self._home / "logs" / "supervisor.log")
        environment = os.environ | self._settings.as_environment()
        environment |= {"AUTONOMOS_HOME": str(self._home), "PYTHONPATH": str(REPOSITORY)}
        try:
            # Its own session: Ctrl-C on the terminal reaches the command, and the supervisor stops in order after it.
            return subprocess.Popen(
                [sys.executable, "-m", "orchestration.embedded.supervisor"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=REPOSITORY,
                env=environment,
                start_new_session=True,
            )
        finally:
            os.close(log)

    def _reap(self) -> None:
        if self._supervisor is not None:
            self._supervisor.poll()


@contextmanager
def connect_or_start(
    settings: Settings | None = None,
    only: Collection[str] | None = None,
    purpose: str = "",
    on_change: OnChange | None = None,
    timeout_s: float = 180,
) -> Iterator[Stack]:
    """The running stack, or one started for as long as the block lasts.

    Raises:
        StartFailed: it cannot be made ready.
    """
    stack = Stack(settings)
    stack.start(only, purpose)
    try:
        stack.wait_ready(timeout_s, on_change)
        yield stack
    finally:
        stack.stop()


def make_home(home: Path) -> None:
    """Create the home: others may pass through (Postgres' own account must, when we are root) but not look in."""
    if not home.exists():
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o711)
