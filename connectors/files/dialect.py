"""How a delimited text file is written, found by parsing a sample every likely way.

DuckDB's own sniffer is not used: on a ragged file it can silently settle for a single column. Here the header decides:
a delimiter counts only if it splits the header, and the one that gives most rows the header's width wins.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.files.config import Dialect

_DELIMITERS = (",", ";", "\t", "|", "\x1f", "\x01", "~", "^", ":")
_QUOTES = ('"', "'")
_DATA_CELL = re.compile(r"\s*(?:[-+]?[\d.,]+%?|\d{4}-\d\d-\d\d.*|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}.*|[^\s@]+@[^\s@]+)?\s*")


@dataclass(frozen=True, slots=True)
class _Fit:
    share: float  # rows as wide as the first one
    width: int
    quoted: int  # cells that begin and end with the quote
    dialect: Dialect


def detect_dialect(sample: str, *, whole: bool) -> Dialect:
    """The dialect of the text. `whole` says that the sample is the entire file, so its last line counts."""
    skip_lines = len(sample) - len(sample.lstrip("\r\n"))
    skip_lines = len(sample[:skip_lines].splitlines())
    body = sample.lstrip("\r\n")
    fits = [fit for delimiter in _DELIMITERS if (fit := _best_quoting(body, delimiter, whole)).width > 1]
    # Among equal shares more columns win: a comma inside each date splits evenly too, but less.
    best = max(fits, key=lambda fit: (round(fit.share, 1), fit.quoted > 0, fit.width), default=None)
    chosen = best.dialect if best else _single_column(body, whole)
    header = bool(first_row(body, chosen)) and _is_header(first_row(body, chosen))
    return chosen.model_copy(update={"skip_lines": skip_lines, "header": header})


def first_row(text: str, dialect: Dialect) -> list[str]:
    """The cells of the first row."""
    return next(parse_rows(text, dialect, whole=True), [])


def parse_rows(text: str, dialect: Dialect, *, whole: bool) -> Iterator[list[str]]:
    """The rows of a sample; stops at what cannot be parsed. Without `whole` the last row, maybe cut, is left out."""
    delimiter = dialect.delimiter
    if len(delimiter) > 1:
        # Python's parser knows single characters only; a private-use one stands in within the sample.
        text, delimiter = text.replace(delimiter, "\ue000"), "\ue000"
    doubled = dialect.escape in ("", dialect.quote)
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", text)
    reader = csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        doublequote=doubled,
        escapechar=None if doubled else dialect.escape,
    )
    held: list[str] | None = None
    try:
        for row in reader:
            if held:
                yield held
            held = row
    except csv.Error:
        return  # a cell beyond the parser's limit: what came before it is sample enough
    if held and (whole or text.endswith(("\n", "\r"))):
        yield held


def _best_quoting(body: str, delimiter: str, whole: bool) -> _Fit:
    fits = []
    for quote in _QUOTES:
        quoted = _count_quoted(body, delimiter, quote)
        escapes = (quote, "\\") if quoted and f"\\{quote}" in body else (quote,)
        fits += [_fit(body, Dialect(delimiter=delimiter, quote=quote, escape=e), quoted, whole) for e in escapes]
    return max(fits, key=lambda fit: (fit.quoted, fit.share))


def _fit(body: str, dialect: Dialect, quoted: int, whole: bool) -> _Fit:
    widths = Counter[int]()
    first = 0
    for row in parse_rows(body, dialect, whole=whole):
        first = first or len(row)
        widths[len(row)] += 1
    rest = widths.total() - 1
    share = (widths[first] - 1) / rest if rest > 0 else 1.0
    return _Fit(share, first, quoted, dialect)


def _count_quoted(body: str, delimiter: str, quote: str) -> int:
    """Cells that begin with the quote at a delimiter and end with it at a delimiter."""
    edge = rf"(?:{re.escape(delimiter)}|[\r\n]|\Z)"
    start = rf"(?:(?<={re.escape(delimiter)})|(?<=[\r\n])|\A)"
    return sum(
        1
        for _ in re.finditer(
            rf"{start}{quote}[^{quote}]*(?:(?:{quote}{quote}|(?<=\\){quote})[^{quote}]*)*{quote}(?={edge})", body
        )
    )


def _single_column(body: str, whole: bool) -> Dialect:
    """One column: a delimiter that does not occur, so that nothing is split."""
    delimiter = next((d for d in _DELIMITERS if d not in body), "\x1f")
    return _best_quoting(body, delimiter, whole).dialect


def _is_header(row: list[str]) -> bool:
    """A first row of nothing but numbers, dates, addresses and blanks is data; anything else names columns."""
    return not all(_DATA_CELL.fullmatch(cell) for cell in row)
