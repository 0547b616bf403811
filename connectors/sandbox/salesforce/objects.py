"""What the stand-in org knows of its objects: fields, their types, who may see them. Holds no record."""

import re
from dataclasses import dataclass, field

import pyarrow as pa

from connectors.protocol import SourceType

_SALESFORCE_TYPES: dict[SourceType, str] = {
    "text": "string",
    "integer": "int",
    "decimal": "currency",
    "double": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "datetime",
    "time": "time",
    "json": "textarea",
    "binary": "base64",
    "unknown": "anyType",
}
# How a value lies in DuckDB. Datetimes are ISO texts: they sort as times do and are sent as they stand.
_STORAGE = {"int": "BIGINT", "currency": "DECIMAL(18, 4)", "double": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE"}
_STANDARD_PREFIXES = {"Account": "001", "Contact": "003", "User": "005", "Opportunity": "006", "Lead": "00Q"}


@dataclass
class ObjectField:
    """One field as describe tells it; `storage` is its DuckDB type."""

    name: str
    type: str
    storage: str = "VARCHAR"
    label: str = ""
    help: str | None = None
    nillable: bool = True
    compound: str | None = None
    reference_to: tuple[str, ...] = ()

    @property
    def is_custom(self) -> bool:
        return self.name.endswith("__c")


@dataclass
class SObject:
    """One object of the org. `key` is the field by which the owner of the stand-in names its records."""

    name: str
    label: str
    prefix: str
    key: str
    fields: dict[str, ObjectField]
    queryable: bool = True
    forbidden: bool = False
    countable: bool = True  # whether COUNT() is answered
    archived: set[str] = field(default_factory=set)  # Ids that only queryAll finds
    hidden: set[str] = field(default_factory=set)  # by field-level security of the login

    def visible(self) -> dict[str, ObjectField]:
        """The fields this login may read, by lower-case name: SOQL does not mind the case."""
        return {name.lower(): one for name, one in self.fields.items() if name not in self.hidden}


def system_fields() -> list[ObjectField]:
    """The fields every object has."""
    return [
        ObjectField("Id", "id", label="Record ID", nillable=False),
        ObjectField("IsDeleted", "boolean", "BOOLEAN", "Deleted", nillable=False),
        ObjectField("CreatedDate", "datetime", label="Created Date", nillable=False),
        ObjectField("LastModifiedDate", "datetime", label="Last Modified Date", nillable=False),
        ObjectField("SystemModstamp", "datetime", label="System Modstamp", nillable=False),
    ]


def field_of(name: str, declared: SourceType, label: str | None = None, help: str | None = None) -> ObjectField:
    """A field of one of our types."""
    kind = _SALESFORCE_TYPES[declared]
    return ObjectField(name, kind, _STORAGE.get(kind, "VARCHAR"), label or words(name), help)


def field_of_arrow(name: str, column: pa.DataType, label: str | None, help: str | None) -> ObjectField:
    """A field for a column of typed data. Raises ValueError when its name cannot be an API name."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        raise ValueError(f"{name!r} cannot be the API name of a field")
    made = field_of(name, _source_type(column), label, help)
    if pa.types.is_decimal(column):
        made.storage = f"DECIMAL({column.precision}, {column.scale})"
    elif made.type == "string" and name.endswith("Id") and name != "Id":
        made.type = "reference"
        made.reference_to = (name.removesuffix("Id"),)
    return made


def prefix_of(name: str, taken: int) -> str:
    """The three characters the Ids of an object begin with."""
    return _STANDARD_PREFIXES.get(name, f"a{taken:02d}")


def words(name: str) -> str:
    """`AnnualRevenue__c` -> `Annual Revenue`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.removesuffix("__c").replace("_", " "))


def _source_type(column: pa.DataType) -> SourceType:
    tests: list[tuple[object, SourceType]] = [
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_integer, "integer"),
        (pa.types.is_decimal, "decimal"),
        (pa.types.is_floating, "double"),
        (pa.types.is_date, "date"),
        (pa.types.is_timestamp, "timestamp"),
        (pa.types.is_time, "time"),
        (pa.types.is_binary, "binary"),
        (pa.types.is_nested, "json"),
    ]
    return next((ours for test, ours in tests if callable(test) and test(column)), "text")
