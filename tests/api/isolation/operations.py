"""Every operation of the OpenAPI document, and the places where it takes an id or a name of what a tenant owns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

METHODS = ("get", "put", "post", "patch", "delete")
Where = Literal["path", "query", "body"]


@dataclass(frozen=True)
class Position:
    """A parameter or a property of the body that names a thing."""

    where: Where
    name: str


@dataclass(frozen=True)
class Operation:
    """One method of one path; `permission` is what the document says it needs."""

    method: str
    path: str
    permission: str | None
    needs_login: bool
    positions: tuple[Position, ...]
    required_query: dict[str, Any] = field(hash=False)
    body: Any = field(hash=False)
    content_type: str | None = None

    @property
    def id(self) -> str:
        return f"{self.method.upper()} {self.path}"


def operations_of(document: dict[str, Any]) -> list[Operation]:
    """All operations, in the order of the document."""
    return [
        _operation(document, method, path, described)
        for path, item in document["paths"].items()
        for method, described in item.items()
        if method in METHODS
    ]


def _operation(document: dict[str, Any], method: str, path: str, described: dict[str, Any]) -> Operation:
    parameters = [_resolved(document, one) for one in described.get("parameters", ())]
    positions = [Position("path", name) for name in re.findall(r"{(\w+)}", path)]
    positions += [
        Position("query", one["name"]) for one in parameters if one["in"] == "query" and _is_id(document, one["schema"])
    ]
    content = _resolved(document, described.get("requestBody", {})).get("content", {})
    content_type = next(iter(content), None)
    body = None
    if content_type is not None:
        schema = content[content_type].get("schema", {})
        positions += [Position("body", name) for name in sorted(set(_ids_in(document, schema)))]
        body = _example(document, content[content_type])
    required = {
        one["name"]: _value(document, one)
        for one in parameters
        if one["in"] == "query" and one.get("required") and not _is_id(document, one["schema"])
    }
    return Operation(
        method, path, described.get("x-permission"), bool(described.get("security")), tuple(positions), required, body,
        content_type,
    )  # fmt: skip


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def _is_id(document: dict[str, Any], schema: dict[str, Any]) -> bool:
    schema = _resolved(document, schema)
    alternatives = [*schema.get("anyOf", ()), *schema.get("allOf", ()), *schema.get("oneOf", ())]
    return schema.get("format") == "uuid" or any(_is_id(document, one) for one in alternatives)


def _ids_in(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    schema = _resolved(document, schema)
    for one in (*schema.get("anyOf", ()), *schema.get("allOf", ()), *schema.get("oneOf", ())):
        yield from _ids_in(document, one)
    yield from (name for name, one in schema.get("properties", {}).items() if _is_id(document, one))


def _example(document: dict[str, Any], content: dict[str, Any]) -> Any:
    """The first example of a body, as the document gives it at one of the places it may."""
    schema = _resolved(document, content.get("schema", {}))
    if "example" in content:
        return content["example"]
    if content.get("examples"):
        return next(iter(content["examples"].values()))["value"]
    if schema.get("examples"):
        return schema["examples"][0]
    if "example" in schema:
        return schema["example"]
    if schema.get("type") == "object" or "properties" in schema:
        required = schema.get("required", ())
        return {
            name: _value(document, {"schema": one}) for name, one in schema["properties"].items() if name in required
        }
    return None


def _value(document: dict[str, Any], parameter: dict[str, Any]) -> Any:
    schema = _resolved(document, parameter["schema"])
    if "example" in parameter:
        return parameter["example"]
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    return {"integer": 1, "number": 1, "boolean": True}.get(schema.get("type", ""), "x")
