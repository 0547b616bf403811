"""What is counted of requests: by template, never by path; cheap; read by nobody else."""

import time
from collections.abc import Callable

import pytest

from api.metrics import UNMATCHED, Metrics, Reading


def lines(metrics: Metrics, name: str) -> list[str]:
    return [line for line in metrics.text().decode().splitlines() if line.startswith(name)]


def test_answers_are_counted_by_template_method_and_class() -> None:
    metrics = Metrics("1.2.3", "")
    metrics.answered("/views/{view}", "GET", 200, 0.01)
    metrics.answered("/views/{view}", "GET", 204, 0.3)
    metrics.answered(UNMATCHED, "GET", 404, 0.001)
    assert lines(metrics, "autonomos_http_requests_total") == [
        'autonomos_http_requests_total{method="GET",route="/views/{view}",status="2xx"} 2.0',
        'autonomos_http_requests_total{method="GET",route="(none)",status="4xx"} 1.0',
    ]
    assert 'autonomos_http_request_seconds_count{method="GET",route="/views/{view}"} 2.0' in lines(
        metrics, "autonomos_http_request_seconds_count"
    )
    assert any('version="1.2.3"' in line and line.endswith(" 1.0") for line in lines(metrics, "autonomos_build_info"))


def test_methods_of_a_callers_invention_make_one_label() -> None:
    metrics = Metrics("1", "")
    for number in range(300):
        metrics.answered(UNMATCHED, f"INVENTED{number}", 405, 0.001)
    assert lines(metrics, "autonomos_http_requests_total") == [
        'autonomos_http_requests_total{method="other",route="(none)",status="4xx"} 300.0'
    ]


def test_caches_are_counted_and_streams_have_no_latency() -> None:
    metrics = Metrics("1", "")
    metrics.looked_up("pages", hit=True)
    metrics.looked_up("pages", hit=False)
    metrics.answered("/events", "GET", 200, 3600, is_stream=True)
    assert len(lines(metrics, "autonomos_cache_requests_total")) == 2
    assert lines(metrics, "autonomos_http_request_seconds_count") == [
        'autonomos_http_request_seconds_count{method="GET",route="/events"} 0.0'
    ]


def test_gauges_are_asked_for_at_each_reading() -> None:
    metrics = Metrics("1", "")
    values = iter([1.0, 2.0])
    metrics.watch(
        lambda: [Reading("autonomos_x", "x", next(values), {"of": "a"}), Reading("autonomos_y_total", "y", 3)]
    )
    assert lines(metrics, "autonomos_x") == ['autonomos_x{of="a"} 1.0']
    assert lines(metrics, "autonomos_x") == ['autonomos_x{of="a"} 2.0']


def test_counting_a_request_costs_microseconds(measured: Callable[[str], None]) -> None:
    metrics = Metrics("1", "")

    def one() -> None:
        metrics.in_flight.inc()
        metrics.in_flight.dec()
        metrics.answered("/views/{view}", "GET", 200, 0.01)

    best = min(_seconds(one, 1_000) for _ in range(30))
    measured(f"metrics: {best * 1e6:.1f} us a request")
    assert best < 10e-6


def _seconds(do: Callable[[], None], times: int) -> float:
    began = time.thread_time()  # of this thread: others may be busy
    for _ in range(times):
        do()
    return (time.thread_time() - began) / times


@pytest.mark.parametrize("stray", ["tenant", "email", "path"])
def test_no_label_can_name_a_tenant(stray: str) -> None:
    metrics = Metrics("1", "")
    metrics.answered("/views/{view}", "GET", 200, 0.01)
    assert f"{stray}=" not in metrics.text().decode()
