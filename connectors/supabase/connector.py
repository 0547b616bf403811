"""A Supabase project: one stream per table or view the credentials may read.

Tables with a field that tells their last change are read incrementally (deletes stay unseen in that mode); the others
whole, with deletes. With a database URL everything is read from Postgres itself, without one through the Data API.
"""

from collections.abc import Iterator
from typing import ClassVar

import httpx
import psycopg2
import pyarrow as pa
from pydantic import BaseModel

from connectors.errors import ConfigInvalid, ConnectorError, RecordInvalid, SourceUnavailable
from connectors.outbound.policy import Outbound
from connectors.protocol import Capabilities, Connector, Cursor, Grants, Item, Note, Stream
from connectors.supabase.config import SupabaseConfig
from connectors.supabase.database import DatabaseSource
from connectors.supabase.database_errors import database_error
from connectors.supabase.reading import Reading
from connectors.supabase.rest import RestSource
from connectors.supabase.rest_errors import transport_error
from connectors.supabase.source import Source
from connectors.supabase.tables import Table, cursor_column, stream_of


class SupabaseConnector(Connector[SupabaseConfig]):
    """Thread-safe: several streams may be read at once."""

    kind: ClassVar[str] = "supabase"
    config_model: ClassVar[type[BaseModel]] = SupabaseConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        incremental=True,
        detects_deletes=True,
        declares_types=True,
        bulk=True,
        has_credentials=True,
        streams_at_once=4,
    )

    def __init__(self, config: SupabaseConfig, outbound: Outbound | None = None) -> None:
        super().__init__(config, outbound)
        self._rest: RestSource | None = None
        self._database: DatabaseSource | None = None
        if config.url and config.key:
            self._rest = RestSource(config, self.outbound, self._note)
        if config.database_url:
            self._database = DatabaseSource(
                config.database_url.get_secret_value(), config.db_schema, config.limits, self.outbound, self._note
            )

    def check(self) -> None:
        """Every way in that is configured works, and the tables and fields named are there. Raises ConnectorError."""
        for source in (self._rest, self._database):
            if source:
                source.check()
        tables = {table.name: table for table in self._source.tables()}
        wanted = self.config.tables if self.config.tables is not None else tuple(tables)
        missing = [name for name in (*wanted, *self.config.cursor_fields) if name not in tables]
        if missing:
            raise ConfigInvalid(
                f"The credentials see no table {missing[0]!r}.", hint="Correct the name, or grant select on it."
            )
        if not wanted:
            raise ConfigInvalid("The credentials see no table.", hint="Grant select on tables, or check db_schema.")
        self._check_cursor_fields(tables)

    def grants(self) -> Grants:
        """What may be written by any of the ways in."""
        found = [source.grants() for source in (self._rest, self._database) if source]
        return Grants(
            tuple(write for grants in found for write in grants.writes), " ".join(grants.evidence for grants in found)
        )

    def pin(self) -> SupabaseConfig:
        return self.config

    def discover(self) -> list[Stream]:
        """One stream per table or view; tells which of them row-level security narrows."""
        streams = []
        for table in self._source.tables():
            if not table.columns or (self.config.tables is not None and table.name not in self.config.tables):
                continue
            self._say_what_is_hidden(table)
            streams.append(stream_of(table, self.config.cursor_fields))
        return streams

    def read(self, stream: Stream, cursor: Cursor | None, limit: int | None = None) -> Iterator[Item]:
        """Records of one table, as `connectors.supabase.reading` says."""
        source = self._source
        table = source.table(stream.name)
        self._say_what_is_hidden(table)
        self._say_what_is_gone(table, stream)
        if not table.primary_key:
            message = "The table has no key: it is read by position, and changes meanwhile may be missed or come twice."
            self._note(Note("no_key", message, stream.name, "warning"))
        with source.session(table) as session:
            yield from Reading(
                session=session,
                table=table,
                stream=stream,
                config=self.config,
                most=self.config.limits.batch_records if self._database else self.config.page_records,
                refreshed=lambda: _described_anew(source, stream.name),
                notes=self._note,
            ).items(cursor, limit)

    def classify(self, error: Exception, stream: str) -> ConnectorError:
        if isinstance(error, ConnectorError):
            return error
        if isinstance(error, httpx.HTTPError):
            return transport_error(error, stream)
        found = database_error(error, stream) if isinstance(error, psycopg2.Error) else None
        if isinstance(found, ConnectorError):
            return found
        hint = "It is tried again later."
        if isinstance(error, pa.ArrowInvalid | UnicodeError):
            return RecordInvalid("The records cannot be read.", stream=stream, hint=hint, detail=type(error).__name__)
        return SourceUnavailable(
            "The records could not be taken in.", stream=stream, hint=hint, detail=type(error).__name__
        )

    def close(self) -> None:
        for source in (self._rest, self._database):
            if source:
                source.close()

    @property
    def _source(self) -> Source:
        source: Source | None = self._database or self._rest
        if source is None:
            raise ConfigInvalid("There is no way into the source.", hint="Set url and key, or database_url.")
        return source

    def _note(self, note: Note) -> None:
        self.notes(note)

    def _check_cursor_fields(self, tables: dict[str, Table]) -> None:
        for name, field in self.config.cursor_fields.items():
            if cursor_column(tables[name], self.config.cursor_fields) is None:
                raise ConfigInvalid(
                    f"The field {field!r} of {name!r} cannot tell changes.",
                    hint="Choose a timestamp, date or integer column of a table with a primary key.",
                )

    def _say_what_is_hidden(self, table: Table) -> None:
        if table.limited is None:
            return
        message = (
            f"The credentials are the role {table.limited}: rows that row-level security hides from it are not read, "
            "and the table may look empty or partial."
        )
        self._note(Note("row_level_security", message, table.name, "warning"))

    def _say_what_is_gone(self, table: Table, stream: Stream) -> None:
        gone = [field.name for field in stream.fields if table.column(field.name) is None]
        if gone:
            message = f"{', '.join(repr(name) for name in gone[:5])} is no longer in the table; the rest is read."
            self._note(Note("columns_gone", message, stream.name, "warning"))


def _described_anew(source: Source, table: str) -> Table:
    source.forget()
    return source.table(table)
