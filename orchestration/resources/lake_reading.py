"""What reading a lake takes, whether the live lake or a published snapshot: statements and the catalog, no writing."""

from collections.abc import Mapping
from typing import Any, Protocol


class Cursor(Protocol):
    """An executed query."""

    @property
    def description(self) -> Any:
        """A sequence a column, its name first."""

    def fetchall(self) -> list[Any]:
        """Every row."""


class LakeReading(Protocol):
    """The part of a lake session that reads."""

    def execute(self, sql: str) -> Cursor:
        """Run one query."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""

    def value(self, sql: str) -> Any:
        """First column of the first row, or None."""

    def tables(self, schema: str) -> frozenset[str]:
        """Names of the tables of one schema."""

    def columns(self, schema: str, table: str) -> Mapping[str, str]:
        """Column name -> DuckDB type; empty when there is no such table."""
