"""The one process that starts, watches and stops all others of a home.

Single-threaded: one loop looks at every child a few times a second. It runs what the leases ask for and ends, in
reverse order, when no lease is left or when told to (SIGTERM, SIGINT). `python -m orchestration.embedded.supervisor`.
"""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime

from orchestration.embedded.child import Child
from orchestration.embedded.disk import check_disk
from orchestration.embedded.errors import DiskFull, StackError, StartFailed
from orchestration.embedded.identity import ProcessIdentity
from orchestration.embedded.leases import read_demand
from orchestration.embedded.leftovers import end_leftovers
from orchestration.embedded.port_table import PortTable
from orchestration.embedded.processes import (
    DEPENDENCIES,
    STORES,
    build_spec,
    depends_on,
    with_dependencies,
)
from orchestration.embedded.stack import make_home
from orchestration.embedded.state import Phase, StackState, read_state, write_state
from orchestration.resources.production import refuse_unsafe
from orchestration.resources.secrets import SecretsUnreadable
from orchestration.resources.settings import Settings, SettingsInvalid

_TICK_S = 0.05
_STEADY_TICK_S = 0.25
_DEMAND_INTERVAL_S = 0.5
_DISK_INTERVAL_S = 30.0
_MOST_START_ATTEMPTS = 3


class Supervisor:
    """Runs until nobody needs the stack any more."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._home = settings.home
        self._children: dict[str, Child] = {}
        self._state = StackState()
        self._ports = PortTable(settings, self._state, self._say)
        self._written = ""
        self._told_to_stop = False
        self._next_demand = self._next_disk = 0.0
        self._began = time.monotonic()

    def run(self) -> int:
        """Exit code of the process: 0 after an ordered stop, 1 when the stack could not start."""
        last = read_state(self._home)
        end_leftovers(last, self._home)
        self._state.supervisor = ProcessIdentity.of(os.getpid())
        self._state.started_at = time.time()
        self._enter("starting")
        try:
            check_disk(self._home)
            refuse_unsafe(self._settings.with_servers({}))
            self._ports.choose(last.ports)
            while not self._told_to_stop and self._follow_demand():
                self._tick()
        except (StackError, SettingsInvalid, SecretsUnreadable, OSError) as error:
            self._state.error = str(error)
            self._say(f"not started: {error}" if self._state.ready_after_s is None else str(error))
        finally:
            self._stop_all()
            self._enter("failed" if self._state.error else "stopped")
        return 1 if self._state.error else 0

    def stop(self, *_: object) -> None:
        """Signal handler: leave the loop."""
        self._told_to_stop = True

    def _tick(self) -> None:
        for child in list(self._children.values()):
            if child.may_spawn and all(self._children[name].is_up for name in self._dependencies(child)):
                self._spawn(child)
            child.step()
            self._judge(child)
        self._enter(self._phase())
        if time.monotonic() > self._next_disk and self._state.phase in ("ready", "degraded"):
            self._warn_of_disk()
        time.sleep(_TICK_S if self._state.phase == "starting" else _STEADY_TICK_S)

    def _follow_demand(self) -> bool:
        """Take in what leases ask for now; False when there is none."""
        if time.monotonic() < self._next_demand:
            return True
        self._next_demand = time.monotonic() + _DEMAND_INTERVAL_S
        demand = read_demand(self._home)
        wanted = with_dependencies(demand.processes & DEPENDENCIES.keys(), self._settings)
        for name in DEPENDENCIES:
            if name in wanted and name not in self._children:
                self._children[name] = Child(name, self._home, self._say)
        self._state.leases = demand.leases
        return bool(demand.leases)

    def _spawn(self, child: Child) -> None:
        if not child.was_ready:
            self._ports.move_if_taken(child.name)
        ports = self._state.ports
        try:
            spec = build_spec(child.name, self._settings.with_servers(ports), ports)
        except OSError as error:  # a full disk, mostly: tried again later like any other death
            child.refuse(f"cannot be prepared: {error}")
        else:
            child.spawn(spec)

    def _judge(self, child: Child) -> None:
        """A process that never became healthy ends the start; one that did is started again and again."""
        if child.was_ready or child.state.status not in ("restarting", "failed"):
            return
        is_step = child.spec is not None and child.spec.once
        if not is_step and child.deaths < _MOST_START_ATTEMPTS:
            return
        if self._state.ready_after_s is None:
            raise StartFailed(f"{child.name} {child.explain()}")
        child.give_up()  # others use what runs already

    def _phase(self) -> Phase:
        statuses = {child.state.status for child in self._children.values()}
        if "failed" in statuses:
            return "degraded"
        if statuses <= {"ready", "done"}:
            if self._state.ready_after_s is None:
                self._state.ready_after_s = round(time.monotonic() - self._began, 2)
                self._say(f"ready after {self._state.ready_after_s} s")
            return "ready"
        return "starting"

    def _dependencies(self, child: Child) -> Iterable[str]:
        return [name for name in DEPENDENCIES[child.name] if name in self._children]

    def _stop_all(self) -> None:
        """Ask everything to end at once, except the stores: they stay until all that uses them is gone."""
        self._enter("stopping")
        running = {name: child for name, child in self._children.items() if child.has_process}
        asked: set[str] = set()
        while running:
            for name, child in list(running.items()):
                needed = name in STORES and any(depends_on(other, name) for other in running)
                if not needed and name not in asked:
                    asked.add(name)
                    child.begin_stop()
                elif name in asked and child.step_stop():
                    del running[name]
            self._enter("stopping")
            time.sleep(_TICK_S)

    def _warn_of_disk(self) -> None:
        self._next_disk = time.monotonic() + _DISK_INTERVAL_S
        self._state.warning = ""
        try:
            check_disk(self._home)
        except DiskFull as error:
            self._say(str(error))
            self._state.warning = str(error)

    def _enter(self, phase: Phase) -> None:
        self._state.phase = phase
        self._state.processes = {name: child.state for name, child in self._children.items()}
        now = repr(self._state)
        if now == self._written:
            return
        try:
            write_state(self._home, self._state)
            self._written = now
        except OSError as error:  # what runs must not end because telling about it fails
            if self._written:
                self._say(f"state.json cannot be written: {error}")
            self._written = ""

    def _say(self, message: str) -> None:
        sys.stderr.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {message}\n")


def main() -> int:
    """Supervise the home of the settings, unless somebody does already."""
    settings = Settings()
    make_home(settings.home)
    lock = os.open(settings.home / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    os.umask(0o077)  # what our processes write is this installation's alone
    supervisor = Supervisor(settings)
    # Also undoes an inherited "ignore", which our children would inherit in turn and then not stop.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, supervisor.stop)
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main())
