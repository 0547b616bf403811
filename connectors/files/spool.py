"""A temporary UTF-8 copy of a text file that DuckDB cannot read exactly as it lies.

Two reasons: another encoding (DuckDB's own decoding was measured at 10-20 MB/s and reads big-endian UTF-16 as no
rows at all), and mixed line ends outside quotes, at which its CSV reader stops. Most files need neither and are
read in place.
"""

import codecs
import mmap
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.errors import RecordInvalid, SourceUnavailable
from connectors.files.config import Dialect

_WRITE_BYTES = 4 * 1024 * 1024


@contextmanager
def spool_directory() -> Iterator[Path]:
    """A private folder that is gone afterwards."""
    # Not TemporaryDirectory: a reader who drops the iterator would get its ResourceWarning.
    folder = Path(tempfile.mkdtemp(prefix="autonomos-spool-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_utf8(chunks: Iterable[bytes], encoding: str, target: Path, *, stream: str, origin: str) -> None:
    """Decode the chunks and write them as UTF-8.

    Raises:
        RecordInvalid: the bytes are not in this encoding.
        SourceUnavailable: the disk is full.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with target.open("wb") as out:
            for chunk in chunks:
                out.write(decoder.decode(chunk).encode())
            out.write(decoder.decode(b"", final=True).encode())
    except UnicodeError as error:
        raise RecordInvalid(
            f"{origin} is not in the encoding {encoding}.",
            stream=stream,
            hint="Set `encoding` of the stream to the one it was written in.",
            detail=str(error),
        ) from error
    except OSError as error:
        raise SourceUnavailable(
            f"There is no room for a temporary copy of {origin}.",
            stream=stream,
            hint="Free space in the temporary folder (TMPDIR).",
            detail=str(error),
        ) from error


def has_mixed_line_ends(path: Path, dialect: Dialect) -> bool:
    """Whether different line ends occur outside quoted cells."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        first: bytes | None = None
        for match in _tokens(dialect).finditer(data):
            found = match.group(1)
            if found is not None:
                first = first or found
                if found != first:
                    return True
    return False


def unify_line_ends(path: Path, dialect: Dialect, target: Path) -> None:
    """Copy the file with every line end outside quoted cells as LF."""
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
        target.open("wb", buffering=_WRITE_BYTES) as out,
    ):
        position = 0
        for match in _tokens(dialect).finditer(data):
            if match.group(1) is not None:
                out.write(data[position : match.start()])
                out.write(b"\n")
                position = match.end()
        out.write(data[position:])


def _tokens(dialect: Dialect) -> re.Pattern[bytes]:
    """Quoted cells (no group) and line ends outside them (group 1)."""
    line_end = rb"(\r\n|\r|\n)"
    if not dialect.quote:
        return re.compile(line_end)
    quote, delimiter = re.escape(dialect.quote.encode()), re.escape(dialect.delimiter.encode())
    if dialect.escape in ("", dialect.quote):
        inside = rb"[^%b]*(?:%b%b[^%b]*)*" % (quote, quote, quote, quote)
    else:
        escape = re.escape(dialect.escape.encode())
        inside = rb"[^%b%b]*(?:%b.[^%b%b]*)*" % (quote, escape, escape, quote, escape)
    start = rb"(?:(?<=%b)|(?<=[\r\n])|\A(?:\xef\xbb\xbf)?)" % delimiter
    return re.compile(rb"%b%b%b%b(?=%b|[\r\n]|\Z)|%b" % (start, quote, inside, quote, delimiter, line_end), re.DOTALL)
