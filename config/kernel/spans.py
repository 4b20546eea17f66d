"""OpenTelemetry's spans of one process: which libraries make them, and what of them is told."""

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from opentelemetry import propagate
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Status
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from config.kernel.masking import masked

# What may leave the house. Addresses with their query strings, arguments of tasks and texts of errors are not in it:
# libraries that make spans add attributes with each of their releases.
_TOLD = {
    *("http.method", "http.request.method", "http.route", "http.status_code", "http.response.status_code"),
    *("db.system", "db.system.name", "db.name", "db.namespace", "db.operation", "db.operation.name"),
    *("db.statement", "db.query.text"),
    *("celery.action", "celery.state", "celery.task_name", "messaging.message.id", "messaging.destination"),
    *("error.type", "exception.type"),
}
_LITERAL = re.compile(r"'(?:[^']|'')*'")


class Spans:
    """Sends what happens in this process from here on, in batches; follows the traces that our log lines tell."""

    def __init__(self, service: str) -> None:
        name = {} if os.environ.get("OTEL_SERVICE_NAME") else {SERVICE_NAME: service}
        self._provider = TracerProvider(resource=Resource.create(name))
        self._provider.add_span_processor(BatchSpanProcessor(CleanExporter(OTLPSpanExporter())))
        self._tracer = self._provider.get_tracer("correspondence")
        self._propagator = TraceContextTextMapPropagator()
        propagate.set_global_textmap(self._propagator)
        for instrumentor in (DjangoInstrumentor, CeleryInstrumentor, PsycopgInstrumentor, RedisInstrumentor):
            instrumentor().instrument(tracer_provider=self._provider)

    def current(self) -> str:
        """As trace.Tracer."""
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier)
        return carrier.get("traceparent", "")

    def within(self, traceparent: str) -> AbstractContextManager[object]:
        """As trace.Tracer."""
        context = self._propagator.extract({"traceparent": traceparent})
        return self._tracer.start_as_current_span("work on what was sent", context=context)

    def stop(self) -> None:
        """Sends what is left, for as long as the exporter's own time-out."""
        self._provider.shutdown()


class CleanExporter(SpanExporter):
    """Tells of each span what may be told, and no more."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([_clean(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def _clean(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=masked(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_told(span.attributes),
        events=[Event(event.name, _told(event.attributes), event.timestamp) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _told(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    told = {name: value for name, value in (attributes or {}).items() if name in _TOLD}
    for name in {"db.statement", "db.query.text"} & told.keys():
        told[name] = _LITERAL.sub("?", str(told[name]))
    return {name: masked(value) for name, value in told.items()}
