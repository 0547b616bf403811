"""Processes that a killed supervisor could not stop: found by recorded pid and start time, never by name."""

import signal
import time
from pathlib import Path

from orchestration.embedded.identity import ProcessIdentity
from orchestration.embedded.processes import MARK
from orchestration.embedded.state import StackState


def end_leftovers(last: StackState, home: Path, patience_s: float = 10.0) -> list[str]:
    """End what the last supervisor of this home left running; names of what had to be ended."""
    found = {name: process.identity for name, process in last.processes.items() if process.identity}
    alive = {name: identity for name, identity in found.items() if identity.is_alive()}
    for name, identity in alive.items():
        identity.signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
    _wait(list(alive.values()), patience_s)
    for identity in found.values():
        identity.kill_group(f"{MARK}={home}")
    _wait(list(alive.values()), patience_s)
    return sorted(alive)


def _wait(processes: list[ProcessIdentity], patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while any(process.is_alive() for process in processes) and time.monotonic() < deadline:
        time.sleep(0.05)
