"""One pass over a file's bytes: its hash, and whether it stays within the limits.

Archives are unpacked here in small steps, so that a bomb is met by counting what comes out, never by
believing a header. What the bytes mean is not known here.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import RecordInvalid, SourceUnavailable
from connectors.files.config import Format, Limits
from connectors.files.listing import SourceFile, os_error

CHUNK_BYTES = 1024 * 1024
_RATIO_MATTERS_FROM_BYTES = CHUNK_BYTES  # repetitive small exports exceed any ratio harmlessly
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Content:
    """What one pass over the bytes showed. `newlines_mixed` may be due to line breaks inside quotes."""

    sha256: str
    packed: bool
    newlines_mixed: bool


def is_packed(path: Path) -> bool:
    """Whether the file is gzip, whatever it is called."""
    with path.open("rb") as file:
        return file.read(2) == _GZIP_MAGIC


def inspect_content(file: SourceFile, kind: Format, limits: Limits, stream: str) -> Content:
    """Hash the file and enforce the limits.

    Raises:
        RecordInvalid: empty, damaged or over a limit.
        SourceUnavailable: changed or cut off while it was read.
    """
    if file.size_bytes == 0:
        raise RecordInvalid(f"{file.name} is empty (0 bytes).", stream=stream, hint="Export it again, or remove it.")
    if file.size_bytes > limits.max_file_bytes:
        raise _over(file, stream, f"is {file.size_bytes} bytes; the limit is {limits.max_file_bytes}", "max_file_bytes")
    digest = hashlib.sha256()
    lines = _LineEnds(limits.max_line_bytes)
    try:
        packed = is_packed(file.path)
        if kind == "xlsx":
            _unzip(file, limits, stream)
        for chunk in unpacked(file, limits, stream, digest):
            if kind in ("csv", "jsonl"):
                lines.feed(chunk)
    except OSError as error:
        raise os_error(error, file.name, stream) from error
    if lines.too_long:
        raise _over(file, stream, f"has a line longer than {4 * limits.max_line_bytes} bytes", "max_line_bytes")
    return Content(digest.hexdigest(), packed, lines.mixed)


def unpacked(file: SourceFile, limits: Limits, stream: str, digest: "hashlib._Hash | None" = None) -> Iterator[bytes]:
    """The file's bytes, gunzipped when it is gzip; `digest` is fed with the bytes as stored."""
    read_bytes = written_bytes = 0
    member = None
    with file.path.open("rb", buffering=0) as source:
        packed = source.read(2) == _GZIP_MAGIC
        source.seek(0)
        while chunk := source.read(CHUNK_BYTES):
            if digest:
                digest.update(chunk)
            read_bytes += len(chunk)
            if not packed:
                yield chunk
                continue
            while chunk:
                member = member or zlib.decompressobj(wbits=31)
                try:
                    out = member.decompress(chunk, CHUNK_BYTES)
                except zlib.error as error:
                    raise _damaged(file, stream, f"gzip: {error}") from error
                written_bytes += len(out)
                _refuse_bomb(file, stream, written_bytes, read_bytes, limits)
                yield out
                chunk = member.unconsumed_tail
                if member.eof:
                    # Members may follow one another; zero padding after the last is allowed.
                    chunk, member = member.unused_data.lstrip(b"\0"), None
    if member:
        raise _damaged(file, stream, "gzip stream ends early")
    if packed and written_bytes == 0:
        raise RecordInvalid(
            f"{file.name} is empty once unpacked.", stream=stream, hint="Export it again, or remove it."
        )


def verify_unchanged(file: SourceFile, stream: str) -> None:
    """Raise SourceUnavailable when the file is not the one that was listed."""
    try:
        now = file.path.stat()
    except FileNotFoundError:
        state = None
    except OSError as error:
        raise os_error(error, file.name, stream) from error
    else:
        state = now.st_size, now.st_mtime_ns, now.st_ino
    if state != file.state:
        raise SourceUnavailable(
            f"{file.name} changed while it was read; nothing of it was kept.",
            stream=stream,
            hint="It is read again on the next sync. Write exports under another name and rename them when complete.",
        )


class _LineEnds:
    """Which line ends occur, and whether a line is far longer than allowed (DuckDB drops such a line unreported)."""

    def __init__(self, max_line_bytes: int) -> None:
        self._max_bytes = 4 * max_line_bytes
        self._run_bytes = self._lf = self._cr = self._crlf = 0
        self._after_cr = False
        self.too_long = False

    def feed(self, chunk: bytes) -> None:
        lf, cr = chunk.count(b"\n"), chunk.count(b"\r")
        self._lf += lf
        self._cr += cr
        if cr:
            self._crlf += chunk.count(b"\r\n")
        self._crlf += self._after_cr and chunk.startswith(b"\n")
        self._after_cr = chunk.endswith(b"\r")
        if not (lf or cr):
            self._run_bytes += len(chunk)
            self.too_long |= self._run_bytes > self._max_bytes
        else:
            self._run_bytes = len(chunk) - 1 - max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))

    @property
    def mixed(self) -> bool:
        return (self._lf - self._crlf > 0) + (self._cr - self._crlf > 0) + (self._crlf > 0) > 1


def _unzip(file: SourceFile, limits: Limits, stream: str) -> None:
    written_bytes = 0
    try:
        with zipfile.ZipFile(file.path) as archive:
            for name in archive.namelist():
                with archive.open(name) as member:
                    while chunk := member.read(CHUNK_BYTES):
                        written_bytes += len(chunk)
                        _refuse_bomb(file, stream, written_bytes, file.size_bytes, limits)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        # RuntimeError and NotImplementedError: what zipfile raises for passwords and odd compressions.
        raise _damaged(file, stream, f"zip: {error}") from error


def _refuse_bomb(file: SourceFile, stream: str, written_bytes: int, read_bytes: int, limits: Limits) -> None:
    if written_bytes > limits.max_unpacked_bytes:
        raise _over(file, stream, f"unpacks to more than {limits.max_unpacked_bytes} bytes", "max_unpacked_bytes")
    if written_bytes > _RATIO_MATTERS_FROM_BYTES and written_bytes > limits.max_ratio * read_bytes:
        raise _over(file, stream, f"unpacks to more than {limits.max_ratio:g} times its size", "max_ratio")


def _over(file: SourceFile, stream: str, what: str, limit: str) -> RecordInvalid:
    return RecordInvalid(f"{file.name} {what}.", stream=stream, hint=f"Check the file, or raise limits.{limit}.")


def _damaged(file: SourceFile, stream: str, detail: str) -> RecordInvalid:
    return RecordInvalid(
        f"{file.name} is damaged or cut short.", stream=stream, hint="Export or copy it again.", detail=detail
    )
