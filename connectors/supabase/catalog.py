"""Postgres's own catalog read as tables: columns with exact types, keys, comments, who may read and write what.

Statements run in the read-only transaction they are given.
"""

from typing import Any

from connectors.supabase.tables import Column, Table

_TABLES = """
SELECT c.relname, obj_description(c.oid, 'pg_class'),
       row_security_active(c.oid) AND NOT c.relkind IN ('v', 'm'),
       coalesce((SELECT array_agg(a.attname ORDER BY array_position(i.indkey::int2[], a.attnum))
                 FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
                 WHERE i.indrelid = c.oid AND i.indisprimary), '{{}}')::text[]
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %(schema)s AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND ({readable}) {named}
ORDER BY c.relname
"""
_READABLE = "has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT')"
# A domain is shown as the type below it; PostgREST does the same.
_COLUMNS = """
WITH RECURSIVE bottom AS (
    SELECT t.oid AS named, t.oid, t.typtype, t.typbasetype FROM pg_type t
    UNION ALL
    SELECT b.named, t.oid, t.typtype, t.typbasetype FROM bottom b JOIN pg_type t ON t.oid = b.typbasetype
    WHERE b.typtype = 'd'
)
SELECT c.relname, a.attname, format_type(b.oid, NULL), NOT a.attnotnull, a.atthasdef,
       col_description(c.oid, a.attnum)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN bottom b ON b.named = a.atttypid AND b.typtype <> 'd'
WHERE n.nspname = %(schema)s AND c.relname = ANY (%(names)s) AND a.attnum > 0 AND NOT a.attisdropped
  AND has_column_privilege(c.oid, a.attnum, 'SELECT')
ORDER BY c.relname, a.attnum
"""
_ROLE = "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
_WRITES = """
SELECT c.relname, concat_ws(', ',
         CASE WHEN has_table_privilege(c.oid, 'INSERT') OR has_any_column_privilege(c.oid, 'INSERT') THEN 'insert' END,
         CASE WHEN has_table_privilege(c.oid, 'UPDATE') OR has_any_column_privilege(c.oid, 'UPDATE') THEN 'update' END,
         CASE WHEN has_table_privilege(c.oid, 'DELETE') THEN 'delete' END,
         CASE WHEN has_table_privilege(c.oid, 'TRUNCATE') THEN 'truncate' END) AS rights
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'p', 'v', 'f')
  AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
       OR has_any_column_privilege(c.oid, 'INSERT, UPDATE'))
ORDER BY n.nspname <> %(schema)s, c.relname LIMIT 24
"""
# Roles the login does not inherit from but may put on (SET ROLE), as Supabase's authenticator does.
_DISGUISES = """
SELECT r.rolname FROM pg_roles r
WHERE pg_has_role(current_user, r.oid, 'MEMBER') AND NOT pg_has_role(current_user, r.oid, 'USAGE')
  AND (r.rolsuper OR EXISTS (
        SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'p', 'v', 'f')
          AND has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')))
ORDER BY 1 LIMIT 12
"""
_SCHEMA = """
SELECT has_schema_privilege(n.oid, 'USAGE'), has_schema_privilege(n.oid, 'CREATE')
FROM pg_namespace n WHERE n.nspname = %(schema)s
"""


def read_tables(cursor: Any, schema: str, name: str | None = None) -> list[Table]:
    """The tables and views the login may read, or only the one named."""
    cursor.execute(_ROLE)
    role: str = cursor.fetchone()[0]
    named = "AND c.relname = %(name)s" if name is not None else ""
    cursor.execute(_TABLES.format(readable=_READABLE, named=named), {"schema": schema, "name": name})
    found = cursor.fetchall()
    cursor.execute(_COLUMNS, {"schema": schema, "names": [row[0] for row in found]})
    columns: dict[str, list[Column]] = {}
    for table, column, kind, nullable, has_default, comment in cursor.fetchall():
        columns.setdefault(table, []).append(Column(column, kind, nullable, has_default, comment))
    return [
        _table(table, columns.get(table, []), key, comment, role if limited else None)
        for table, comment, limited, key in found
    ]


def may_use_schema(cursor: Any, schema: str) -> bool | None:
    """Whether the login may look into the schema; None when there is none of this name."""
    cursor.execute(_SCHEMA, {"schema": schema})
    row = cursor.fetchone()
    return None if row is None else bool(row[0])


def read_writes(cursor: Any, schema: str) -> tuple[tuple[str, ...], str]:
    """What the login may write, and the sentence that says how that was found."""
    cursor.execute(_ROLE)
    role, superuser, _ = cursor.fetchone()
    if superuser:
        return ("everything: superuser",), f"The database says that {role} is a superuser."
    cursor.execute(_WRITES, {"schema": schema})
    writes = [f"{table}: {rights}" for table, rights in cursor.fetchall()]
    cursor.execute(_DISGUISES)
    writes += [f"everything {other} may write (set role)" for (other,) in cursor.fetchall()]
    cursor.execute(_SCHEMA, {"schema": schema})
    row = cursor.fetchone()
    if row and row[1]:
        writes.append(f"schema {schema}: create")
    return tuple(writes), f"The database was asked for the rights of {role} on every table (has_table_privilege)."


def _table(name: str, columns: list[Column], key: list[str], comment: str | None, limited: str | None) -> Table:
    visible = {column.name for column in columns}
    primary_key = tuple(key) if set(key) <= visible else ()
    return Table(name, tuple(columns), primary_key, comment, limited=limited)
