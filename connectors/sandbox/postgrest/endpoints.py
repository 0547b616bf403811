"""HTTP in front of the database: the gateway's key check, PostgREST's requests under the key's role, planned faults."""

import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any, Literal, Protocol

import jwt
import psycopg2
from psycopg2 import sql
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.faults import Fault, Faults, Request
from connectors.sandbox.http_server import CutResponse
from connectors.sandbox.postgrest.description import describe
from connectors.sandbox.postgrest.parsing import NotUnderstood, Selection, parse
from connectors.sandbox.postgrest.store import Store
from connectors.sandbox.postgrest.tokens import claimed_role, signed_by

_SCHEMA = "public"
_STATUS = {"42501": 403, "42P01": 404, "57014": 500, "25006": 405, "23505": 409, "23503": 409}
_PLAN = "application/vnd.pgrst.plan"
_PROJECT_KEYS = ("anon", "service_role")
_ROOT_REFUSED = (
    '{"message":"Access to schema is forbidden",'
    '"hint":"Accessing the schema via the Data API is only allowed using a secret API key."}'
)


class Project(Protocol):
    """What the endpoints need of the stand-in."""

    secret: str
    max_rows: int
    plans: bool
    gateway: Literal["open", "supabase"]
    store: Store
    faults: Faults
    requests: list[Request]
    stopping: threading.Event


class Endpoints:
    """The routes of one stand-in."""

    def __init__(self, sandbox: Project) -> None:
        self._sandbox = sandbox
        self._local = threading.local()
        self._connections: list[Any] = []
        self._lock = threading.Lock()
        self._last_page: dict[str, Response] = {}

    def application(self) -> Starlette:
        methods = ["GET", "HEAD", "POST", "PATCH", "DELETE"]
        return Starlette(
            routes=[
                Route("/rest/v1/", self._root, methods=["GET", "HEAD"]),
                Route("/rest/v1/{table}", self._table, methods=methods),
            ]
        )

    def close(self) -> None:
        """Close the connections of every worker thread."""
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            self._local = threading.local()

    async def _root(self, request: HttpRequest) -> Response:
        return await run_in_threadpool(self._played, request, None, self._described)

    async def _table(self, request: HttpRequest) -> Response:
        table = request.path_params["table"]
        body = await request.body()
        if request.method in ("POST", "PATCH", "DELETE"):
            return await run_in_threadpool(
                self._played, request, table, lambda role: self._written(request, role, table, body)
            )
        return await run_in_threadpool(self._played, request, table, lambda role: self._page(request, role, table))

    def _played(self, request: HttpRequest, stream: str | None, answer: Callable[[str], Response]) -> Response:
        """The answer, unless a fault is planned for this request."""
        self._sandbox.requests.append(
            Request(request.method, request.url.path, time.monotonic(), request.url.query, stream)
        )
        fault = self._sandbox.faults.next(stream)
        refused = self._failed(fault) if fault else None
        role = self._role(request)
        if refused or isinstance(role, Response):
            return refused or role  # type: ignore[return-value]
        if fault and fault.kind == "repeat_page" and stream in self._last_page:
            return self._last_page[stream]
        try:
            response = answer(role)
        except NotUnderstood:
            return _error(400, "PGRST100", "failed to parse the query string")
        except psycopg2.Error as error:
            return _database_error(error, role)
        if fault and fault.kind == "cut_body":
            return CutResponse(response.body, response.status_code, dict(response.headers))
        if stream is not None and request.method == "GET":
            self._last_page[stream] = response
        return response

    def _failed(self, fault: Fault) -> Response | None:
        if fault.kind == "slow":
            self._sandbox.stopping.wait(fault.delay_s)
        elif fault.kind == "schema_change" and fault.change:
            fault.change()
        elif fault.kind == "unauthorized":
            return _error(401, "PGRST303", "JWT expired", {"www-authenticate": 'Bearer error="invalid_token"'})
        elif fault.kind == "forbidden":
            return _error(403, "42501", "permission denied for table")
        elif fault.kind == "rate_limited":
            headers = {"retry-after": fault.retry_after} if fault.retry_after else {}
            return Response('{"message":"Too many requests"}', 429, headers, "application/json")
        elif fault.kind == "server_error":
            return Response("<html>upstream failed</html>", 502, media_type="text/html")
        return None

    def _role(self, request: HttpRequest) -> str | Response:
        key = request.headers.get("apikey")
        if not key:
            return Response('{"message":"No API key found in request"}', 401, media_type="application/json")
        if not signed_by(self._sandbox.secret, key):
            return Response('{"message":"Invalid API key"}', 401, media_type="application/json")
        holder = claimed_role(self._sandbox.secret, key, expired=True)
        if self._sandbox.gateway == "supabase" and holder not in _PROJECT_KEYS:
            return Response('{"message":"Invalid API key"}', 401, media_type="application/json")
        is_root = request.url.path == "/rest/v1/"
        if self._sandbox.gateway == "supabase" and is_root and holder != "service_role":
            return Response(_ROOT_REFUSED, 403, media_type="application/json")
        token = request.headers.get("authorization", "").removeprefix("Bearer ") or key
        try:
            role = claimed_role(self._sandbox.secret, token)
        except jwt.ExpiredSignatureError:
            return _error(401, "PGRST303", "JWT expired")
        except jwt.InvalidTokenError:
            return _error(401, "PGRST301", "JWSError JWSInvalidSignature")
        profile = "accept-profile" if request.method in ("GET", "HEAD") else "content-profile"
        if request.headers.get(profile, _SCHEMA) != _SCHEMA:
            return _error(406, "PGRST106", f"The schema must be one of the following: {_SCHEMA}")
        return role

    def _described(self, role: str) -> Response:
        with self._transaction(role) as cursor:
            document = describe(cursor, _SCHEMA)
        return Response(json.dumps(document), media_type="application/openapi+json; charset=utf-8")

    def _page(self, request: HttpRequest, role: str, table: str) -> Response:
        target = sql.Identifier(_SCHEMA, table)
        selection = parse(request.query_params.multi_items(), target)
        prefer = request.headers.get("prefer", "")
        zone = re.search(r"timezone=([\w/+-]+)", prefer)
        limit, offset = _bounds(selection, request.headers.get("range"), self._sandbox.max_rows)
        counted = "count=exact" in prefer
        statement = sql.SQL(
            "WITH page AS (SELECT {columns} FROM {table} WHERE {where} {order} LIMIT {limit} OFFSET {offset}) "
            "SELECT coalesce((SELECT json_agg(page) FROM page), '[]')::text, (SELECT count(*) FROM page), {total}"
        ).format(
            columns=selection.columns,
            table=target,
            where=selection.where,
            order=selection.order,
            limit=sql.Literal(limit),
            offset=sql.Literal(offset),
            total=sql.SQL("(SELECT count(*) FROM {} WHERE {})" if counted else "NULL").format(target, selection.where),
        )
        with self._transaction(role, read_only=True, zone=zone[1] if zone else None) as cursor:
            cursor.execute(statement)
            body, rows, total = cursor.fetchone()
        return _paged(body, rows, total, offset, head=request.method == "HEAD")

    def _written(self, request: HttpRequest, role: str, table: str, body: bytes) -> Response:
        """A record inserted, or the plan of a write: the other writes are not spoken here."""
        if not request.headers.get("accept", "").startswith(_PLAN):
            if request.method != "POST":
                raise NotUnderstood(request.method)
            return self._inserted(role, table, body)
        if not self._sandbox.plans:
            return _error(406, "PGRST107", "None of these media types are available: application/vnd.pgrst.plan+json")
        target = sql.Identifier(_SCHEMA, table)
        where, name = parse(request.query_params.multi_items(), target).where, target
        if request.method == "POST":
            statement = sql.SQL("INSERT INTO {t} SELECT FROM json_array_elements({v}::json)")
        elif request.method == "DELETE":
            statement = sql.SQL("DELETE FROM {t} WHERE {w}")
        else:
            name = sql.Identifier(*json.loads(body))
            where = sql.SQL("FALSE")  # the filter's names are ambiguous beside the record's
            statement = sql.SQL(
                "UPDATE {t} SET {n} = b.{n} FROM json_populate_record(NULL::{t}, {v}::json) b WHERE {w}"
            )
        with self._transaction(role) as cursor:
            filled = statement.format(t=target, v=sql.Literal(body.decode()), w=where, n=name)
            cursor.execute(sql.SQL("EXPLAIN (FORMAT JSON) {}").format(filled))
            plan = cursor.fetchone()[0]
        return Response(json.dumps(plan), media_type=f'{_PLAN}+json; for="application/json"; charset=utf-8')

    def _inserted(self, role: str, table: str, body: bytes) -> Response:
        names = sql.SQL(", ").join(sql.Identifier(name) for name in json.loads(body))
        statement = sql.SQL("INSERT INTO {t} ({n}) SELECT {n} FROM json_populate_record(NULL::{t}, {v}::json)")
        target = sql.Identifier(_SCHEMA, table)
        with self._transaction(role) as cursor:
            cursor.execute(statement.format(t=target, n=names, v=sql.Literal(body.decode())))
        return Response(status_code=201)

    def _transaction(self, role: str, *, read_only: bool = False, zone: str | None = None) -> "_Transaction":
        connection = getattr(self._local, "connection", None)
        if connection is None or connection.closed:
            connection = self._local.connection = psycopg2.connect(self._sandbox.store.url("authenticator"))
            with self._lock:
                self._connections.append(connection)
        connection.set_session(readonly=read_only)
        return _Transaction(connection, self._sandbox.store.role(role), zone)


class _Transaction:
    """A transaction under a key's role."""

    def __init__(self, connection: Any, role: sql.Identifier, zone: str | None) -> None:
        self._connection = connection
        self._role = role
        self._zone = zone

    def __enter__(self) -> Any:
        cursor = self._connection.cursor()
        cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(self._role))
        if self._zone:
            cursor.execute("SELECT set_config('TimeZone', %s, true)", (self._zone,))
        return cursor

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._connection.closed:
            return
        if kind is None:
            self._connection.commit()
        else:
            self._connection.rollback()


def _bounds(selection: Selection, range_header: str | None, max_rows: int) -> tuple[int, int]:
    limit, offset = selection.limit, selection.offset
    found = re.fullmatch(r"(\d+)-(\d*)", range_header or "")
    if found:
        offset += int(found[1])
        wanted = int(found[2]) - int(found[1]) + 1 if found[2] else max_rows
        limit = min(limit, wanted) if limit is not None else wanted
    return min(max_rows, limit if limit is not None else max_rows), offset


def _paged(body: str, rows: int, total: int | None, offset: int, *, head: bool) -> Response:
    if total is not None and offset and offset > total:
        return _error(416, "PGRST103", "Requested range not satisfiable", {"content-range": f"*/{total}"})
    span = f"{offset}-{offset + rows - 1}" if rows else "*"
    headers = {"content-range": f"{span}/{'*' if total is None else total}"}
    status = 206 if total is not None and rows < total else 200
    return Response(b"" if head else body, status, headers, "application/json; charset=utf-8")


def _database_error(error: psycopg2.Error, role: str) -> Response:
    code = error.pgcode or "08006"
    message = error.diag.message_primary or "connection to the database failed"
    if code == "42P01":
        return _error(404, "PGRST205", "Could not find the table in the schema cache")
    status = _STATUS.get(code, 503 if code.startswith("08") else 400)
    return _error(401 if code == "42501" and role == "anon" else status, code, message)


def _error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps({"code": code, "details": None, "hint": None, "message": message})
    return Response(body, status, headers, "application/json; charset=utf-8")
