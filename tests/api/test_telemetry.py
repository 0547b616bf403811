"""Traces reach an OTLP receiver on a socket, with statements and without values."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.api.serving import serving
from tests.orchestration.control_plane.databases import Database

pytestmark = pytest.mark.servers


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[bytes]]]:
    """Takes OTLP over HTTP; its endpoint, and the bodies it was sent."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/v1/traces":
                bodies.append(body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", bodies
        server.shutdown()
        thread.join()


def attributes(span: Span) -> dict[str, object]:
    return {a.key: a.value.string_value or a.value.int_value for a in span.attributes}


def test_a_request_and_its_statements_are_one_trace(
    database: Database, redis_url: str, tmp_path: Path, hashed_password: str, receiver: tuple[str, list[bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    endpoint, bodies = receiver
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with serving(database, redis_url, tmp_path, hashed_password) as api:
        tenant = api.new_tenant("acme")
        client = tenant.client("owner")
        told = client.get("/api/v1/admin/audit", params={"actor": "somebody@secret.example"}).headers["X-Trace-Id"]
        client.get("/api/v1/admin/audit", headers={"traceparent": caller})
    # Closing the application sends what waits.
    exported = [ExportTraceServiceRequest.FromString(body) for body in bodies]
    spans = [
        span
        for request in exported
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    by_trace = {trace: [span for span in spans if span.trace_id.hex() == trace] for trace in (told, caller[3:35])}
    for trace, found in by_trace.items():
        (request,) = [span for span in found if span.kind == Span.SPAN_KIND_SERVER]
        assert request.name == "GET /api/v1/admin/audit"
        assert attributes(request)["http.response.status_code"] == 200
        assert request.parent_span_id.hex() == ("" if trace == told else "b7ad6b7169203331")
        statements = [span for span in found if span.parent_span_id == request.span_id]
        assert any("FROM audit_events" in str(attributes(span)["db.query.text"]) for span in statements)
    everything = b"".join(bodies)
    assert b"somebody@secret.example" not in everything and str(tenant.id).encode() not in everything
