"""query and queryAll of the stand-in: a result is fixed when it is asked for and handed out in pages."""

import itertools
import threading
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from connectors.sandbox.salesforce.objects import ObjectField
from connectors.sandbox.salesforce.replies import ApiError, exact
from connectors.sandbox.salesforce.soql import Query, invalid_field, parse
from connectors.sandbox.salesforce.store import Store

_MOST_DEFINITIONS = 2_000  # a page of FieldDefinition, which has no second one
_MOST_OPEN = 50  # results kept; asking for an older one is an INVALID_QUERY_LOCATOR
_EXACT = ("int", "double", "currency", "percent", "boolean")


@dataclass(frozen=True)
class Result:
    """A fixed result: text columns in the order of the fields asked for."""

    query: Query
    fields: tuple[ObjectField, ...]
    rows: pa.Table
    page_size: int


class Queries:
    """Results by their locator, until the stand-in stops."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._results: dict[str, Result] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def start(self, soql: str, all_rows: bool, page_size: int, version: str) -> dict[str, Any]:
        """The first page. Raises ApiError."""
        query = parse(soql, self._store.columns, self._store.now())
        if query.object_name.lower() == "fielddefinition":
            page_size = _MOST_DEFINITIONS
        if query.fields is None:
            return {"totalSize": self._count(query, all_rows), "done": True, "records": []}
        result = Result(query, query.fields, run(self._store, query, all_rows), page_size)
        with self._lock:
            locator = f"01g{next(self._numbers):012d}AAA"
            self._results[locator] = result
            while len(self._results) > _MOST_OPEN:
                del self._results[next(iter(self._results))]
        return self._page(locator, result, 0, version)

    def more(self, identifier: str, version: str) -> dict[str, Any]:
        """The page at `locator-offset`. Raises ApiError when there is no such result or its fields are gone."""
        locator, _, offset = identifier.rpartition("-")
        result = self._results.get(locator)
        if result is None or not offset.isdigit():
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        known = self._store.columns(result.query.object_name)
        for one in result.fields:
            if known.get(one.name.lower()) is not one:
                raise invalid_field(f"No such column '{one.name}' on entity '{result.query.object_name}'.")
        return self._page(locator, result, int(offset), version)

    def object_of(self, identifier: str) -> str | None:
        """Which object a page is about."""
        result = self._results.get(identifier.rpartition("-")[0])
        return result.query.object_name if result else None

    def _count(self, query: Query, all_rows: bool) -> int:
        with self._store.cursor() as cursor:
            counted = cursor.execute(
                f"SELECT count(*) FROM (SELECT 1 {self._store.source(query, all_rows)})"
            ).fetchone()
        return int(counted[0]) if counted else 0

    def _page(self, locator: str, result: Result, offset: int, version: str) -> dict[str, Any]:
        end = offset + result.page_size
        done = end >= result.rows.num_rows
        rows = result.rows.slice(offset, result.page_size).to_pylist()
        name = result.query.object_name
        page: dict[str, Any] = {"totalSize": result.rows.num_rows, "done": done}
        if not done:
            # Of queryAll too the service names `query` here: the result is fixed, deleted records and all.
            page["nextRecordsUrl"] = f"/services/data/{version}/query/{locator}-{end}"
        page["records"] = [_record(name, result.fields, row, version) for row in rows]
        return page


def run(store: Store, query: Query, all_rows: bool, *, bulk: bool = False) -> pa.Table:
    """The result of a query, every value as text; numbers as each transport writes them: 100 or, in bulk, 100.0."""
    columns = ", ".join(f'{_written(one, bulk)} AS "{one.name}"' for one in query.fields or ())
    with store.cursor() as cursor:
        return cursor.execute(f"SELECT {columns} {store.source(query, all_rows)}").to_arrow_table()


def _record(name: str, fields: tuple[ObjectField, ...], row: dict[str, str | None], version: str) -> dict[str, Any]:
    attributes = {"type": name}
    if row.get("Id"):
        attributes["url"] = f"/services/data/{version}/sobjects/{name}/{row['Id']}"
    record: dict[str, Any] = {"attributes": attributes}
    for one in fields:
        parent, _, own = one.name.rpartition(".")
        where = record.setdefault(parent, {"attributes": {"type": parent}}) if parent else record
        where[own] = _value(one, row[one.name])
    return record


def _written(one: ObjectField, bulk: bool) -> str:
    """A field as text, without the zeros that only the storage knows."""
    text = f'"{one.name}"::VARCHAR'
    if one.storage == "DOUBLE":
        return text if bulk else rf"regexp_replace({text}, '\.0$', '')"
    if not one.storage.startswith("DECIMAL"):
        return text
    if one.storage.endswith(", 0)"):
        return f"{text} || '.0'" if bulk else text
    short = f"rtrim({text}, '0')"
    return f"CASE WHEN ends_with({short}, '.') THEN {short} || '0' ELSE {short} END" if bulk else f"rtrim({short}, '.')"


def _value(one: ObjectField, text: str | None) -> Any:
    if text is None:
        return None
    if one.type == "datetime":
        return text.replace("Z", "+0000")
    return exact(text) if one.type in _EXACT else text
