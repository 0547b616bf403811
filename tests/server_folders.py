"""Where the servers of tests keep their files: in memory where there is plenty, else on disk."""

import shutil
import tempfile
from pathlib import Path

import psutil

_MEMORY = Path("/dev/shm")
_PLENTY_BYTES = 8 * 1024**3


def server_folder(prefix: str) -> Path:
    """A new folder which the account Postgres runs under can reach.

    A test's database is hundreds of small files that live for a second: on a disk, making and deleting them took up to
    half of the processor time of the tests that have one.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=_MEMORY if _has_plenty_of_memory() else None))
    folder.chmod(0o711)
    return folder


def _has_plenty_of_memory() -> bool:
    if not _MEMORY.is_dir():
        return False
    return min(shutil.disk_usage(_MEMORY).free, psutil.virtual_memory().available) > _PLENTY_BYTES
