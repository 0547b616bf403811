"""Values that are asked for when Prometheus reads: streams, pools of connections, and whether what is needed is up."""

from collections.abc import Iterator

import redis

from api.live.live import Live
from api.metrics import Reading
from api.platform_queues import waiting_runs
from api.readiness import Probes
from orchestration.control_plane.database import ControlPlane


def streams(live: Live) -> Iterator[Reading]:
    """Those of events, of all tenants together."""
    yield Reading("autonomos_stream_clients", "Open event streams", live.streams.clients)
    yield Reading("autonomos_events_delivered_total", "Events sent, over all streams", live.hub.delivered)
    yield Reading("autonomos_event_gaps_total", "Gaps that streams were told of", live.hub.gaps)


def servers(control_plane: ControlPlane, client: "redis.Redis", probes: Probes) -> Iterator[Reading]:
    """What cannot be asked is left out, not zero."""
    for login, (used, most) in control_plane.pools().items():
        labels = {"login": login}
        yield Reading("autonomos_pool_connections_used", "Connections to Postgres in use", used, labels)
        yield Reading("autonomos_pool_connections_most", "Connections to Postgres there may be", most, labels)
    for answer in probes.ask():
        labels = {"dependency": answer.name}
        yield Reading("autonomos_dependency_up", "1: it answers as it should", answer.problem is None, labels)
        yield Reading("autonomos_dependency_seconds", "Time it took to answer", answer.latency_ms / 1000, labels)
    try:
        yield Reading("autonomos_broker_runs_waiting", "Runs that no worker has taken yet", waiting_runs(client))
    except redis.RedisError:
        return
