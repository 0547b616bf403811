"""state.json: what the supervisor tells everybody else about what runs. Never a secret.

Written by the supervisor alone, whole and atomically; read by commands, by `doctor` and by the next supervisor.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from orchestration.embedded.identity import ProcessIdentity

Phase = Literal["stopped", "starting", "ready", "degraded", "stopping", "failed"]
Status = Literal["waiting", "starting", "ready", "done", "restarting", "stopping", "stopped", "failed"]


@dataclass
class ProcessState:
    """One line of the table a person sees."""

    status: Status = "waiting"
    identity: ProcessIdentity | None = None
    port: int | None = None
    restarts: int = 0
    log: str = ""
    note: str = ""

    @classmethod
    def parse(cls, stored: dict[str, Any]) -> Self:
        """From its JSON form."""
        return cls(**{**stored, "identity": ProcessIdentity.parse(stored.get("identity"))})


@dataclass
class StackState:
    """Everything that state.json holds."""

    phase: Phase = "stopped"
    supervisor: ProcessIdentity | None = None
    error: str = ""
    warning: str = ""
    leases: list[str] = field(default_factory=list)
    ports: dict[str, int] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    processes: dict[str, ProcessState] = field(default_factory=dict)
    started_at: float = 0.0
    ready_after_s: float | None = None

    @property
    def is_running(self) -> bool:
        """Whether the supervisor that wrote this is alive."""
        return self.supervisor is not None and self.supervisor.is_alive()


def read_state(home: Path) -> StackState:
    """The state as last written; an empty one when there is none or it cannot be read."""
    try:
        stored = json.loads((home / "state.json").read_text())
        processes = {name: ProcessState.parse(process) for name, process in stored["processes"].items()}
        supervisor = ProcessIdentity.parse(stored["supervisor"])
        return StackState(**{**stored, "supervisor": supervisor, "processes": processes})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return StackState()


def write_state(home: Path, state: StackState) -> None:
    """Replace state.json."""
    draft = home / f".state.json.{os.getpid()}"
    draft.write_text(json.dumps(asdict(state), indent=1))
    draft.replace(home / "state.json")
