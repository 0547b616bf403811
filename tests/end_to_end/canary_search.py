"""Looks for known secrets in everything an installation keeps: databases, Valkey, the lake, logs, processes.

Each place says how much it looked through, so that "nothing found" can be told from "nothing looked at".
"""

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import duckdb
import psutil
import psycopg2
import redis
from psycopg2.extensions import connection as Connection

from orchestration.embedded.state import read_state
from orchestration.resources.lake_places import lake_location
from orchestration.resources.settings import Settings


@dataclass
class Looked:
    """What was looked through in one place, and where something was found."""

    items: int = 0
    size_bytes: int = 0
    hits: list[str] = field(default_factory=list)

    def at(self, what: str, content: bytes, needles: re.Pattern[bytes]) -> None:
        self.items += 1
        self.size_bytes += len(content)
        self.hits += [f"{what}: {needles_hidden(found)}" for found in set(needles.findall(content))]


def needles_hidden(found: bytes) -> str:
    return f"{found[:6].decode(errors='replace')}... ({len(found)} bytes)"


def needles_of(secrets: Iterable[str]) -> re.Pattern[bytes]:
    """The secrets as they are and as they are commonly disguised: URL-encoded, base64 at each offset, hexadecimal."""
    forms: set[bytes] = set()
    for secret in secrets:
        raw = secret.encode()
        forms |= {raw, quote(secret, safe="").encode(), raw.hex().encode(), raw.hex().upper().encode()}
        for offset in range(3):
            # Without the letters at the ends, which depend on the neighbours.
            forms.add(base64.b64encode(b"\0" * offset + raw).rstrip(b"=")[4:-4])
    return re.compile(b"|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))


def search_everything(settings: Settings, needles: re.Pattern[bytes], shown: Iterable[str]) -> dict[str, Looked]:
    """Place -> what was looked through there. `shown` is what commands printed."""
    databases = {f"postgres, {name}": Looked() for name in ("autonomos", "dagster", "lake")}
    others = {name: Looked() for name in ("valkey", "lake", "dagster home", "logs and files", "processes", "output")}
    places = databases | others
    for what, content in postgres_rows(settings):
        places.setdefault(f"postgres, {what.split('.')[0]}", Looked()).at(what, content, needles)
    for what, content in valkey_values(settings):
        places["valkey"].at(what, content, needles)
    for what, content in lake_columns(Path(lake_location(settings).data_path)):
        places["lake"].at(what, content, needles)
    for path in files_of(settings.home):
        place = "dagster home" if path.is_relative_to(settings.home / "dagster") else "logs and files"
        places[place].at(str(path.relative_to(settings.home)), path.read_bytes(), needles)
    for what, content in process_texts(settings.home):
        places["processes"].at(what, content, needles)
    for number, text in enumerate(shown):
        places["output"].at(f"command {number}", text.encode(), needles)
    return places


def postgres_rows(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Every table of every database, as text; bytea also as the bytes it holds."""
    url = settings.admin_url.replace("postgresql+psycopg2", "postgresql")
    with psycopg2.connect(url) as server, server.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE NOT datistemplate AND datname NOT LIKE 'sandbox%'")
        databases = [name for (name,) in cursor.fetchall()]
    for database in databases:
        with psycopg2.connect(url, dbname=database) as opened:
            yield from _tables(opened, database)


def _tables(opened: Connection, database: str) -> Iterator[tuple[str, bytes]]:
    with opened.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT t::text FROM {table} t")
            text = "\n".join(row for (row,) in cursor.fetchall() if row is not None)
            unescaped = b"".join(bytes.fromhex(found) for found in re.findall(r"\\\\x((?:[0-9a-f]{2})+)", text))
            yield f"{database}.{table}", text.encode() + unescaped


def valkey_values(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Every key with its value, whatever its type."""
    with redis.Redis.from_url(settings.redis_url) as client:
        for key in client.scan_iter(count=1000):
            kind = client.type(key)
            readers = {
                b"string": lambda k: client.get(k),
                b"list": lambda k: client.lrange(k, 0, -1),
                b"set": lambda k: client.smembers(k),
                b"zset": lambda k: client.zrange(k, 0, -1, withscores=True),
                b"hash": lambda k: client.hgetall(k),
                b"stream": lambda k: client.xrange(k),
            }
            yield key.decode(errors="replace"), key + repr(readers[kind](key)).encode()


def lake_columns(data: Path) -> Iterator[tuple[str, bytes]]:
    """Every Parquet file's rows as text: compressed bytes would hide what is in them."""
    with duckdb.connect() as reader:
        for path in sorted(data.rglob("*.parquet")):
            rows = reader.execute(
                f"SELECT t::VARCHAR FROM read_parquet('{path}', hive_partitioning = false) t"
            ).fetchall()
            yield str(path.relative_to(data)), "\n".join(row for (row,) in rows).encode()


def files_of(home: Path) -> Iterator[Path]:
    """Files as they lie there: logs, state, frozen catalogs, Dagster's home, Valkey's and Postgres' own files."""
    for path in sorted(home.rglob("*")):
        # Named pipes and sockets hold nothing.
        if path.is_file() and not path.is_symlink():
            yield path


def process_texts(home: Path) -> Iterator[tuple[str, bytes]]:
    """Command lines and environments of everything the installation runs."""
    for name, process in read_state(home).processes.items():
        if process.identity is None or not process.identity.is_alive():
            continue
        parent = psutil.Process(process.identity.pid)
        for one in (parent, *parent.children(recursive=True)):
            try:
                texts = (*one.cmdline(), *(f"{key}={value}" for key, value in one.environ().items()))
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
            yield f"{name} {one.pid}", "\0".join(texts).encode()
