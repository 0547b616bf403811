"""Column types and text rules shared by the aggregates: what Postgres can hold of what sources contain.

jsonb and text refuse NUL and lone surrogates, which file names and field names of real sources do contain.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.schedule import Schedule

metadata = sa.MetaData()

Json = Any  # what json.loads gives


def tenant_table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    """A tenant-owned table: `tenant_id` first, guarded by forced row-level security in the migrations."""
    return sa.Table(name, metadata, sa.Column("tenant_id", sa.Uuid, primary_key=True), *columns)


def timestamp(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    """A TIMESTAMPTZ column."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def jsonb(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    """A JSONB column; None is SQL NULL, not JSON null."""
    return sa.Column(name, postgresql.JSONB(none_as_null=True), nullable=nullable)


def storable_text(text: str) -> str:
    """The text with what Postgres cannot hold replaced by U+FFFD."""
    return text.replace("\0", "�").encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def dump_json(value: Json) -> str:
    """JSON that jsonb accepts, with sorted keys and no spaces: equal values give equal text."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    if "\\u0000" in text or any("\ud800" <= char <= "\udfff" for char in text):
        text = json.dumps(_storable(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text


def _storable(value: Json) -> Json:
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, Mapping):
        return {storable_text(str(key)): _storable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_storable(item) for item in value]
    return value


class StorableText(sa.TypeDecorator[str]):
    """TEXT for words that come from sources (stream and field names, messages)."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else storable_text(value)


# A sweep reads tens of thousands of rows with few different schedules, and reading cron fields costs about 0.1 ms.
_stored_schedule = lru_cache(maxsize=4096)(Schedule.parse)


class ScheduleText(sa.TypeDecorator[Schedule]):
    """A Schedule kept as the text that `Schedule.parse` reads."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Schedule | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Schedule | None:  # noqa: ARG002
        return None if value is None else _stored_schedule(value)
