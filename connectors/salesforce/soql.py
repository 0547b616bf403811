"""SOQL texts: what is asked for, from where on, in which order. Runs nothing."""

from datetime import UTC, datetime
from urllib.parse import quote_plus

from connectors.protocol import Stream
from connectors.salesforce.objects import DELETED_FIELD
from connectors.salesforce.position import Position

# Salesforce takes 16,384 bytes of URL and headers together; the access token alone can be 2,000.
MOST_URL_CHARACTERS = 12_000
MOST_DEFINITIONS = 2_000  # rows FieldDefinition gives: it has no second page

# Records of these that are a year old are archived: `query` passes over them as it does over deleted ones.
_ARCHIVED = ("Task", "Event")


def with_archived(stream: Stream, position: Position) -> bool:
    """Whether a read without deletes must ask `queryAll` too, lest old records be missed or taken for deleted."""
    deletes_known = stream.detects_deletes and stream.cursor_field is not None
    return stream.name in _ARCHIVED and deletes_known and not (position.kind == "window" and position.start)


def columns_of(stream: Stream, known: frozenset[str]) -> tuple[str, ...]:
    """The fields to ask for: the stream's, and those that paging and deletes need (`known` says which exist)."""
    wanted = [field.name for field in stream.fields]
    needed = ["Id", stream.cursor_field, DELETED_FIELD if stream.detects_deletes and stream.cursor_field else None]
    return (*wanted, *(one for one in needed if one and one not in wanted and one in known))


def page_query(stream: Stream, columns: tuple[str, ...], position: Position) -> str:
    """Everything of the position's window that comes after its last record, in a stable order."""
    where = conditions(stream, position)
    order = f"{stream.cursor_field}, Id" if position.kind == "window" else "Id"
    return f"SELECT {', '.join(columns)} FROM {stream.name}{_where(where)} ORDER BY {order}"


def count_query(stream: Stream, position: Position) -> str:
    """How many records come after the position, without an end: the answer's date is to become the window's."""
    return f"SELECT COUNT() FROM {stream.name}{_where(conditions(stream, position, ends=False))}"


def sample_query(stream: Stream, columns: tuple[str, ...], limit: int) -> str:
    """A few records, without any order: sorting a large object for a sample would cost its owner."""
    return f"SELECT {', '.join(columns)} FROM {stream.name} LIMIT {limit}"


def records_query(stream: Stream, columns: tuple[str, ...], ids: list[str]) -> str:
    """Other fields of known records."""
    return f"SELECT {', '.join(columns)} FROM {stream.name} WHERE Id IN ({', '.join(quoted(one) for one in ids)})"


def hidden_fields_query(names: list[str]) -> str:
    """Every field the org has of some objects, whether the login may see it or not."""
    chosen = ", ".join(quoted(name) for name in names)
    return (
        "SELECT QualifiedApiName, EntityDefinition.QualifiedApiName FROM FieldDefinition"
        f" WHERE EntityDefinition.QualifiedApiName IN ({chosen}) LIMIT {MOST_DEFINITIONS}"
    )


def conditions(stream: Stream, position: Position, *, ends: bool = True) -> list[str]:
    """The bounds of the window, and the place in it."""
    bounds = [f"{DELETED_FIELD} = false"] if with_archived(stream, position) else []
    if position.kind != "window":
        return [*bounds, f"Id > {quoted(position.after[-1])}"] if position.after else bounds
    cursor = stream.cursor_field
    if position.after:
        stamp, last = literal(position.after[0]), quoted(position.after[1])
        bounds.append(f"({cursor} > {stamp} OR ({cursor} = {stamp} AND Id > {last}))")
    elif position.start:
        bounds.append(f"{cursor} >= {literal(position.start)}")
    return [*bounds, f"{cursor} <= {literal(position.end)}"] if ends else bounds


def fits_url(soql: str) -> bool:
    """Whether a query can be sent in a URL."""
    return len(quote_plus(soql)) <= MOST_URL_CHARACTERS


def quoted(text: str) -> str:
    """A text literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def literal(moment: str) -> str:
    """A datetime literal; raises ValueError for a text that is none, so that no cursor can carry a query."""
    parsed = datetime.fromisoformat(moment).astimezone(UTC)
    return f"{parsed:%Y-%m-%dT%H:%M:%S}.{parsed.microsecond // 1000:03d}Z"


def column_groups(columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The columns in groups that fit into a URL, each with the Id first."""
    groups: list[list[str]] = [["Id"]]
    size = 0
    for name in columns:
        if name == "Id":
            continue
        if size + len(name) + 4 > MOST_URL_CHARACTERS // 2:
            groups.append(["Id"])
            size = 0
        groups[-1].append(name)
        size += len(name) + 4
    return [tuple(group) for group in groups]


def _where(bounds: list[str]) -> str:
    return f" WHERE {' AND '.join(bounds)}" if bounds else ""
