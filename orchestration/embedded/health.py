"""Whether a process does its work yet: cheap questions over its own protocol, each answered within a second."""

import http.client
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg2
import redis

from orchestration.embedded.identity import ProcessIdentity
from orchestration.embedded.postgres import connection

_BEATS = """
    SELECT count(*) FROM daemon_heartbeats
    WHERE timestamp >= %s AND daemon_type IN ('SENSOR', 'QUEUED_RUN_COORDINATOR')
"""
# What the dispatcher writes at every turn (a test holds the two together: importing it here would load Dagster).
DISPATCHER_KEY = "dispatcher:alive"
DISPATCHER_TTL_S = 15
HealthCheck = Callable[[ProcessIdentity], bool]


def answers_http(port: int, path: str, host: str = "127.0.0.1", timeout_s: float = 1.0) -> bool:
    """Whether GET gives 200."""
    asked = http.client.HTTPConnection(host, port, timeout=timeout_s)
    try:
        asked.request("GET", path)
        return asked.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


def has_children(parent: ProcessIdentity, count: int) -> bool:
    """Whether a pre-forking process has forked: only then does it take work."""
    try:
        return len(psutil.Process(parent.pid).children()) >= count
    except psutil.NoSuchProcess:
        return False


def written_by(state: Path, process: ProcessIdentity) -> bool:
    """Whether the process wrote its state file: JSON with its pid."""
    try:
        return bool(json.loads(state.read_text())["pid"] == process.pid)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def daemon_beats(dagster_url: str, since: float) -> bool:
    """Whether Dagster's daemon wrote a heartbeat for its queue and its sensors after a moment (epoch seconds)."""
    moment = datetime.fromtimestamp(since, UTC).replace(tzinfo=None)
    try:
        with connection(dagster_url) as opened, opened.cursor() as cursor:
            cursor.execute(_BEATS, (moment,))
            row = cursor.fetchone()
    except psycopg2.Error:
        return False
    return row is not None and row[0] >= 2


def dispatcher_turns(redis_url: str, since: float) -> bool:
    """Whether the dispatcher said that it is alive after a moment (epoch seconds); what it said before has aged."""
    try:
        with redis.Redis.from_url(redis_url, socket_timeout=1, socket_connect_timeout=1) as client:
            left_ms = int(client.pttl(DISPATCHER_KEY))
    except redis.RedisError:
        return False
    return left_ms > 0 and time.time() - (DISPATCHER_TTL_S - left_ms / 1000) > since
