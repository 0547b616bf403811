"""The folder of one tenant's own files: the only place on this machine that a connection made over HTTP may name.

A path is given relative to it. Here it is checked as written; at every sync the connector checks the real path of each
file against the same folder (`allowed_roots`, stored with the connection), so a link put there later leads nowhere.
"""

import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID, uuid4

from connectors.files.config import FilesConfig, Limits
from connectors.files.naming import format_of

KIND = "files"
LONGEST_NAME_BYTES = 200
_LONGEST_PATH = 1000
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\]")
_ABANDONED_AFTER_S = 3600
_DRAFT = ".upload-"


class FileRefused(Exception):
    """A path or name that may not be used; the sentence says why and holds nothing of this machine."""


class NoRoom(Exception):
    """The tenant's files together have reached their limit."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of the tenant's."""

    name: str
    size_bytes: int
    modified_at: datetime


class TenantFiles:
    """The folder below `root` that belongs to one tenant. Made when it is first written to."""

    def __init__(self, root: Path, tenant_id: UUID, most_bytes: int) -> None:
        self.folder = root / str(tenant_id)
        self._most_bytes = most_bytes

    def confined(self, config: Mapping[str, Any], stored: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The configuration of a files connection as it may be tried and stored: bound to this folder.

        A connection that the operator made elsewhere keeps its place (`stored`), as long as its path stays that.

        Raises:
            FileRefused: the path leads out of the folder, or a limit of the platform is raised.
        """
        config, roots = dict(config), config.get("allowed_roots", [])
        config.pop("allowed_roots", None)
        if roots != (stored or {}).get("allowed_roots", []):
            raise FileRefused("allowed_roots is not for a connection to choose.")
        if config.get("limits") != (stored or {}).get("limits"):
            _refuse_raised_limits(config.get("limits"))
        path = config.get("path")
        if not isinstance(path, str):
            return {**config, "allowed_roots": [str(self.folder)]}  # the kind's own model says what is missing
        if stored is not None and path in (stored.get("path"), self.shown_path(stored)):
            return {**config, "path": stored["path"], "allowed_roots": roots}
        return {**config, "path": str(self.folder / self.inside(path)), "allowed_roots": [str(self.folder)]}

    def inside(self, path: str) -> PurePosixPath:
        """The path relative to the folder. Nothing on the disk is looked at.

        Raises:
            FileRefused: it is absolute, climbs, or is not written as a path.
        """
        given = PurePosixPath(path)
        if not path.strip() or len(path) > _LONGEST_PATH or _FORBIDDEN.search(path) or not _is_encodable(path):
            raise FileRefused("The path is not written as a path: give a file, a folder or a pattern such as *.csv.")
        if given.is_absolute() or ".." in given.parts or path.startswith("~"):
            raise FileRefused("The path has to lie in your own files: no leading '/' or '~', and no '..'.")
        return given

    def shown_path(self, config: Mapping[str, Any]) -> str:
        """The path of a stored configuration as its tenant knows it: relative to the folder, where it lies in it."""
        path = PurePosixPath(str(config.get("path", "")))
        return str(path.relative_to(self.folder)) if path.is_relative_to(self.folder) else str(path)

    def without_place(self, text: str) -> str:
        """A sentence without where on this machine the folder lies."""
        return text.replace(f"{self.folder}/", "").replace(str(self.folder), "the folder of your files")

    def list(self) -> list[StoredFile]:
        """The files of the folder itself, by name."""
        return sorted(self._stored(), key=lambda file: file.name)

    def draft(self) -> "Draft":
        """Where an upload is written until it is whole.

        Raises:
            NoRoom: there is no room for another byte.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._remove_abandoned()
        room = self._most_bytes - sum(file.stat().st_size for file in self._regular(self.folder.rglob("*")))
        if room <= 0:
            raise NoRoom
        return Draft(self.folder, room)

    def delete(self, name: str) -> bool:
        """Remove a file; False when there is none of that name."""
        if name not in {file.name for file in self._stored()}:
            return False
        (self.folder / name).unlink(missing_ok=True)
        return True

    def _stored(self) -> Iterator[StoredFile]:
        if not self.folder.is_dir():
            return
        for path in self._regular(self.folder.iterdir()):
            if not path.name.startswith("."):
                state = path.stat()
                yield StoredFile(path.name, state.st_size, datetime.fromtimestamp(state.st_mtime, UTC))

    def _regular(self, paths: Iterator[Path]) -> Iterator[Path]:
        """Plain files; a link is the operator's, and not the tenant's to see."""
        return (path for path in paths if path.is_file() and not path.is_symlink())

    def _remove_abandoned(self) -> None:
        """Delete what a killed process left of uploads."""
        now = datetime.now(UTC).timestamp()
        for left in self.folder.glob(f"{_DRAFT}*"):
            if now - left.stat().st_mtime > _ABANDONED_AFTER_S:
                left.unlink(missing_ok=True)


class Draft:
    """An upload that is being written, under a name that no connection reads. Whole or gone in the end."""

    def __init__(self, folder: Path, room_bytes: int) -> None:
        self._folder = folder
        self._room_bytes = room_bytes
        self._path = folder / f"{_DRAFT}{uuid4().hex}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        self._file = os.fdopen(os.open(self._path, flags, 0o600), "wb")
        self.size_bytes = 0

    def write(self, chunk: bytes) -> None:
        """Add bytes. Raises NoRoom."""
        self.size_bytes += len(chunk)
        if self.size_bytes > self._room_bytes:
            raise NoRoom
        self._file.write(chunk)

    def keep(self, name: str) -> tuple[StoredFile, bool]:
        """Put it in place under a name that `file_name` gave; the file, and whether it replaced another.

        A rename replaces a link of that name too, and never what the link leads to.
        """
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        target = self._folder / name
        replaced = target.exists()
        self._path.replace(target)
        state = target.stat()
        return StoredFile(name, state.st_size, datetime.fromtimestamp(state.st_mtime, UTC)), replaced

    def drop(self) -> None:
        """Forget it. Does nothing once it is kept."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def file_name(given: str) -> str:
    """The name under which an upload is kept: one part, of a kind that can be read, not passed over by the connector.

    Raises:
        FileRefused: it cannot be one.
    """
    name = unicodedata.normalize("NFC", given)
    if not _is_encodable(name) or not 0 < len(name.encode()) <= LONGEST_NAME_BYTES:
        raise FileRefused(f"A file's name has 1 to {LONGEST_NAME_BYTES} bytes of UTF-8.")
    if "/" in name or _FORBIDDEN.search(name) or any(unicodedata.category(char) in ("Cf", "Zl", "Zp") for char in name):
        raise FileRefused("A file's name is one part, without '/', '\\' or signs that cannot be seen.")
    if name != name.strip() or name[0] in ".~_" or name.startswith("$"):
        raise FileRefused("A file's name starts with a letter or digit, and ends without a space.")
    if format_of(name) is None:
        raise FileRefused("The file is of no kind that can be read: .csv .tsv .txt .json .jsonl .parquet or .xlsx.")
    return name


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_raised_limits(limits: object) -> None:
    """A limit may be tightened by a connection, and is raised by the operator alone."""
    if not isinstance(limits, Mapping):
        return
    allowed = Limits().model_dump()
    raised = [
        name for name, most in allowed.items() if isinstance(limits.get(name), int | float) and limits[name] > most
    ]
    if raised:
        raise FileRefused(f"The limit {raised[0]} may be lowered and not raised: it is {allowed[raised[0]]:g} at most.")


def shown_config(files: TenantFiles, kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """A stored configuration as its tenant may see it."""
    if kind != KIND:
        return dict(config)
    known = {name: value for name, value in config.items() if name in FilesConfig.model_fields}
    known.pop("allowed_roots", None)
    return {**known, "path": files.shown_path(config)} if "path" in config else known
