"""A text file made ready for DuckDB: encoding and dialect known, copied as UTF-8 where it cannot be read in place."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from connectors.errors import RecordInvalid
from connectors.files.config import Dialect, Format, Limits, StreamConfig
from connectors.files.content import CHUNK_BYTES, Content, unpacked
from connectors.files.dialect import detect_dialect, first_row
from connectors.files.encoding import detect_encoding, encoding_of_mark, reads_as_utf8
from connectors.files.listing import SourceFile
from connectors.files.spool import has_mixed_line_ends, spool_directory, unify_line_ends, write_utf8

_ENCODING_CHUNKS = 64
_SAMPLE_LETTERS = 64 * 1024


@dataclass(frozen=True, slots=True)
class SourceText:
    """UTF-8 text at `path`. `sample` is its beginning; `whole` when that is all of it."""

    path: Path
    packed: bool
    sample: str
    whole: bool
    encoding: str
    dialect: Dialect


@contextmanager
def open_text(
    file: SourceFile, content: Content, kind: Format, config: StreamConfig, limits: Limits
) -> Iterator[SourceText]:
    """The file as UTF-8 with its dialect; a temporary copy, if one was needed, is gone afterwards.

    Raises:
        RecordInvalid: the bytes are not in the encoding, or not written in the dialect pinned for the stream.
    """
    head = next(unpacked(file, limits, config.name), b"")
    mark = encoding_of_mark(head)
    # A mark in the file is surer than what was pinned from another file.
    encoding = mark or config.encoding or _encoding(file, limits, config.name)
    with spool_directory() as spool:
        path, packed = file.path, content.packed
        # The mark is in the way of the JSON reader, and of a quote that opens the first CSV name.
        in_place = reads_as_utf8(encoding) and mark is None
        mixed = content.newlines_mixed if reads_as_utf8(encoding) else kind == "csv"
        if not in_place or (mixed and packed):
            path, packed = spool / "utf8", False
            name = "utf-8-sig" if reads_as_utf8(encoding) else encoding
            chunks = unpacked(file, limits, config.name)
            write_utf8(chunks, name, path, stream=config.name, origin=file.name)
        sample, whole = _sample(path, packed, file, limits, config.name)
        dialect = config.dialect or detect_dialect(sample, whole=whole) if kind == "csv" else Dialect()
        if kind == "csv":
            _refuse_other_dialect(sample, whole, dialect, config, file.name)
        if mixed and kind in ("csv", "jsonl") and path.stat().st_size:
            plain = Dialect(quote="", delimiter="\x01", escape="") if kind == "jsonl" else dialect
            if has_mixed_line_ends(path, plain):
                unify_line_ends(path, plain, spool / "lines")
                path = spool / "lines"
        yield SourceText(path, packed, sample, whole, encoding, dialect)


def _encoding(file: SourceFile, limits: Limits, stream: str) -> str:
    chunks = unpacked(file, limits, stream)
    head = next(chunks, b"")
    # Bounded: what lies beyond is still checked, line by line, when the file is read.
    return detect_encoding(head, islice(chunks, _ENCODING_CHUNKS), stream=stream, origin=file.name)


def _sample(path: Path, packed: bool, file: SourceFile, limits: Limits, stream: str) -> tuple[str, bool]:
    if packed:
        chunks = unpacked(file, limits, stream)
        head, more = next(chunks, b""), next(chunks, b"")
    else:
        with path.open("rb") as text:
            head, more = text.read(CHUNK_BYTES), text.read(1)
    first_line, ended, _ = head.lstrip(b"\r\n").partition(b"\n")
    try:
        first_line.decode()
    except UnicodeDecodeError as error:
        # A cut in the middle of a letter, when the line is longer than the sample, is no fault.
        if ended or not more or error.start < len(first_line) - 4:
            raise _not_in_utf8(file, stream, str(error)) from error
    if b"\0" in first_line:
        raise _not_in_utf8(file, stream, "NUL byte in the first line")
    sample = head.decode("utf-8", errors="replace")
    return sample[:_SAMPLE_LETTERS], not more and len(sample) <= _SAMPLE_LETTERS


def _refuse_other_dialect(sample: str, whole: bool, dialect: Dialect, config: StreamConfig, origin: str) -> None:
    """A pinned dialect that leaves one column, where the file itself has several, would read everything as one text."""
    if config.dialect is None or not dialect.header or config.columns is not None:
        return
    body = sample.lstrip("\r\n")
    if len(first_row(body, dialect)) != 1:
        return
    found = detect_dialect(sample, whole=whole)
    if len(first_row(body, found)) > 1 and found.delimiter != dialect.delimiter:
        raise RecordInvalid(
            f"{origin} is delimited by {found.delimiter!r}, the stream's other files by {dialect.delimiter!r}.",
            stream=config.name,
            hint="Export it like the others, or make it a stream of its own.",
        )


def _not_in_utf8(file: SourceFile, stream: str, detail: str) -> RecordInvalid:
    return RecordInvalid(
        f"The first line of {file.name} cannot be read as text.",
        stream=stream,
        hint="Set `encoding` of the stream to the one the file was written in.",
        detail=detail,
    )
