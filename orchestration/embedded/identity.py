"""Which process is meant: a pid with its start time, since the system gives pids out again.

Nothing here (or anywhere) looks processes up by name.
"""

import os
import signal
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Self

import psutil

# The system clock may be stepped between two reads of a start time; a pid reused within 2 s of its death is not seen.
_START_TOLERANCE_S = 2.0


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process that was running when this was taken."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> Self:
        """The process that has this pid now; one that is gone already gets an identity nothing matches."""
        try:
            return cls(pid, psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:
            return cls(pid, 0.0)

    @classmethod
    def parse(cls, stored: object) -> Self | None:
        """The identity inside a JSON object, or None when it holds none."""
        match stored:
            case {"pid": int(pid), "started": float() | int() as started} if pid > 0:
                return cls(pid, float(started))
        return None

    def as_json(self) -> dict[str, Any]:
        """What `parse` reads back."""
        return asdict(self)

    def is_alive(self) -> bool:
        """Whether this very process still runs (a zombie does not)."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < _START_TOLERANCE_S
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def signal(self, number: int) -> None:
        """Send a signal to the process alone, if it still runs."""
        if self.is_alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill_group(self, mark: str) -> None:
        """SIGKILL the process group it led, also when only its children are left.

        They are killed only if `mark`, a variable=value that our children inherit, is in their environment.
        """
        if self.is_alive():
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            return
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if os.getpgid(process.pid) == self.pid and _carries(process, mark):
                    process.kill()


def _carries(process: psutil.Process, mark: str) -> bool:
    name, _, value = mark.partition("=")
    return process.environ().get(name) == value
