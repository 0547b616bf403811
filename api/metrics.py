"""Figures for Prometheus: requests by route template, streams, pools, caches. Labels name no tenant, id or raw path.

One registry an application, so that two in one process do not count together.
"""

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
UNMATCHED = "(none)"  # a path that no route serves; as a label it would be the caller's choice
_BUCKETS_S = (0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10, 30)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as it is now."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


class Metrics:
    """What the application counts. Cheap enough for every request: labels are looked up once for each combination."""

    def __init__(self, version: str, revision: str) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "autonomos_http_requests_total", "Answers sent", ("route", "method", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "autonomos_http_request_seconds", "From the request's head to the end of its answer; streams are left out",
            ("route", "method"), buckets=_BUCKETS_S, registry=self.registry,
        )  # fmt: skip
        self.in_flight = Gauge("autonomos_http_requests_in_flight", "Being answered now", registry=self.registry)
        self._cache = Counter(
            "autonomos_cache_requests_total", "Looks into caches", ("cache", "outcome"), registry=self.registry
        )
        build = Gauge(
            "autonomos_build_info",
            "What runs here; always 1",
            ("version", "revision", "python"),
            registry=self.registry,
        )
        build.labels(version, revision or "unknown", platform.python_version()).set(1)
        self._known: dict[tuple[str, str, int], tuple[Callable[[], None], Callable[[float], None]]] = {}

    def answered(self, route: str, method: str, status: int, seconds: float, *, is_stream: bool = False) -> None:
        """Count one answer. `route` is a template, never the path as sent."""
        key = (route, method, status // 100)
        known = self._known.get(key)
        if known is None:
            method = method if method in _METHODS else "other"
            count = self._requests.labels(route, method, f"{status // 100}xx")
            known = self._known[key] = (count.inc, self._seconds.labels(route, method).observe)
            if len(self._known) > 10_000:  # only invented methods could make so many
                self._known.clear()
        count_one, observe = known
        count_one()
        if not is_stream:
            observe(seconds)

    def looked_up(self, cache: str, *, hit: bool) -> None:
        """A look into a cache of ours."""
        self._cache.labels(cache, "hit" if hit else "miss").inc()

    def watch(self, read: Callable[[], Iterable[Reading]]) -> None:
        """Values that are asked for whenever Prometheus reads; a name that ends in `_total` is a counter's."""
        self.registry.register(_Asked(read))

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self.registry)


class _Asked(Collector):
    def __init__(self, read: Callable[[], Iterable[Reading]]) -> None:
        self._read = read

    def describe(self) -> Iterable[Metric]:
        """Nothing: asking at registration would ask servers that may not be there yet."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """One family a name."""
        families: dict[str, GaugeMetricFamily | CounterMetricFamily] = {}
        for reading in self._read():
            name, labels = reading.name, reading.labels
            if name not in families:
                family = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
                families[name] = family(name.removesuffix("_total"), reading.help, labels=list(labels))
            families[name].add_metric(list(labels.values()), reading.value)
        yield from families.values()
