"""What the application holds while it runs, made once at its start and closed at its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

import redis
import redis.asyncio
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from api.draining import Draining
from api.live.live import Live
from api.metrics import Metrics
from api.published.pages import PageCache
from api.published.readers import PublishedReaders
from api.readiness import Probes
from api.requests.rates import Rates
from api.security.access import Access
from api.source_calls import SourceCalls
from api.telemetry import Telemetry
from api.tracing import telemetry
from api.version import VERSION
from api.watched import servers, streams
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.patience import FOR_REQUESTS
from orchestration.resources.events import Events
from orchestration.resources.settings import Settings


@dataclass(frozen=True, slots=True)
class AppState:
    """Reached by dependencies as `request.app.state.held`."""

    settings: Settings
    control_plane: ControlPlane
    events: Events
    probes: Probes
    metrics: Metrics
    telemetry: Telemetry
    draining: Draining
    rates: Rates
    access: Access
    published: PublishedReaders
    pages: PageCache
    live: Live
    source_calls: SourceCalls = field(default_factory=SourceCalls)

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings) -> AsyncIterator[Self]:
        """Everything made, and closed afterwards. Opens no connection before it is needed."""
        identity_url = settings.identity_url or None
        control_plane = ControlPlane(
            settings.database_url, None, settings.master_key_bytes(), identity_url, patience=FOR_REQUESTS
        )
        # A connection that a restart broke is tried once more; a server that is away is told of at once.
        retry = Retry(ExponentialBackoff(cap=0.1, base=0.02), 1)
        client = redis.Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2, retry=retry)
        metrics = Metrics(VERSION, settings.revision)
        traces = telemetry(VERSION)
        counting = redis.asyncio.Redis.from_url(settings.redis_url, socket_timeout=1, socket_connect_timeout=1)
        rates = Rates(counting, settings)
        with client, Probes.opened(settings) as probes, Access.opened(settings, control_plane, client) as access:
            metrics.watch(lambda: servers(control_plane, client, probes))
            published, pages = PublishedReaders(settings, control_plane), PageCache(settings.view_cache_mb * 2**20)
            events, draining = Events(client, settings.events_kept), Draining()
            control_plane.on_commit = events.heard
            async with Live.opened(settings, access.authenticator.renewed, draining) as live:
                metrics.watch(lambda: streams(live))
                yield cls(
                    settings, control_plane, events, probes, metrics, traces, draining, rates, access,
                    published, pages, live,
                )  # fmt: skip
            published.close()
        await counting.aclose()
        traces.close()
        control_plane.dispose()
