"""Which files a connection may read, and nothing outside its folder.

A file counts only if its real path lies under the folder and, when the operator set them, under an allowed root.
Hidden files, lock files and half-written ones (`.part`, `.tmp`, ...) are passed over.
"""

import errno
import fnmatch
import os
import re
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import ConfigInvalid, ConnectorError, PermissionMissing, SourceUnavailable
from connectors.files.config import FilesConfig

_PASSED_OVER = re.compile(r"^[.~_]\$?|\.(tmp|part|partial|crdownload|swp|lock)$", re.IGNORECASE)
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file as listed. `name` is its path relative to the folder, with `/`."""

    name: str
    path: Path
    size_bytes: int
    mtime_ns: int
    inode: int

    @property
    def state(self) -> tuple[int, int, int]:
        """What changes when the file does."""
        return self.size_bytes, self.mtime_ns, self.inode


class Folder:
    """The folder, file or glob of a connection."""

    def __init__(self, config: FilesConfig) -> None:
        self._config = config
        path = Path(config.path)
        self._pattern = "**"
        if _GLOB.search(config.path) and not path.exists():
            first = next(position for position, part in enumerate(path.parts) if _GLOB.search(part))
            self._root = Path(*path.parts[:first])
            self._pattern = path.relative_to(self._root).as_posix()
        elif path.is_file():
            self._root, self._pattern = path.parent, _escape(path.name)
        else:
            self._root = path

    def files(self) -> list[SourceFile]:
        """All files, in the order they are read: numbers in names count as numbers.

        Raises:
            ConfigInvalid: the folder does not exist, or a file leads out of it.
            PermissionMissing: the folder may not be read.
        """
        root = self._resolved_root()
        names = [name for name in self._walk(root) if matches(name, self._pattern)]
        if len(names) > self._config.limits.max_files:
            raise ConfigInvalid(
                f"{self._config.path} holds more than {self._config.limits.max_files} files.",
                hint="Narrow the path, or raise limits.max_files.",
            )
        return sorted((self._file(root, name) for name in names), key=lambda file: _natural(file.name))

    def _resolved_root(self) -> Path:
        try:
            root = self._root.resolve(strict=True)
            os.scandir(root).close()
        except OSError as error:
            raise os_error(error, self._config.path) from error
        self._refuse_outside(root, root, self._config.path)
        return root

    def _walk(self, root: Path) -> list[str]:
        found = []

        def fail(error: OSError) -> None:
            raise os_error(error, os.path.relpath(error.filename or root, root)) from error

        # Symbolic links to folders are not followed: they may form circles.
        for folder, folders, files in os.walk(root, onerror=fail):
            folders[:] = [name for name in folders if not _PASSED_OVER.search(name)]
            found += [
                Path(folder, name).relative_to(root).as_posix() for name in files if not _PASSED_OVER.search(name)
            ]
        return found

    def _file(self, root: Path, name: str) -> SourceFile:
        try:
            name.encode()
            path = (root / name).resolve(strict=True)
            state = path.stat()
        except UnicodeError:
            raise ConfigInvalid(
                f"The name of file {name.encode(errors='replace').decode()} is not UTF-8.", hint="Rename the file."
            ) from None
        except OSError as error:
            raise os_error(error, name) from error
        self._refuse_outside(path, root, name)
        return SourceFile(name, path, state.st_size, state.st_mtime_ns, state.st_ino)

    def _refuse_outside(self, path: Path, root: Path, shown: str) -> None:
        roots = [allowed.resolve() for allowed in self._config.allowed_roots]
        if not path.is_relative_to(root) or (roots and not any(path.is_relative_to(allowed) for allowed in roots)):
            raise ConfigInvalid(
                f"{shown} leads outside the folders this connection may read.",
                hint="Put the file itself into the folder instead of a link, or ask the operator to allow its folder.",
                detail=f"resolved to {path}",
            )


def matches(name: str, pattern: str) -> bool:
    """Whether a relative file name fits a pattern; `**` stands for any folders, `|` separates alternatives."""
    return any(_compiled(alternative).fullmatch(name) for alternative in pattern.split("|"))


def _compiled(pattern: str) -> re.Pattern[str]:
    if pattern in ("**", "**/*"):
        return re.compile(r"(?s).+")
    parts = []
    for part in pattern.split("/"):
        if part == "**":
            parts.append("(?:[^/]+/)*")
        else:
            parts.append(fnmatch.translate(part).removeprefix("(?s:").removesuffix(r")\Z").replace(".*", "[^/]*") + "/")
    return re.compile("".join(parts).removesuffix("/"))


def _escape(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", name).replace("|", "?")


def _natural(name: str) -> list[tuple[int, int, str]]:
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", name) if part]


def os_error(error: OSError, shown: str, stream: str | None = None) -> ConnectorError:
    """What an operating-system error at a file means for the connection."""
    detail = f"{type(error).__name__}: {error}"
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return ConfigInvalid(
            f"{shown} does not exist.",
            stream=stream,
            hint="Check the path, and that the folder is mounted.",
            detail=detail,
        )
    if isinstance(error, PermissionError):
        return PermissionMissing(
            f"{shown} may not be read.", stream=stream, hint="Give this process read permission.", detail=detail
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SourceUnavailable(
            f"There is no space left on the disk while reading {shown}.",
            stream=stream,
            hint="Free some space.",
            detail=detail,
        )
    return SourceUnavailable(
        f"{shown} could not be read.", stream=stream, hint="Check the disk or network share.", detail=detail
    )
