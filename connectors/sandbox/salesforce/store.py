"""The records of the stand-in org: one typed DuckDB table an object, changed as the service would change it."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from connectors.protocol import SourceType
from connectors.sandbox.salesforce.objects import (
    ObjectField,
    SObject,
    field_of,
    field_of_arrow,
    prefix_of,
    system_fields,
    words,
)
from connectors.sandbox.salesforce.replies import ApiError
from connectors.sandbox.salesforce.soql import Query, invalid_field, malformed, stamp

RECYCLE_BIN_DAYS = 15
# Loaded records carry stamps of the day before this: older than any usual look-back window.
_LOADED_BEFORE = timedelta(hours=2)
_STAMP = "%Y-%m-%dT%H:%M:%S.%gZ"
_DEFINITION = ("QualifiedApiName", "Label", "DataType", "EntityDefinition.QualifiedApiName")


class Store:
    """Objects and their records. Reads run beside each other, changes one at a time."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._database = duckdb.connect()
        self._database.execute("SET preserve_insertion_order = true")
        self._lock = threading.RLock()
        self.now = now
        self.objects: dict[str, SObject] = {}

    def close(self) -> None:
        self._database.close()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the same tables."""
        return self._database.cursor()

    def load(self, name: str, table: pa.Table, key: str, labels: Mapping[str, str], help: Mapping[str, str]) -> None:
        """Make an object of a table with typed columns. Raises ValueError for names or keys that do not fit."""
        if key not in table.column_names:
            raise ValueError(f"the table has no column {key!r}")
        given = [field_of_arrow(f.name, f.type, labels.get(f.name), help.get(f.name)) for f in table.schema]
        system = {one.name: one for one in system_fields()}
        fields = {one.name: system.pop(one.name, one) for one in given}
        with self._lock, self.cursor() as cursor:
            made = SObject(name, words(name), prefix_of(name, len(self.objects)), key, {**system, **fields})
            made.fields = {"Id": made.fields["Id"], **made.fields}
            cursor.register("loaded", table)
            chosen = ", ".join(self._loaded(made, one, one.name in fields, table) for one in made.fields.values())
            cursor.execute(f'DROP TABLE IF EXISTS "{name}"')
            cursor.execute(
                f'CREATE TABLE "{name}" AS SELECT {chosen} FROM (SELECT *, row_number() OVER () AS "#" FROM loaded)'
            )
            self.objects[name] = made

    def _loaded(self, made: SObject, field: ObjectField, given: bool, table: pa.Table) -> str:
        if not given:
            return f'{self._invented(made, field, table.num_rows)} AS "{field.name}"'
        column = table.schema.field(field.name).type
        if pa.types.is_timestamp(column):
            return (
                f"strftime(\"{field.name}\"::TIMESTAMPTZ AT TIME ZONE 'UTC', '{_STAMP}') AS \"{field.name}\""
                if column.tz
                else (f'strftime("{field.name}", \'{_STAMP}\') AS "{field.name}"')
            )
        if pa.types.is_time(column):
            return f"strftime(DATE '2000-01-01' + \"{field.name}\", '%H:%M:%S.%gZ') AS \"{field.name}\""
        if field.type == "datetime":
            return f'strftime("{field.name}"::TIMESTAMP, \'{_STAMP}\') AS "{field.name}"'
        if pa.types.is_nested(column):
            return f'to_json("{field.name}")::VARCHAR AS "{field.name}"'
        if pa.types.is_binary(column):
            return f'to_base64("{field.name}") AS "{field.name}"'
        return f'"{field.name}"::{field.storage} AS "{field.name}"'

    def _invented(self, made: SObject, field: ObjectField, rows: int) -> str:
        if field.name == "Id":
            return f"'{made.prefix}' || lpad(\"#\"::VARCHAR, 12, '0') || 'AAA'"
        if field.name == "IsDeleted":
            return "false"
        start = self.now() - _LOADED_BEFORE - timedelta(days=1)
        step = 86_400 / max(rows, 1)
        seconds = f'to_seconds(floor("#" * {step})::BIGINT)'
        return f"strftime(TIMESTAMP '{start:%Y-%m-%d %H:%M:%S}' + {seconds}, '{_STAMP}')"

    def records(self, name: str) -> pa.Table:
        """What is not deleted, typed: datetimes as UTC timestamps."""
        fields = self.objects[name].fields.values()
        columns = ", ".join(
            f'"{f.name}"::TIMESTAMP AS "{f.name}"' if f.type == "datetime" else f'"{f.name}"' for f in fields
        )
        with self.cursor() as cursor:
            return cursor.execute(
                f'SELECT {columns} FROM "{name}" WHERE NOT "IsDeleted" ORDER BY "Id"'
            ).to_arrow_table()

    def upsert(self, name: str, records: list[dict[str, Any]]) -> None:
        """Change records by their key, or add them. Every record given gets a new SystemModstamp."""
        made = self.objects[name]
        with self._lock, self.cursor() as cursor:
            moment = stamp(self.now().replace(microsecond=0))
            for record in records:
                values = {column: _stored(made.fields[column], value) for column, value in record.items()}
                values |= {"IsDeleted": False, "LastModifiedDate": moment, "SystemModstamp": moment} | (
                    {c: values[c] for c in ("LastModifiedDate", "SystemModstamp") if c in values}
                )
                known = cursor.execute(f'SELECT 1 FROM "{name}" WHERE "{made.key}" = ?', [record[made.key]]).fetchone()
                if known:
                    sets = ", ".join(f'"{column}" = ?' for column in values)
                    parameters = [*values.values(), record[made.key]]
                    cursor.execute(f'UPDATE "{name}" SET {sets} WHERE "{made.key}" = ?', parameters)
                else:
                    self._insert(cursor, made, values, moment)

    def _insert(self, cursor: duckdb.DuckDBPyConnection, made: SObject, values: dict[str, Any], moment: str) -> None:
        if "Id" not in values:
            (count,) = cursor.execute(f'SELECT count(*) FROM "{made.name}"').fetchone() or (0,)
            values["Id"] = f"{made.prefix}{count + 1:012d}AAA"
        values.setdefault("CreatedDate", moment)
        columns = ", ".join(f'"{column}"' for column in values)
        marks = ", ".join("?" * len(values))
        cursor.execute(f'INSERT INTO "{made.name}" ({columns}) VALUES ({marks})', list(values.values()))

    def delete(self, name: str, keys: list[str]) -> None:
        """Put records into the recycle bin, where queryAll finds them for 15 days."""
        moment = stamp(self.now().replace(microsecond=0))
        with self._lock, self.cursor() as cursor:
            cursor.execute(
                f'UPDATE "{name}" SET "IsDeleted" = true, "SystemModstamp" = ?, "LastModifiedDate" = ?'
                f' WHERE list_contains(?::VARCHAR[], "{self.objects[name].key}"::VARCHAR)',
                [moment, moment, [str(key) for key in keys]],
            )

    def rename_field(self, name: str, old: str, new: str) -> None:
        made = self.objects[name]
        with self._lock, self.cursor() as cursor:
            cursor.execute(f'ALTER TABLE "{name}" RENAME COLUMN "{old}" TO "{new}"')
            renamed = replace(made.fields[old], name=new, label=words(new))
            made.fields = {
                one.name: one for one in (renamed if name == old else one for name, one in made.fields.items())
            }
            made.key = new if made.key == old else made.key

    def retype_field(self, name: str, field: str, to: SourceType) -> None:
        """Give a field another type; values that do not fit become null, and every record is stamped anew."""
        made = self.objects[name]
        with self._lock, self.cursor() as cursor:
            changed = field_of(field, to, made.fields[field].label, made.fields[field].help)
            cursor.execute(
                f'ALTER TABLE "{name}" ALTER COLUMN "{field}" TYPE {changed.storage}'
                f' USING TRY_CAST("{field}" AS {changed.storage})'
            )
            moment = stamp(self.now().replace(microsecond=0))
            cursor.execute(f'UPDATE "{name}" SET "SystemModstamp" = ?', [moment])
            made.fields[field] = changed

    def add_field(self, name: str, field: str, type: SourceType, values: list[Any] | None) -> None:
        """Add a field; `values` go to the records in the order of their Ids, without a new stamp."""
        made = self.objects[name]
        with self._lock, self.cursor() as cursor:
            added = field_of(field, type)
            cursor.execute(f'ALTER TABLE "{name}" ADD COLUMN "{field}" {added.storage}')
            if values is not None:
                ids = [row[0] for row in cursor.execute(f'SELECT "Id" FROM "{name}" ORDER BY "Id"').fetchall()]
                pairs = [[_stored(added, value), known] for known, value in zip(ids, values, strict=False)]
                if pairs:
                    cursor.executemany(f'UPDATE "{name}" SET "{field}" = ? WHERE "Id" = ?', pairs)
            made.fields[field] = added

    def drop_field(self, name: str, field: str) -> None:
        with self._lock, self.cursor() as cursor:
            cursor.execute(f'ALTER TABLE "{name}" DROP COLUMN "{field}"')
            del self.objects[name].fields[field]

    def drop(self, name: str) -> None:
        with self._lock, self.cursor() as cursor:
            cursor.execute(f'DROP TABLE "{name}"')
            del self.objects[name]

    def columns(self, name: str) -> Mapping[str, ObjectField]:
        """The fields of an object this login may query. Raises ApiError (INVALID_TYPE)."""
        if name.lower() == "fielddefinition":
            return {one.lower(): ObjectField(one, "string") for one in _DEFINITION}
        return self.object(name).visible()

    def object(self, name: str) -> SObject:
        """Raises ApiError (INVALID_TYPE)."""
        found = next((one for known, one in self.objects.items() if known.lower() == name.lower()), None)
        if found is None:
            raise ApiError(400, "INVALID_TYPE", f"sObject type '{name}' is not supported.")
        return found

    def source(self, query: Query, include_deleted: bool) -> str:
        """FROM and everything after it, as DuckDB SQL."""
        if query.object_name.lower() == "fielddefinition":
            if '"EntityDefinition.QualifiedApiName"' not in (query.where or ""):
                raise invalid_field("FieldDefinition must be filtered by EntityDefinition.QualifiedApiName")
            kept, source = "true", self._definitions()
            _refuse(query, "COUNT()" if query.fields is None else "", "OR" if " OR " in (query.where or "") else "")
        else:
            made = self.object(query.object_name)
            name = made.name
            _refuse(query, "" if made.countable or query.fields is not None else "COUNT()")
            gone = stamp(self.now() - timedelta(days=RECYCLE_BIN_DAYS))
            kept = f'(NOT "IsDeleted" OR "SystemModstamp" > \'{gone}\')' if include_deleted else 'NOT "IsDeleted"'
            if made.archived and not include_deleted:
                kept += f' AND "Id" NOT IN ({", ".join(repr(one) for one in sorted(made.archived))})'
            source = f'"{name}"'
            if name.endswith("__mdt") and " OR " in (query.where or ""):
                raise malformed("Disjunctions over different columns are not supported for custom metadata types")
        parts = [f"FROM {source} WHERE {kept}", f"AND {query.where}" if query.where else ""]
        parts += [f"ORDER BY {query.order}" if query.order else ""]
        parts += [f"LIMIT {query.limit}" if query.limit is not None else "", f"OFFSET {query.offset}"]
        return " ".join(part for part in parts if part)

    def _definitions(self) -> str:
        """Every field there is, seen by the login or not, as the service lists them in FieldDefinition."""
        rows = [
            ", ".join("'" + text.replace("'", "''") + "'" for text in (one.name, one.label, one.type, made.name))
            for made in self.objects.values()
            for one in made.fields.values()
        ]
        names = ", ".join(f'"{one}"' for one in _DEFINITION)
        return f"(VALUES {', '.join(f'({row})' for row in rows)}) AS definitions({names})"


def _refuse(query: Query, *unsupported: str) -> None:
    """Virtual objects know little of SOQL. Raises ApiError."""
    for what in filter(None, unsupported):
        raise ApiError(400, "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", f"{query.object_name} does not support {what}")


def _stored(field: ObjectField, value: Any) -> Any:
    if isinstance(value, datetime):
        return stamp(value if value.tzinfo else value.replace(tzinfo=UTC))
    if field.type == "datetime" and isinstance(value, str):
        return stamp(datetime.fromisoformat(value))
    return value
