"""Who needs the stack, and how much of it: one small file for each command that uses it.

The supervisor runs what the living lease holders ask for, and stops when none is left. A command that was killed
leaves a file whose process is gone, which counts for nothing.
"""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from orchestration.embedded.identity import ProcessIdentity


@dataclass(frozen=True)
class Lease:
    """A file of this home that keeps the named processes running while its holder lives."""

    path: Path

    @property
    def name(self) -> str:
        """How the supervisor calls it when it acknowledges it."""
        return self.path.stem

    def release(self) -> None:
        """Say that this holder needs the stack no more."""
        self.path.unlink(missing_ok=True)


def take_lease(home: Path, processes: Iterable[str], purpose: str) -> Lease:
    """Ask for processes on behalf of the current process."""
    folder = home / "leases"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    identity = ProcessIdentity.of(os.getpid())
    content = identity.as_json() | {"processes": sorted(processes), "purpose": purpose}
    serial = sum(1 for _ in folder.glob(f"{identity.pid}-*.json"))
    path = folder / f"{identity.pid}-{serial}.json"
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(content))
    draft.replace(path)
    return Lease(path)


@dataclass(frozen=True)
class Demand:
    """What the living leases ask for together."""

    leases: list[str]
    processes: frozenset[str]
    purposes: list[str]


def read_demand(home: Path) -> Demand:
    """Union of the living leases; files of the dead are removed."""
    names: list[str] = []
    processes: set[str] = set()
    purposes: list[str] = []
    for path in sorted((home / "leases").glob("*.json")):
        try:
            content = json.loads(path.read_text())
        except (OSError, ValueError):
            continue
        holder = ProcessIdentity.parse(content)
        if holder is None or not holder.is_alive():
            with suppress(OSError):
                path.unlink()
            continue
        names.append(path.stem)
        processes.update(content.get("processes", ()))
        purposes.append(str(content.get("purpose", "")))
    return Demand(names, frozenset(processes), purposes)
