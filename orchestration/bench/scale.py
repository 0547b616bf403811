"""`bench scale`: ten thousand tenants with forty thousand connections, how long loading and sweeping take."""

import time
from datetime import UTC, datetime, timedelta

from orchestration.bench.figures import Figure, in_fresh_process
from orchestration.control_plane.bulk import register_many
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.schedule import Schedule
from orchestration.resources.settings import Settings
from orchestration.sensors import DUE_BUDGET, PAGE
from orchestration.sweeping import DueCursor, sweep_pages

MOST_LOAD_S = 2.0
MOST_SWEEP_S = 2.0


def measure_scale(settings: Settings, control_plane: ControlPlane, tenants: int, connections_each: int) -> list[Figure]:
    """Figures of registering, loading the definitions, and one sweep of `due_connections` with everything due."""
    now = datetime.now(UTC)
    started = time.perf_counter()
    register_many(
        settings.database_url, settings.operator_url, tenants, connections_each,
        schedule=Schedule(interval_s=3600), due_at=now - timedelta(minutes=5), name=f"fleet {now.timestamp():.0f}",
    )  # fmt: skip
    registered = time.perf_counter() - started
    load, _ = in_fresh_process(load_seconds)
    sweep, requested = sweep_seconds(control_plane, now)
    return [
        Figure(f"register {tenants} tenants x {connections_each} connections", registered, "s"),
        Figure("load the definitions", load, "s", limit=MOST_LOAD_S),
        Figure(f"one sweep of due connections, {requested} requested", sweep, "s", limit=MOST_SWEEP_S),
    ]


def load_seconds() -> float:
    """Seconds to import and validate the code location in a process that has imported Dagster before."""
    import dagster  # noqa: F401 - Dagster's own import is not what is measured

    started = time.perf_counter()
    from orchestration.definitions import defs

    defs.get_repository_def().load_all_definitions()
    return time.perf_counter() - started


def sweep_seconds(control_plane: ControlPlane, now: datetime) -> tuple[float, int]:
    """Seconds of one tick of the sweep, and how many syncs it asked for; the budget of the sensor holds here too."""

    def request(cursor: DueCursor) -> list[tuple[datetime, object]]:
        with control_plane.operator_session() as session:
            due = session.due_connections(now, cursor.place, PAGE)
            session.request_due(due, now)
        return [(item.next_due_at, item.connection_id) for item in due]

    started = time.perf_counter()
    _, requested = sweep_pages(request, DueCursor(), PAGE, DUE_BUDGET, time.monotonic)  # type: ignore[arg-type]
    return time.perf_counter() - started, requested
