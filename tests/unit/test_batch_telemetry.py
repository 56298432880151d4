"""A real collector's ear: what a batch tells OpenTelemetry, and that it tells nobody who did not ask."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pipeline.batch.telemetry import ENDPOINTS, observed
from pipeline.engine.events import Event, silent

HOUSE = Path(__file__).resolve().parents[2]


@dataclass
class Collector:
    """What came in."""

    address: str = ""
    spans: list[Any] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def collector() -> Iterator[Collector]:
    heard = Collector()

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/v1/traces":
                told = ExportTraceServiceRequest.FromString(body)
                heard.spans += [s for r in told.resource_spans for scope in r.scope_spans for s in scope.spans]
            else:
                found = ExportMetricsServiceRequest.FromString(body)
                scopes = [scope for r in found.resource_metrics for scope in r.scope_metrics]
                heard.metrics.update({m.name: m for scope in scopes for m in scope.metrics})
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_given: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    heard.address = f"http://127.0.0.1:{server.server_port}"
    yield heard
    server.shutdown()
    server.server_close()


def said(span: Any) -> dict[str, Any]:
    return {a.key: a.value.string_value or a.value.bool_value for a in span.attributes}


def test_an_orders_way_is_a_trace_with_a_span_a_stage(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address)
    events = [
        Event("finished", "o-1", "understand", seconds=0.25),
        Event("cached", "o-2", "understand"),
        Event("finished", "o-1", "design", seconds=2.0),
        Event("failed", "o-2", "design", "design.too-thin: Marta's wall is thin", 1.0),
        Event("finished", "o-1", "release", "/out/o-1/release", 1.0),
    ]
    heard: list[Event] = []
    with observed(heard.append, lambda: {"queued": 3}) as listen:
        for one in events:
            listen(one)
    orders = {said(s)["order"]: s for s in collector.spans if s.name == "order"}
    stages = {(s.name, s.parent_span_id): s for s in collector.spans if s.name != "order"}
    design = stages["design", orders["o-1"].span_id]

    assert events == heard
    assert {"o-1", "o-2"} == set(orders)
    assert 3 == len(stages)
    assert 2_000_000_000 == design.end_time_unix_nano - design.start_time_unix_nano
    assert "design.too-thin" == orders["o-2"].status.message
    assert b"Marta" not in b"".join(s.SerializeToString() for s in collector.spans)
    assert {"lotone.orders", "lotone.stage.duration", "lotone.queue.orders"} == set(collector.metrics)
    assert [1, 1] == [point.as_int for point in collector.metrics["lotone.orders"].sum.data_points]
    assert [3] == [point.as_int for point in collector.metrics["lotone.queue.orders"].gauge.data_points]


def test_the_batch_tells_a_collector_the_environment_names(collector: Collector, tmp_path: Path) -> None:
    (tmp_path / "o.yaml").write_text("spec: order/1.0\nid: TEA\nfamily: teapot\n")
    env = {
        **os.environ,
        "PYTHONPATH": str(HOUSE),
        "LOTONE_STATE": str(tmp_path / "state.db"),
        "LOTONE_CACHE": str(tmp_path / "cache"),
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.address,
    }
    done = subprocess.run(
        [sys.executable, "-m", "lotone", "batch", "run", "o.yaml"], cwd=tmp_path, env=env, check=False, text=True,
        capture_output=True,
    )  # fmt: skip

    assert 65 == done.returncode, done.stderr
    assert [("order", "understand.unknown-family")] == [(s.name, s.status.message) for s in collector.spans]


def test_without_a_collector_nothing_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENDPOINTS:
        monkeypatch.delenv(name, raising=False)
    with observed(silent, dict) as listen:
        assert silent is listen
