"""Log files of the processes: one each under AUTONOMOS_HOME/logs, capped when a process starts."""

import os
from pathlib import Path

_CAP_BYTES = 10 * 1024 * 1024
_TAIL_BYTES = 4096


def open_log(path: Path) -> int:
    """A descriptor to append to; a log that outgrew its cap becomes `<name>.log.1` first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _CAP_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def read_since(path: Path, offset: int) -> str:
    """What was written after an offset (all of it, when the file was rotated since)."""
    try:
        with path.open("rb") as file:
            if path.stat().st_size >= offset:
                file.seek(offset)
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def last_lines(path: Path, count: int = 5) -> list[str]:
    """The last lines that are not empty."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [line.strip() for line in text.splitlines() if line.strip()][-count:]
