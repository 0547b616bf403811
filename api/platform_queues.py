"""What waits in Valkey, over all tenants together: runs in the broker, nudges, batches that ask for fresh views."""

from itertools import islice
from typing import Any

import redis

from api.schemas.operation import StreamsOut
from orchestration.resources.events import BATCHES_GROUP, batches_stream
from orchestration.resources.nudges import NUDGES

BROKER_QUEUE = "dagster"  # of Celery; its name stands in orchestration.run_launcher, which loads Dagster
MOST_STREAMS = 1000


def waiting_runs(client: "redis.Redis") -> int:
    """Runs that no worker has taken yet."""
    return int(client.llen(BROKER_QUEUE))


def waiting_nudges(client: "redis.Redis") -> int:
    """Wake-up calls the dispatcher has not heard yet."""
    return int(client.llen(NUDGES))


def batch_streams(client: "redis.Redis") -> StreamsOut:
    """All tenants' streams together, as many as may be looked at."""
    keys = client.scan_iter(match=batches_stream("*"), count=1000, _type="stream")  # type: ignore[arg-type]
    found = list(islice(keys, MOST_STREAMS + 1))
    groups = [group for key in found[:MOST_STREAMS] for group in _groups(client, key)]
    lags = [group["lag"] for group in groups]
    return StreamsOut(
        streams=min(len(found), MOST_STREAMS),
        pending=sum(group["pending"] for group in groups),
        unread=None if any(lag is None for lag in lags) else sum(lags),
        complete=len(found) <= MOST_STREAMS,
    )


def _groups(client: "redis.Redis", key: bytes) -> list[dict[str, Any]]:
    try:
        told: Any = client.xinfo_groups(key.decode())
    except redis.ResponseError:  # the stream went away since
        return []
    return [group for group in told if group["name"] in (BATCHES_GROUP, BATCHES_GROUP.encode())]
