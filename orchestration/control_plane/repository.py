"""What every repository of a tenant has: the transaction, the tenant, and rows turned into records.

No query here filters by tenant: row-level security does, for these statements and for any other on that transaction.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import sqlalchemy as sa

from orchestration.control_plane.errors import NotFound
from orchestration.control_plane.news import News, put_news

RecordT = TypeVar("RecordT")


def columns_for(record: type[Any], table: sa.Table) -> list[sa.Column[Any]]:
    """The table's columns that the record dataclass has as fields."""
    return [table.c[field.name] for field in fields(record)]


class Repository:
    """Base of the repositories of one tenant's session; lives as long as its transaction."""

    kind: ClassVar[str]  # what an error calls the thing

    def __init__(self, connection: sa.Connection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def _tell(self, kind: str, actor: str | None = None, /, **data: Any) -> None:
        """Have dashboards told of it once the transaction is committed."""
        put_news(self._connection, News(kind, data, actor))

    def _first(self, statement: sa.Executable, record: type[RecordT]) -> RecordT | None:
        row = self._connection.execute(statement).mappings().first()
        return None if row is None else record(**row)

    def _one(self, statement: sa.Executable, record: type[RecordT], key: UUID | str) -> RecordT:
        """The first row as a record; NotFound when there is none."""
        found = self._first(statement, record)
        if found is None:
            raise NotFound(self.kind, key)
        return found

    def _all(self, statement: sa.Executable, record: type[RecordT]) -> Sequence[RecordT]:
        return [record(**row) for row in self._connection.execute(statement).mappings()]
