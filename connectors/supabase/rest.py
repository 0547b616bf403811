"""The way through the Data API: PostgREST's requests made with the supabase client, sent over a guarded connection.

Every value is asked for as text (`column::text`), so that no number passes through a float on its way.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pyarrow as pa
from postgrest import CountMethod, SyncSelectRequestBuilder
from supabase import create_client
from supabase.lib.client_options import SyncClientOptions

from connectors.errors import (
    ConfigInvalid,
    PermissionMissing,
    SourceUnavailable,
    StreamError,
    StreamGone,
    Timeout,
)
from connectors.outbound.http_httpx import guarded_client
from connectors.outbound.policy import Outbound
from connectors.pacing import Pacer
from connectors.protocol import Grants, Note
from connectors.supabase.canonical import canonical, json_text
from connectors.supabase.config import SupabaseConfig
from connectors.supabase.keys import key_role, reads_past_row_security
from connectors.supabase.openapi import tables_of
from connectors.supabase.rest_errors import error_code, error_of, transport_error
from connectors.supabase.rest_grants import PLAN, Verdict, Write, rest_grants, verdict
from connectors.supabase.samples import sampled_table
from connectors.supabase.source import DescriptionRefused, Page, PageTooLarge, PastTheEnd, Query
from connectors.supabase.tables import Column, Table

_MOST_BYTES = 64 << 20
_DESCRIPTION_BYTES = 256 << 20
_SAMPLE_RECORDS = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, read within bounds."""

    status: int
    headers: httpx.Headers
    body: bytes


class RestSource:
    """The tables a key sees through the Data API. Thread-safe: requests share one client and one pace."""

    def __init__(self, config: SupabaseConfig, outbound: Outbound, notes: Callable[[Note], None]) -> None:
        """`config` has url and key."""
        key = config.key.get_secret_value() if config.key else ""
        identity = config.token.get_secret_value() if config.token else key
        self._config = config
        self._limits = config.limits
        self._notes = notes
        self._role = key_role(identity)
        self._limited = None if reads_past_row_security(identity) else (self._role or "unknown")
        self._http = guarded_client(outbound, config.limits.timeout_s)
        options = SyncClientOptions(
            schema=config.db_schema, httpx_client=self._http, auto_refresh_token=False, persist_session=False
        )
        # The key opens the gateway; who asks is said by the token beside it, if there is one.
        self._rest = create_client(config.url or "", key, options).postgrest.auth(identity)
        self._pacer = Pacer(config.limits, notes)
        self._known: dict[str, Table] | None = None

    def check(self) -> None:
        """The API answers, and knows the schema. Raises ConnectorError."""
        self._describe()

    def tables(self) -> list[Table]:
        return list(self._describe().values())

    def table(self, name: str) -> Table:
        known = self._describe(only=name) if self._known is None else self._known
        if name not in known:
            raise StreamGone("The table is no longer there.", stream=name, hint="Discover the source anew.")
        return known[name]

    def grants(self) -> Grants:
        return rest_grants(self.tables(), self._role, self._limited is None, self._may)

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
        return self._paced(self._made(built), stream, most_bytes)

    def _made(self, built: SyncSelectRequestBuilder) -> httpx.Request:
        request = built.request
        # Since PostgREST 12; an older one answers in its own zone, which is converted.
        wishes = [wish for wish in (request.headers.get("prefer"), "timezone=UTC") if wish]
        headers = {**request.headers, "prefer": ", ".join(wishes)}
        return self._http.build_request(request.http_method, str(request.path), params=request.params, headers=headers)

    def counted(self, built: SyncSelectRequestBuilder, stream: str) -> Answer | None:
        """The answer to a request that counts; None when that takes too long.

        Counting reads a whole table. Where it takes longer than the source allows it always will: it is asked once.
        """
        made = self._made(built)

        def attempt() -> Answer | None:
            try:
                return self._judged(made, stream, _MOST_BYTES)
            except Timeout:
                return None

        return self._pacer.call(attempt, stream)

    def _describe(self, only: str | None = None) -> dict[str, Table]:
        """All tables, or just `only` when each must be looked at by itself."""
        found = self._from_root()
        if found is not None:
            self._known = {table.name: self._keyed(table) for table in found}
            return self._known
        names = self._listed() if only is None else (only,)
        sampled = {name: table for name in names if (table := self._sampled(name)) is not None}
        if only is None:
            self._known = sampled
        return sampled

    def _from_root(self) -> list[Table] | None:
        """The tables the API's root names; None when it does not speak to this key."""
        headers = {**self._rest.headers, "accept": "application/openapi+json"}
        made = self._http.build_request("GET", f"{self._rest.base_url}/", headers=headers)
        try:
            answer = self._paced(made, None, _DESCRIPTION_BYTES)
        except DescriptionRefused:
            return None
        try:
            document = json.loads(answer.body)
        except ValueError:
            document = None
        if not isinstance(document, dict) or "paths" not in document:
            raise ConfigInvalid(
                "What answers at this address is not a Data API.", hint="Check url: https://PROJECT.supabase.co."
            )
        return tables_of(document, self._limited)

    def _listed(self) -> tuple[str, ...]:
        if self._config.tables is not None:
            return self._config.tables
        if self._config.database_url is not None:
            return ()  # the database names them
        raise PermissionMissing(
            "The API does not tell this key which tables there are.",
            hint="List them in tables, with their keys in primary_keys; or give database_url of a login that may only "
            "read; or use a secret key.",
        )

    def _keyed(self, table: Table) -> Table:
        """With the key a person named where the API tells none."""
        key = self._config.primary_keys.get(table.name, ())
        if table.primary_key or not key or not all(map(table.column, key)):
            return table
        return replace(table, primary_key=key)

    def _sampled(self, name: str) -> Table | None:
        """A table known by name alone; None when it is not there, is closed, or is empty."""
        try:
            first = self._sample(self.select(name, "*"), name, 1)
            names = list(first[0]) if first else []
            both = [f"{side}{n}:{_selected_as(c, side)}" for n, c in enumerate(names) for side in "jt"]
            records = self._sample(self.select(name, *both), name, _SAMPLE_RECORDS) if names else []
        except StreamError as error:
            self._notes(Note(error.code, error.message, name, "warning"))
            return None
        if not records:
            message = "The table is empty, and the API does not describe it to this key: its fields are not known yet."
            self._notes(Note("empty_table", message, name, "warning"))
            return None
        pairs = {column: [(r[f"j{n}"], r[f"t{n}"]) for r in records] for n, column in enumerate(names)}
        key = self._config.primary_keys.get(name, ())
        return sampled_table(name, pairs, key, self._limited)

    def _sample(self, built: SyncSelectRequestBuilder, name: str, records: int) -> list[dict[str, Any]]:
        try:
            return _records(self.answer(built.limit(records), name).body, name)
        except PageTooLarge:
            return _records(self.answer(built.limit(1), name).body, name)

    def _paced(self, request: httpx.Request, stream: str | None, most_bytes: int) -> Answer:
        return self._pacer.call(lambda: self._judged(request, stream, most_bytes), stream)

    def _judged(self, request: httpx.Request, stream: str | None, most_bytes: int) -> Answer:
        answer = self._sent(request, stream, most_bytes)
        if 200 <= answer.status < 300:
            return answer
        raise error_of(answer.status, answer.headers, answer.body, stream)

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

    def _may(self, table: Table, write: Write) -> Verdict:
        """Ask for the plan of a write that would touch no record even if it were run."""
        # A generated column is refused before rights are looked at: take one that is rather not.
        column = min(table.columns, key=lambda column: (column.name in table.primary_key, column.has_default)).name
        nothing = httpx.QueryParams([(quoted(column), "is.null"), (quoted(column), "not.is.null")])
        method, parameters, body = {
            "insert": ("POST", httpx.QueryParams(), "[]"),
            "update": ("PATCH", nothing, json.dumps({column: None})),
            "delete": ("DELETE", nothing, None),
        }[write]
        built = self._rest.from_(table.name).select("*").request
        headers = {**built.headers, "accept": PLAN, "prefer": "return=minimal", "content-type": "application/json"}
        # Given to a request that is not a GET, the schema has another header.
        headers["content-profile"] = self._config.db_schema
        made = self._http.build_request(method, str(built.path), params=parameters, content=body, headers=headers)

        def attempt() -> Verdict:
            answer = self._sent(made, table.name, _MOST_BYTES)
            told = error_code(answer.body)
            if told != "42501" and (answer.status in (401, 429) or (answer.status >= 500 and not told)):
                raise error_of(answer.status, answer.headers, answer.body, table.name)
            return verdict(answer.status, answer.headers.get("content-type", ""), answer.body)

        return self._pacer.call(attempt, table.name)


class RestSession:
    """One table being read."""

    def __init__(self, source: RestSource, stream: str) -> None:
        self._source = source
        self._stream = stream
        self._counts = True  # until counting takes too long

    def page(self, query: Query) -> Page:
        names = [column.name for column in query.columns]
        extra = [column for column in query.table.columns if column.name in query.order and column.name not in names]
        asked = (*query.columns, *extra)
        try:
            answer = self._counted(self._built(query, asked, True)) if query.count else None
            answer = answer or self._source.answer(self._built(query, asked, False), self._stream)
            records, told, size = _records(answer.body, self._stream), answer.headers, len(answer.body)
        except PastTheEnd:
            records, told, size = [], httpx.Headers(), 0
        raw = {column.name: _texts(column, records) for column in asked}
        last = tuple(str(raw[name][-1].as_py()) for name in query.order) if records and query.table.primary_key else ()
        batch = pa.RecordBatch.from_arrays([canonical(column, raw[column.name]) for column in query.columns], names)
        return Page(batch, last, size, _total(told) if query.count else None)

    def _counted(self, built: SyncSelectRequestBuilder) -> Answer | None:
        answer = self._source.counted(built, self._stream) if self._counts else None
        self._counts = answer is not None
        return answer

    def newest(self, field: Column) -> tuple[str | None, datetime]:
        built = self._source.select(self._stream, _selected(field)).order(
            quoted(field.name), desc=True, nullsfirst=False
        )
        answer = self._source.answer(built.limit(1), self._stream)
        records = _records(answer.body, self._stream)
        return (records[0].get(field.name) if records else None), _clock(answer.headers)

    def total(self) -> int | None:
        """By a count of the source; None where it takes too long to count."""
        answer = self._counted(self._source.select(self._stream, "*", count=True, head=True))
        return _total(answer.headers) if answer else None

    def _built(self, query: Query, asked: tuple[Column, ...], count: bool) -> SyncSelectRequestBuilder:
        built = self._source.select(query.table.name, *(_selected(column) for column in asked), count=count)
        for name in query.order:
            built = built.order(quoted(name))
        if query.field and query.absent:
            _narrow(built, query.field, "is.null")
        elif query.field:
            for operator, value in (("gt", query.low), ("lte", query.high)):
                if value is not None:
                    _narrow(built, query.field, f"{operator}.{value}")
        if query.after is not None:
            built = built.or_(beyond(query.order, query.after))
        elif query.offset:
            built = built.offset(query.offset)
        return built.limit(query.limit)


def _narrow(built: SyncSelectRequestBuilder, name: str, condition: str) -> None:
    """Add a filter. The name is always quoted: it may hold a dot, or be a word such as `order`."""
    built.request.params = built.request.params.add(quoted(name), condition)


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


def _selected_as(name: str, side: str) -> str:
    return quoted(name) if side == "j" else f"{quoted(name)}::text"


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
