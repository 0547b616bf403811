"""What of tracing needs OpenTelemetry's SDK; loaded by `tracing` alone, and only where traces are wanted."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Self

import sqlalchemy as sa
from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import Scope

from api.requests.tracing import current_trace_id
from api.telemetry import Span, Telemetry

_LONGEST_STATEMENT = 2000
_PROPAGATOR = TraceContextTextMapPropagator()


class Tracing(Telemetry):
    """On. `asking` may be used from any thread a request works on."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("autonomos")
        self._listeners: dict[str, Callable[..., None]] = {
            "before_cursor_execute": self._before_statement,
            "after_cursor_execute": self._after_statement,
            "handle_error": self._failed_statement,
        }
        for name, listener in self._listeners.items():
            sa.event.listen(sa.Engine, name, listener)

    @classmethod
    def exporting(cls, version: str) -> Self:
        """To the endpoint of the environment, over OTLP/HTTP, in batches of a thread of its own."""
        resource = Resource.create({"service.name": "autonomos-api", "service.version": version})
        provider = TracerProvider(resource=resource, shutdown_on_exit=False, id_generator=_TraceIds())
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        return cls(provider)

    def begin(self, scope: Scope) -> Span:
        carried = [value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"]
        parent = _PROPAGATOR.extract({"traceparent": carried[0]} if carried else {}, context=context.Context())
        method = scope.get("method", "WEBSOCKET")
        return _Request(self._tracer.start_span(method, context=parent, kind=trace.SpanKind.SERVER))

    @contextlib.contextmanager
    def asking(self, system: str, operation: str) -> Iterator[None]:
        span = self._child(system, operation)
        try:
            yield
        except BaseException as error:
            _mark(span, error)
            raise
        finally:
            span.end()

    def close(self) -> None:
        for name, listener in self._listeners.items():
            sa.event.remove(sa.Engine, name, listener)
        self._provider.shutdown()

    def _child(self, system: str, operation: str, statement: str = "") -> trace.Span:
        attributes = {"db.system.name": system, "db.operation.name": operation}
        if statement:
            attributes["db.query.text"] = statement[:_LONGEST_STATEMENT]
        return self._tracer.start_span(f"{system} {operation}", kind=trace.SpanKind.CLIENT, attributes=attributes)

    def _before_statement(
        self, connection: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
    ) -> None:
        words = statement.split(None, 1)
        connection.info["span"] = self._child("postgresql", words[0].upper() if words else "query", statement)

    def _after_statement(
        self, connection: Any, _cursor: Any, _statement: str, _parameters: Any, _context: Any, _many: bool
    ) -> None:
        span = connection.info.pop("span", None)
        if span is not None:
            span.end()

    def _failed_statement(self, failure: sa.ExceptionContext) -> None:
        connection = failure.connection
        span = connection.info.pop("span", None) if connection is not None and not connection.invalidated else None
        if span is not None:
            _mark(span, failure.original_exception)
            span.end()


class _Request:
    """The span of one request, current while it is served."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        self._token = context.attach(trace.set_span_in_context(span))

    def end(self, route: str, method: str, status: int, error: BaseException | None) -> None:
        context.detach(self._token)
        self._span.update_name(f"{method} {route}")
        self._span.set_attribute("http.request.method", method)
        self._span.set_attribute("http.route", route)
        self._span.set_attribute("http.response.status_code", status)
        if status >= 500 or error is not None:
            _mark(self._span, error)
        self._span.end()


class _TraceIds(RandomIdGenerator):
    """A trace that begins here has the id that the answer and the log tell."""

    def generate_trace_id(self) -> int:
        return int(current_trace_id() or "0", 16) or super().generate_trace_id()


def _mark(span: trace.Span, error: BaseException | None) -> None:
    # Its class alone: messages may hold values.
    span.set_status(trace.StatusCode.ERROR, type(error).__name__ if error else None)
