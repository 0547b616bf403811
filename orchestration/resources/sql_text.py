"""Quoting of names and values that become part of a DuckDB statement.

DuckDB takes no parameters in DDL, ATTACH, COPY or table functions, so what comes from outside is quoted here, always.
"""


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier.

    Raises:
        ValueError: the name holds a NUL character, which no identifier can.
    """
    if "\0" in name:
        raise ValueError("a name cannot hold a NUL character")
    return '"' + name.replace('"', '""') + '"'


def constant(value: str | int | bool | None) -> str:
    """A value as SQL: text quoted, numbers and truth as they are, None as NULL."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else literal(value)


def literal(text: str) -> str:
    """A text as a quoted SQL string.

    Raises:
        ValueError: the text holds a NUL character.
    """
    if "\0" in text:
        raise ValueError("a text with a NUL character cannot be written into SQL")
    return "'" + text.replace("'", "''") + "'"
