"""The way through the Data API: PostgREST's requests made with the supabase client, sent over a guarded connection.

Every value is asked for as text (`column::text`), so that no number passes through a float on its way.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pyarrow as pa
from postgrest import CountMethod, SyncSelectRequestBuilder
from supabase import create_client
from supabase.lib.client_options import SyncClientOptions

from connectors.errors import ConfigInvalid, SourceUnavailable, StreamGone, Timeout
from connectors.limits import Limits
from connectors.outbound.http_httpx import guarded_client
from connectors.outbound.policy import Outbound
from connectors.pacing import Pacer
from connectors.protocol import Grants, Note
from connectors.supabase.canonical import canonical, json_text
from connectors.supabase.keys import key_role, reads_past_row_security
from connectors.supabase.openapi import tables_of
from connectors.supabase.rest_errors import error_code, error_of, transport_error
from connectors.supabase.rest_grants import rest_grants
from connectors.supabase.source import Page, PageTooLarge, Query
from connectors.supabase.tables import Column, Table

_MOST_BYTES = 64 << 20
_DESCRIPTION_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, read within bounds."""

    status: int
    headers: httpx.Headers
    body: bytes


class RestSource:
    """The tables a key sees through the Data API. Thread-safe: requests share one client and one pace."""

    def __init__(
        self, url: str, key: str, schema: str, limits: Limits, outbound: Outbound, notes: Callable[[Note], None]
    ) -> None:
        self._limits = limits
        self._role = key_role(key)
        self._limited = None if reads_past_row_security(key) else (self._role or "unknown")
        self._http = guarded_client(outbound, limits.timeout_s)
        options = SyncClientOptions(
            schema=schema, httpx_client=self._http, auto_refresh_token=False, persist_session=False
        )
        self._rest = create_client(url, key, options).postgrest
        self._pacer = Pacer(limits, notes)
        self._known: dict[str, Table] | None = None

    def check(self) -> None:
        """The API answers, and knows the schema. Raises ConnectorError."""
        self._describe()

    def tables(self) -> list[Table]:
        return list(self._describe().values())

    def table(self, name: str) -> Table:
        known = self._describe() if self._known is None else self._known
        if name not in known:
            raise StreamGone("The table is no longer there.", stream=name, hint="Discover the source anew.")
        return known[name]

    def grants(self) -> Grants:
        return rest_grants(self.tables(), self._role, self._limited is None, self._try_insert)

    @contextmanager
    def session(self, table: Table) -> Iterator["RestSession"]:
        yield RestSession(self, table.name)

    def forget(self) -> None:
        """Describe the tables anew when next asked."""
        self._known = None

    def close(self) -> None:
        self._http.close()

    def select(self, table: str, *columns: str, count: bool = False, head: bool = False) -> SyncSelectRequestBuilder:
        """A request for the columns, to be narrowed and given to `answer`."""
        method = CountMethod.exact if count else None
        return self._rest.from_(table).select(*columns, count=method, head=head)

    def answer(self, built: SyncSelectRequestBuilder, stream: str, most_bytes: int = _MOST_BYTES) -> Answer:
        """The answer to a built request, at the connection's pace. Raises PageTooLarge, ColumnsChanged."""
        request = built.request
        # Since PostgREST 12; an older one answers in its own zone, which is converted.
        wishes = [wish for wish in (request.headers.get("prefer"), "timezone=UTC") if wish]
        headers = {**request.headers, "prefer": ", ".join(wishes)}
        made = self._http.build_request(request.http_method, str(request.path), params=request.params, headers=headers)
        return self._paced(made, stream, most_bytes)

    def _describe(self) -> dict[str, Table]:
        headers = {**self._rest.headers, "accept": "application/openapi+json"}
        made = self._http.build_request("GET", f"{self._rest.base_url}/", headers=headers)
        answer = self._paced(made, None, _DESCRIPTION_BYTES)
        try:
            document = json.loads(answer.body)
        except ValueError:
            document = None
        if not isinstance(document, dict) or "paths" not in document:
            raise ConfigInvalid(
                "What answers at this address is not a Data API.", hint="Check url: https://PROJECT.supabase.co."
            )
        self._known = {table.name: table for table in tables_of(document, self._limited)}
        return self._known

    def _paced(self, request: httpx.Request, stream: str | None, most_bytes: int) -> Answer:
        def attempt() -> Answer:
            answer = self._sent(request, stream, most_bytes)
            if 200 <= answer.status < 300:
                return answer
            raise error_of(answer.status, answer.headers, answer.body, stream)

        return self._pacer.call(attempt, stream)

    def _sent(self, request: httpx.Request, stream: str | None, most_bytes: int) -> Answer:
        """One exchange within `timeout_s` as a whole, however slowly the body drips."""
        deadline = time.monotonic() + self._limits.timeout_s
        body = bytearray()
        try:
            response = self._http.send(request, stream=True)
            try:
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > most_bytes:
                        raise PageTooLarge
                    if time.monotonic() > deadline:
                        raise Timeout(
                            "The source did not answer in time.", stream=stream, hint="It is tried again later."
                        )
            finally:
                response.close()
        except httpx.HTTPError as error:
            raise transport_error(error, stream) from None
        return Answer(response.status_code, response.headers, bytes(body))

    def _try_insert(self, table: Table) -> tuple[int, bytes]:
        """Ask to insert a record that no column can hold; the answer tells whether the role might have."""
        # A generated column is refused before rights are looked at: take one that is rather not.
        column = min(table.columns, key=lambda column: (column.name in table.primary_key, column.has_default))
        built = self._rest.from_(table.name).insert({column.name: "\x00"}).request
        headers = {**built.headers, "prefer": "return=minimal, tx=rollback", "content-type": "application/json"}
        made = self._http.build_request("POST", str(built.path), content=json.dumps(built.json), headers=headers)

        def attempt() -> tuple[int, bytes]:
            answer = self._sent(made, table.name, _MOST_BYTES)
            told = error_code(answer.body)
            if told != "42501" and (answer.status in (401, 429) or (answer.status >= 500 and not told)):
                raise error_of(answer.status, answer.headers, answer.body, table.name)
            return answer.status, answer.body

        return self._pacer.call(attempt, table.name)


class RestSession:
    """One table being read."""

    def __init__(self, source: RestSource, stream: str) -> None:
        self._source = source
        self._stream = stream

    def page(self, query: Query) -> Page:
        names = [column.name for column in query.columns]
        extra = [column for column in query.table.columns if column.name in query.order and column.name not in names]
        asked = (*query.columns, *extra)
        try:
            answer = self._source.answer(self._built(query, asked, query.count), self._stream)
        except Timeout:
            if not query.count:
                raise
            # Counting reads the whole table; where that takes too long the page is still to be had.
            answer = self._source.answer(self._built(query, asked, False), self._stream)
        records = _records(answer.body, self._stream)
        raw = {column.name: _texts(column, records) for column in asked}
        last = tuple(str(raw[name][-1].as_py()) for name in query.order) if records and query.table.primary_key else ()
        batch = pa.RecordBatch.from_arrays([canonical(column, raw[column.name]) for column in query.columns], names)
        return Page(batch, last, len(answer.body), _total(answer.headers) if query.count else None)

    def newest(self, field: Column) -> tuple[str | None, datetime]:
        built = self._source.select(self._stream, _selected(field)).order(
            quoted(field.name), desc=True, nullsfirst=False
        )
        answer = self._source.answer(built.limit(1), self._stream)
        records = _records(answer.body, self._stream)
        return (records[0].get(field.name) if records else None), _clock(answer.headers)

    def total(self) -> int | None:
        """By a count of the source; None where it takes too long to count."""
        built = self._source.select(self._stream, "*", count=True, head=True)
        try:
            return _total(self._source.answer(built, self._stream).headers)
        except Timeout:
            return None

    def _built(self, query: Query, asked: tuple[Column, ...], count: bool) -> SyncSelectRequestBuilder:
        built = self._source.select(query.table.name, *(_selected(column) for column in asked), count=count)
        for name in query.order:
            built = built.order(quoted(name))
        if query.field and query.absent:
            built = built.filter(query.field, "is", "null")
        elif query.field:
            built = built.filter(query.field, "gt", query.low) if query.low is not None else built
            built = built.filter(query.field, "lte", query.high) if query.high is not None else built
        if query.after is not None:
            built = built.or_(beyond(query.order, query.after))
        elif query.offset:
            built = built.offset(query.offset)
        return built.limit(query.limit)


def quoted(name: str) -> str:
    """A column's name, or a value inside `or`, as PostgREST reads it whatever letters it has."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def beyond(order: tuple[str, ...], after: tuple[str, ...]) -> str:
    """The filter for records after the given order values, first column first."""
    terms = []
    for depth, (name, value) in enumerate(zip(order, after, strict=True)):
        same = [f"{quoted(n)}.eq.{quoted(v)}" for n, v in zip(order[:depth], after[:depth], strict=True)]
        later = f"{quoted(name)}.gt.{quoted(value)}"
        terms.append(f"and({','.join([*same, later])})" if same else later)
    return ",".join(terms)


def _selected(column: Column) -> str:
    """Arrays come as JSON, everything else as text."""
    return quoted(column.name) if column.form == "array" else f"{quoted(column.name)}::text"


def _records(body: bytes, stream: str) -> list[dict[str, Any]]:
    try:
        records = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        records = None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise SourceUnavailable(
            "The source's answer is cut or garbled.", stream=stream, hint="It is tried again later."
        )
    return records


def _texts(column: Column, records: list[dict[str, Any]]) -> pa.Array:
    values = [record.get(column.name) for record in records]
    if column.form == "array":
        values = [None if value is None else json_text(value) for value in values]
    return pa.array(values, pa.string())


def _total(headers: httpx.Headers) -> int | None:
    """The number after the slash of Content-Range."""
    text = headers.get("content-range", "").rpartition("/")[2]
    return int(text) if text.isdigit() else None


def _clock(headers: httpx.Headers) -> datetime:
    try:
        return parsedate_to_datetime(headers.get("date", "")).astimezone(UTC)
    except (ValueError, TypeError):
        return datetime.now(UTC)
