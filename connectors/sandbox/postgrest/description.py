"""The API's root: OpenAPI 2 of the tables a role has any right on, as PostgREST writes it.

Methods are listed by what a table could take, whatever the role may do; columns by what the table has.
"""

from typing import Any

_TABLES = """
SELECT c.relname, obj_description(c.oid, 'pg_class'),
       c.relkind IN ('r', 'p') OR (c.relkind IN ('v', 'f') AND (pg_relation_is_updatable(c.oid, true) & 28) <> 0),
       (SELECT json_agg(json_build_object(
            'name', a.attname, 'format', format_type(a.atttypid, NULL), 'required', a.attnotnull,
            'default', pg_get_expr(d.adbin, d.adrelid), 'comment', col_description(c.oid, a.attnum),
            'pk', coalesce((SELECT a.attnum = ANY (i.indkey) FROM pg_index i
                            WHERE i.indrelid = c.oid AND i.indisprimary), false)) ORDER BY a.attnum)
        FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND (pg_has_role(c.relowner, 'USAGE')
       OR has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
       OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
ORDER BY c.relname
"""
_NUMBERS = {
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "numeric": "number",
    "real": "number",
    "double precision": "number",
    "boolean": "boolean",
}


def describe(cursor: Any, schema: str) -> dict[str, Any]:
    """The document, for the role the transaction has."""
    cursor.execute(_TABLES, (schema,))
    paths: dict[str, Any] = {"/": {"get": {"tags": ["Introspection"]}}}
    definitions: dict[str, Any] = {}
    for name, comment, writable, columns in cursor.fetchall():
        methods = ("get", "post", "patch", "delete") if writable else ("get",)
        paths[f"/{name}"] = {method: {"tags": [name]} for method in methods}
        definitions[name] = _definition(comment, columns or [])
    return {
        "swagger": "2.0",
        "info": {"title": "standard public schema", "version": "12.2.3"},
        "basePath": "/",
        "paths": paths,
        "definitions": definitions,
    }


def _definition(comment: str | None, columns: list[dict[str, Any]]) -> dict[str, Any]:
    definition: dict[str, Any] = {
        "type": "object",
        "required": [column["name"] for column in columns if column["required"]],
        "properties": {column["name"]: _property(column) for column in columns},
    }
    return definition | ({"description": comment} if comment else {})


def _property(column: dict[str, Any]) -> dict[str, Any]:
    kind = column["format"]
    described: dict[str, Any] = {"format": kind}
    if kind.endswith("[]"):
        described["type"] = "array"
    elif kind not in ("json", "jsonb"):
        described["type"] = _NUMBERS.get(kind, "string")
    if column["default"] is not None and described.get("type") == "string":
        described["default"] = column["default"].removesuffix(f"::{kind}").strip("'")
    note = "Note:\nThis is a Primary Key.<pk/>" if column["pk"] else None
    text = "\n\n".join(part for part in (column["comment"], note) if part)
    return described | ({"description": text} if text else {})
