"""Metrics and traces of a batch, for those who run OpenTelemetry; its own environment variables say where they go.

A trace is one order's way: a span for the whole, one for every stage. Nothing of an order leaves but its id, its stages
and, where it failed, the code of the reason.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pipeline.engine.events import Event, Listener

if TYPE_CHECKING:
    from opentelemetry.trace import Span

ENDPOINTS = tuple(f"OTEL_EXPORTER_OTLP_{what}ENDPOINT" for what in ("", "TRACES_", "METRICS_"))
CODE = re.compile(r"[a-z]+(\.[A-Za-z-]+)+(?=: )")
SECOND_NS = 1_000_000_000


@contextmanager
def observed(listen: Listener, waiting: Callable[[], Mapping[str, int]]) -> Iterator[Listener]:
    """A listener that also tells an OpenTelemetry collector, if the environment names one.

    ``waiting`` counts the queue's orders by their states.
    """
    if not any(map(os.environ.get, ENDPOINTS)) or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        yield listen
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.metrics import Observation
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as error:
        listen(Event("note", "OpenTelemetry", detail=f"{error.name} is missing; install lotone with its extra: otel"))
        yield listen
        return
    about = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "lotone")})
    traces = TracerProvider(resource=about)
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    metrics = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource=about)
    meter = metrics.get_meter("lotone")
    meter.create_observable_gauge(
        "lotone.queue.orders", [lambda _: [Observation(n, {"state": state}) for state, n in waiting().items()]],
        description="Orders in the queue, by state",
    )  # fmt: skip
    told = _Told(
        listen, traces.get_tracer("lotone"), meter.create_counter("lotone.orders", description="Orders that ended"),
        meter.create_histogram("lotone.stage.duration", "s", "What a stage took"),
    )  # fmt: skip
    try:
        yield told.hear
    finally:
        traces.shutdown()
        metrics.shutdown()


class _Told:
    """Spans and numbers from the events of many orders; several threads may tell at once."""

    def __init__(self, listen: Listener, tracer: Any, ended: Any, took: Any) -> None:
        self.listen, self.tracer, self.ended, self.took = listen, tracer, ended, took
        self.spans: dict[str, Span] = {}
        self.lock = threading.Lock()

    def hear(self, event: Event) -> None:
        """Tell an event on, and keep its time."""
        self.listen(event)
        with self.lock:
            self._keep(event)

    def _keep(self, event: Event) -> None:
        from opentelemetry.trace import Status, StatusCode, set_span_in_context

        over = event.what == "failed" or (event.what == "finished" and event.stage == "release")
        if not (over or event.stage):
            return
        now, spent_ns = time.time_ns(), int(event.seconds * SECOND_NS)
        if event.order_id not in self.spans:
            begun = self.tracer.start_span("order", start_time=now - spent_ns, attributes={"order": event.order_id})
            self.spans[event.order_id] = begun
        order = self.spans[event.order_id]
        if over:
            found = CODE.match(event.detail)
            code = found[0] if found else ""
            if event.what == "failed":
                order.set_status(Status(StatusCode.ERROR, code))
            self.ended.add(1, {"released": event.what == "finished", "code": code})
            self.spans.pop(event.order_id).end(now)
        elif event.what in ("finished", "cached"):
            about = {"stage": event.stage, "cached": event.what == "cached"}
            own = self.tracer.start_span(event.stage, set_span_in_context(order), start_time=now - spent_ns,
                                         attributes=about)  # fmt: skip
            own.end(now)
            self.took.record(event.seconds, about)
