"""A listing of a view: what was asked for, checked against the view's columns, and the SQL that answers it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.paging import read_cursor, write_cursor
from api.problems import Invalid
from api.published.columns import KEY, Kind, public_columns, read_value, write_value
from api.published.conditions import Condition, read_condition, search
from api.published.ordering import NEWEST_FIRST, SortBy, after, order_sql, read_order
from api.published.readers import Snapshot
from orchestration.resources.lake_session import name_of
from orchestration.resources.publishing import VIEWS_SCHEMA
from orchestration.resources.sql_text import identifier

_LONGEST_PLACE = 1200  # characters; a cursor of longer values names the row alone
_CURSOR_PARTS = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """Filters, search, order and columns as they came; empty where nothing was said."""

    where: tuple[str, ...] = ()
    q: str = ""
    sort: str = ""
    columns: str = ""

    def digest(self) -> str:
        """Tells listings apart: a cursor goes on with the one it was made by. Columns may differ."""
        return hashlib.sha256(repr((self.where, self.q, self.sort)).encode("utf-8", "replace")).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing of one view that can be carried out."""

    view: str
    table: str
    kinds: Mapping[str, Kind]
    columns: tuple[str, ...]
    order: tuple[SortBy, ...]
    conditions: tuple[Condition, ...]
    digest: str

    @classmethod
    def of(cls, snapshot: Snapshot, view: str, asked: Asked, *, in_order: bool = True) -> "Listing":
        """What was asked of a view. Raises NotFound for no such view, and Invalid, naming the field."""
        kinds = public_columns(snapshot.view_columns(view))
        conditions = [read_condition(text, kinds) for text in asked.where]
        if asked.q:
            conditions.append(search(asked.q, kinds))
        order = read_order(asked.sort or NEWEST_FIRST, kinds) if in_order or asked.sort else ()
        chosen = _chosen(asked.columns, kinds)
        return cls(view, name_of(VIEWS_SCHEMA, view), kinds, chosen, order, tuple(conditions), asked.digest())

    def page(self, snapshot: Snapshot, place: Condition | None, limit: int) -> list[tuple[Any, ...]]:
        """Rows in order: the columns, then the order's values and the key; one more than `limit` if there are more."""
        store = snapshot.row_store(self.view)
        if store is None:
            return self._first(snapshot, self.columns, place, limit)
        places = self._first(snapshot, (), place, limit)
        rows = store.rows([row[-1] for row in places], self.columns)
        return [(*values, *place) for values, place in zip(rows, places, strict=True)]

    def _first(
        self, snapshot: Snapshot, columns: Sequence[str], place: Condition | None, limit: int
    ) -> list[tuple[Any, ...]]:
        listed = ", ".join(map(identifier, (*columns, *(by.column for by in self.order), KEY)))
        conditions = [*self.conditions, *([place] if place else [])]
        tail = f"ORDER BY {order_sql(self.order)} LIMIT {limit + 1}"
        return snapshot.rows(f"SELECT {listed} FROM {self.table}{_where(conditions)} {tail}", _params(conditions))

    def count(self, snapshot: Snapshot) -> int:
        """Rows that the filters leave."""
        sql = f"SELECT count(*) FROM {self.table}{_where(self.conditions)}"
        return int(snapshot.value(sql, _params(self.conditions)))

    def every_row(self) -> tuple[str, list[object]]:
        """SQL and parameters of all rows, for an export; in the order that was asked for, else as they lie."""
        listed = ", ".join(map(identifier, self.columns))
        tail = f" ORDER BY {order_sql(self.order)}" if self.order else ""
        return f"SELECT {listed} FROM {self.table}{_where(self.conditions)}{tail}", _params(self.conditions)

    def cursor(self, snapshot: Snapshot, last: Sequence[Any]) -> str:
        """Where the page after that row begins."""
        key = int(last[-1])
        values = [write_value(value) for value in last[len(self.columns) : -1]]
        if sum(len(value or "") for value in values) > _LONGEST_PLACE:
            return write_cursor(snapshot.snapshot_id, self.digest, f"{key:x}", None)
        return write_cursor(snapshot.snapshot_id, self.digest, f"{key:x}", values)

    def place(self, snapshot: Snapshot, cursor: list[Any]) -> Condition:
        """The rows after a cursor's. Raises Invalid when it is of another listing."""
        _, digest, key, values = cursor
        try:
            number = int(key, 16)
        except (TypeError, ValueError):
            raise _foreign() from None
        if digest != self.digest or not 0 <= number < 2**64:
            raise _foreign()
        if values is None:
            return after(self.order, self._values_of(snapshot, number), number)
        if not isinstance(values, list) or len(values) != len(self.order):
            raise _foreign()
        if not all(value is None or isinstance(value, str) for value in values):
            raise _foreign()
        read = [
            None if value is None else read_value(by.column, by.kind, value)
            for by, value in zip(self.order, values, strict=True)
        ]
        return after(self.order, read, number)

    def _values_of(self, snapshot: Snapshot, key: int) -> Sequence[object]:
        listed = ", ".join(identifier(by.column) for by in self.order)
        found = snapshot.rows(f"SELECT {listed} FROM {self.table} WHERE {KEY} = ?::UBIGINT", [key])
        if not found:
            raise _foreign()
        return found[0]


def snapshot_of_cursor(text: str) -> tuple[int, list[Any]]:
    """The snapshot a cursor was made on, and the cursor. Raises Invalid for what is none."""
    parts = read_cursor(text, _CURSOR_PARTS)
    if parts is None or not isinstance(parts[0], int) or isinstance(parts[0], bool) or not 0 <= parts[0] < 2**63:
        raise _foreign()
    return parts[0], parts


def _chosen(text: str, kinds: Mapping[str, Kind]) -> tuple[str, ...]:
    if not text:
        return tuple(kinds)
    names = tuple(dict.fromkeys(text.split(",")))
    for name in names:
        if name not in kinds:
            raise Invalid("A column was asked for that the view does not have.", field=name[:100])
    return names


def _foreign() -> Invalid:
    return Invalid("That is no cursor of this list; begin without one.", field="cursor")


def _where(conditions: Sequence[Condition]) -> str:
    return f" WHERE {' AND '.join(one.sql for one in conditions)}" if conditions else ""


def _params(conditions: Sequence[Condition]) -> list[object]:
    return [value for one in conditions for value in one.params]
