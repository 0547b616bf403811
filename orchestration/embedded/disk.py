"""Enough free space for databases to stay safe."""

import shutil
from pathlib import Path

from orchestration.embedded.errors import DiskFull

MIN_FREE_BYTES = 512 * 1024 * 1024


def check_disk(folder: Path, min_free_bytes: int = MIN_FREE_BYTES) -> None:
    """Raise DiskFull when less than the minimum is free where the folder lies."""
    free_mb = shutil.disk_usage(folder).free // 2**20
    needed_mb = min_free_bytes // 2**20
    if free_mb < needed_mb:
        raise DiskFull(
            f"only {free_mb} MB are free where {folder} lies and {needed_mb} MB are needed: "
            "make room, or set AUTONOMOS_HOME to a larger disk"
        )
