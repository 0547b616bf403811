"""Which text encoding a file is in, found from its bytes.

A byte-order mark decides; then NUL bytes in every other place (UTF-16 without a mark), then valid UTF-8. What is
left is an old code page: Shift JIS when it decodes strictly and uses bytes that Windows-1252 leaves undefined,
else Windows-1252.
"""

import codecs
from collections.abc import Iterable

from connectors.errors import RecordInvalid

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark begins the same
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# https://encoding.spec.whatwg.org/index-windows-1252.txt maps these to control characters: no text uses them.
_UNDEFINED_IN_1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")


def encoding_of_mark(head: bytes) -> str | None:
    """The encoding that a byte-order mark names."""
    return next((name for mark, name in _MARKS if head.startswith(mark)), None)


def detect_encoding(head: bytes, rest: Iterable[bytes], *, stream: str, origin: str) -> str:
    """The Python name of the encoding. `rest` follows `head` and is read only while it tells anything new.

    Raises:
        RecordInvalid: the bytes are no text.
    """
    if mark := encoding_of_mark(head):
        return mark
    if b"\0" in head:
        return _wide(head, stream, origin)
    if _decodes("utf-8", head, rest):
        return "utf-8"
    if not _UNDEFINED_IN_1252.isdisjoint(head) and _decodes("cp932", head, ()):
        return "cp932"
    return "cp1252" if _UNDEFINED_IN_1252.isdisjoint(head) else "latin-1"


def reads_as_utf8(encoding: str) -> bool:
    """Whether DuckDB can read the bytes as they are."""
    return codecs.lookup(encoding).name in ("utf-8", "ascii", "utf-8-sig")


def _wide(head: bytes, stream: str, origin: str) -> str:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 4 > len(head) and min(even, odd) * 8 < max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    raise RecordInvalid(
        f"{origin} holds bytes that are no text.",
        stream=stream,
        hint="Check that it is a text file, or set `encoding` of the stream.",
    )


def _decodes(encoding: str, head: bytes, rest: Iterable[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        decoder.decode(head)
        for chunk in rest:
            decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True
