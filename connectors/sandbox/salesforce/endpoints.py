"""The HTTP face of the stand-in: which path answers what, who is let in, and the planned misbehaviour."""

import threading
import time
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import parse_qsl

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.faults import Fault, Faults, Request
from connectors.sandbox.http_server import CutResponse
from connectors.sandbox.salesforce.describe import global_describe, object_describe
from connectors.sandbox.salesforce.jobs import Jobs
from connectors.sandbox.salesforce.oauth import Logins
from connectors.sandbox.salesforce.queries import Queries
from connectors.sandbox.salesforce.replies import ApiError, finish, json_response
from connectors.sandbox.salesforce.soql import object_of
from connectors.sandbox.salesforce.store import Store

_MAX_URL = 16_384
Answer = Callable[["Call"], Response]
StreamOf = Callable[["Call"], str | None]


class Org(Protocol):
    """What the endpoints need of the stand-in."""

    store: Store
    queries: Queries
    jobs: Jobs
    logins: Logins
    faults: Faults
    requests: list[Request]
    stopping: threading.Event
    writes: bool
    page_size: int
    gzip: bool
    daily_api_requests: int
    api_requests_used: int

    @property
    def url(self) -> str: ...


class Call:
    """One request with its body, and the last page given for it when a page is to be repeated."""

    def __init__(self, request: HttpRequest, body: bytes) -> None:
        self.http = request
        self.body = body
        self.path: dict[str, str] = request.path_params
        self.version = str(self.path.get("version", ""))

    def query(self, name: str, default: str = "") -> str:
        return self.http.query_params.get(name, default)

    @property
    def json(self) -> dict[str, Any]:
        found = orjson.loads(self.body or b"{}")
        return found if isinstance(found, dict) else {}


class Endpoints:
    """The routes of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._last_page: dict[tuple[str, bool], Response] = {}

    def application(self) -> Starlette:
        data = "/services/data/{version}"
        job = "/jobs/query/{job_id}"
        return Starlette(
            routes=[
                Route("/services/oauth2/token", self._token, methods=["POST"]),
                self._route("/services/data", self._versions, lambda _: None, open_to_all=True),
                self._route(f"{data}/limits", self._limits, lambda _: None),
                self._route(f"{data}/sobjects", self._sobjects, lambda _: None),
                self._route(f"{data}/sobjects/{{name}}/describe", self._describe, lambda call: call.path["name"]),
                self._route(f"{data}/query", self._query, _queried),
                self._route(f"{data}/queryAll", self._query, _queried),
                self._route(f"{data}/query/{{more}}", self._more, self._more_of),
                self._route(f"{data}/queryAll/{{more}}", self._more, self._more_of),
                self._route(f"{data}/jobs/query", self._create_job, _created, "POST"),
                self._route(data + job, self._job, self._job_of, "GET", "PATCH", "DELETE"),
                self._route(f"{data}{job}/results", self._results, self._job_of),
            ]
        )

    def _route(self, path: str, answer: Answer, stream_of: StreamOf, *methods: str, open_to_all: bool = False) -> Route:
        async def endpoint(request: HttpRequest) -> Response:
            call = Call(request, await request.body())
            return await run_in_threadpool(self._serve, call, answer, stream_of(call), open_to_all)

        # The service answers with and without a slash at the end.
        return Route(path, endpoint, methods=methods or ["GET"])

    async def _token(self, request: HttpRequest) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        self._note(Call(request, b""), None)
        fault = self._org.faults.next(None)
        if fault and (spoiled := self._spoil(fault)):
            return spoiled
        return self._org.logins.grant(form, request.headers.get("authorization"), self._org.url)

    def _serve(self, call: Call, answer: Answer, stream: str | None, open_to_all: bool) -> Response:
        org = self._org
        self._note(call, stream)
        org.api_requests_used += not open_to_all  # the list of versions does not count
        fault = org.faults.next(stream)
        response = self._answer(call, answer, stream, open_to_all, fault)
        gzip = org.gzip and "gzip" in call.http.headers.get("accept-encoding", "")
        finished = finish(response, org.store.now(), org.api_requests_used, org.daily_api_requests, gzip)
        if fault and fault.kind == "cut_body":
            cut = CutResponse(bytes(finished.body), finished.status_code)
            cut.raw_headers = finished.raw_headers
            return cut
        return finished

    def _answer(
        self, call: Call, answer: Answer, stream: str | None, open_to_all: bool, fault: Fault | None
    ) -> Response:
        if fault and (spoiled := self._spoil(fault)):
            return spoiled
        if len(str(call.http.url)) > _MAX_URL:
            return Response("URI Too Long", 414)
        try:
            self._admit(call, stream, open_to_all)
            pages = answer in (self._query, self._more, self._results) and "COUNT()" not in call.query("q").upper()
            page = (stream or "", answer == self._results)
            if pages and fault and fault.kind == "repeat_page" and page in self._last_page:
                return _copy(self._last_page[page])
            response = answer(call)
        except ApiError as error:
            return error.response()
        if pages:
            self._last_page[page] = _copy(response)
        return response

    def _admit(self, call: Call, stream: str | None, open_to_all: bool) -> None:
        org = self._org
        if not open_to_all and not org.logins.accepts(call.http.headers.get("authorization")):
            raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if org.api_requests_used > org.daily_api_requests:
            raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        if stream in org.store.objects and org.store.objects[stream].forbidden:
            raise ApiError(400, "INVALID_TYPE", f"sObject type '{stream}' is not supported.")

    def _spoil(self, fault: Fault) -> Response | None:
        """The answer a fault gives instead of the right one; None when it only delays or changes."""
        if fault.kind == "slow":
            self._org.stopping.wait(fault.delay_s)
        if fault.kind == "schema_change" and fault.change:
            fault.change()
        if fault.kind == "unauthorized":
            return ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid").response()
        if fault.kind == "forbidden":
            return ApiError(403, "INSUFFICIENT_ACCESS", "insufficient access rights on object id").response()
        if fault.kind == "server_error":
            return ApiError(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred").response()
        if fault.kind == "rate_limited":
            limited = ApiError(429, "REQUEST_RUNNING_TOO_LONG", "Too many requests").response()
            if fault.retry_after is not None:
                limited.headers["retry-after"] = fault.retry_after
            return limited
        return None

    def _note(self, call: Call, stream: str | None) -> None:
        url = call.http.url
        self._org.requests.append(Request(call.http.method, url.path, time.monotonic(), url.query, stream))

    def _versions(self, _: Call) -> Response:
        years = [("59.0", "Winter '24"), ("60.0", "Spring '24"), ("61.0", "Summer '24"), ("62.0", "Winter '25")]
        return json_response(
            [{"label": label, "url": f"/services/data/v{number}", "version": number} for number, label in years]
        )

    def _limits(self, _: Call) -> Response:
        left = max(self._org.daily_api_requests - self._org.api_requests_used, 0)
        jobs = self._org.jobs
        bulk = {"Max": jobs.daily, "Remaining": max(jobs.daily - jobs.made, 0)}
        return json_response(
            {"DailyApiRequests": {"Max": self._org.daily_api_requests, "Remaining": left}, "DailyBulkV2QueryJobs": bulk}
        )

    def _sobjects(self, _: Call) -> Response:
        seen = [one for one in self._org.store.objects.values() if not one.forbidden]
        return json_response(global_describe(seen, self._org.writes))

    def _describe(self, call: Call) -> Response:
        name = call.path["name"]
        if name not in self._org.store.objects:
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        return json_response(object_describe(self._org.store.objects[name], self._org.writes))

    def _query(self, call: Call) -> Response:
        all_rows = call.http.url.path.rstrip("/").endswith("queryAll")
        wanted = call.http.headers.get("sforce-query-options", "").removeprefix("batchSize=")
        # The service serves at least 200 a page; the stand-in's own page size is for small tests.
        size = min(max(int(wanted), 200), self._org.page_size) if wanted.isdigit() else self._org.page_size
        return json_response(self._org.queries.start(call.query("q"), all_rows, size, call.version))

    def _more(self, call: Call) -> Response:
        return json_response(self._org.queries.more(call.path["more"], call.version))

    def _more_of(self, call: Call) -> str | None:
        return self._org.queries.object_of(call.path["more"])

    def _create_job(self, call: Call) -> Response:
        return json_response(self._org.jobs.create(call.json, call.version))

    def _job(self, call: Call) -> Response:
        job_id, method = call.path["job_id"], call.http.method
        if method == "DELETE":
            self._org.jobs.delete(job_id)
            return Response(status_code=204)
        if method == "PATCH":
            return json_response(self._org.jobs.abort(job_id, call.version))
        return json_response(self._org.jobs.poll(job_id, call.version))

    def _results(self, call: Call) -> Response:
        size = int(call.query("maxRecords", "50000"))
        job_id, jobs = call.path["job_id"], self._org.jobs
        content, count, locator = jobs.results(job_id, call.query("locator"), size, call.version)
        # An empty result comes without a head that tells its size.
        headers = {"Sforce-NumberOfRecords": str(count), "Sforce-Locator": locator} if count else {}
        return Response(content, headers=headers, media_type="text/csv")

    def _job_of(self, call: Call) -> str | None:
        return self._org.jobs.object_of(call.path["job_id"])


def _queried(call: Call) -> str | None:
    return object_of(call.query("q"))


def _created(call: Call) -> str | None:
    return object_of(str(call.json.get("query", "")))


def _copy(response: Response) -> Response:
    copy = Response(response.body, response.status_code)
    copy.raw_headers = list(response.raw_headers)
    return copy
