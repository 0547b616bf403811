"""An example of a request body, put together from the examples, defaults and choices of its fields."""

from typing import Any

_BY_FORMAT = {
    "uuid": "0b7a7c5e-2f0e-4f0e-8a53-9d2c1f0a7b11",
    "date-time": "2026-01-31T09:30:00Z",
    "date": "2026-01-31",
    "email": "jane@example.com",
    "uri": "https://example.com/",
}
_BY_TYPE = {"integer": 1, "number": 1.0, "boolean": True, "null": None}


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """A value that fits the schema; None where nothing in it says what one looks like."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for given in ("example", "default", "const"):
        if schema.get(given) is not None:
            return schema[given]
    for listed in ("examples", "enum"):
        if schema.get(listed):
            return schema[listed][0]
    for variants in ("oneOf", "anyOf", "allOf"):
        if schema.get(variants):
            return example_of(schema[variants][0], schemas)
    if schema.get("type") == "object":
        return _object(schema, schemas)
    if schema.get("type") == "array":
        one = example_of(schema.get("items", {}), schemas)
        return [] if one is None else [one]
    return _BY_FORMAT.get(schema.get("format", ""), _BY_TYPE.get(schema.get("type", "")))


def _object(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """What is required, and what has an example of its own."""
    required = set(schema.get("required", ()))
    fields = schema.get("properties", {}).items()
    wanted = {name: field for name, field in fields if name in required or "examples" in field}
    return {name: example_of(field, schemas) for name, field in wanted.items()}
