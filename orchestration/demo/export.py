"""What one exported file is: which rows, in which layout, and how much of the mess of real life lies in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written. A path ending in .gz is compressed besides."""

    format: Literal["csv", "json", "jsonl", "parquet", "xlsx"] = "csv"
    delimiter: str = ","
    encoding: str = "utf-8"
    newline: str = "\n"
    quote_all: bool = False


@dataclass(frozen=True, slots=True)
class Mess:
    """Rows that a correct run must reject, by kind. Every planted row is counted in `truth.json`."""

    unreadable: Mapping[str, str] = field(default_factory=dict)  # column -> a text its type cannot be read from
    each: int = 3  # rows spoiled per column of `unreadable`
    missing_keys: int = 0
    duplicate_keys: int = 0
    ragged_lines: int = 0  # lines with too many or too few cells; CSV only

    def rows(self) -> int:
        """How many rows are spoiled in all."""
        return len(self.unreadable) * self.each + self.missing_keys + self.duplicate_keys + self.ragged_lines


@dataclass(frozen=True, slots=True)
class Export:
    """One file of one system, or one stream of a service.

    `query` gives the columns as exported and, last, `__truth`: which real customer, person or thing the row is about,
    'deleted' for a record its system marks as deleted. Two rows with one `__truth` should end as one row of a view.
    """

    connection: str
    stream: str
    entity: str | None  # None: fits no canonical entity and stays raw
    path: str  # within the connection's folder
    pattern: str  # what the stream's files are called; empty for a service's stream
    key: tuple[str, ...]
    query: str
    layout: Layout = Layout()
    mess: Mess = Mess()
