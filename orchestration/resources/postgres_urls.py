"""Postgres addresses: another login on the same server, and the two spellings (URL, libpq) that libraries want."""

from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit


def url_for_role(url: str, role: str, password: str, database: str) -> str:
    """The same server and options, another login and database."""
    parts = urlsplit(url)
    server = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password, safe='')}@{server}", path=f"/{database}"))


def libpq_form(url: str) -> str:
    """A Postgres URL as libpq's keyword=value string."""
    parts = urlsplit(url)
    values = {
        "host": parts.hostname or "",
        "port": str(parts.port or 5432),
        "dbname": parts.path.lstrip("/"),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
    } | dict(parse_qsl(parts.query))
    return " ".join(f"{name}={_libpq_value(value)}" for name, value in values.items() if value)


def _libpq_value(value: str) -> str:
    if value.replace("-", "").replace("_", "").replace(".", "").isalnum():
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
