"""Dagster's instance folder (DAGSTER_HOME) and the command lines of its processes.

No secret is written, and none is on a command line: `dagster.yaml` names environment variables, which
`dagster_environment` gives to the processes. The files are JSON, which is YAML. Starting and watching the processes is
`embedded`'s work.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from orchestration.dagster_storage import PooledPostgresStorage
from orchestration.partitions import CONNECTION_TAG, REFRESHED_TENANT_TAG, TENANT_TAG

LOCATION = "autonomos"
DEFINITIONS_MODULE = "orchestration.definitions"
DATABASE_VARIABLE = "AUTONOMOS_DAGSTER_URL"
BROKER_VARIABLE = "REDIS_URL"
LOOPBACK = "127.0.0.1"


class DagsterSettings(Protocol):
    """What is needed of the platform's settings."""

    @property
    def home(self) -> Path: ...
    @property
    def dagster_url(self) -> str: ...
    @property
    def redis_url(self) -> str: ...


def write_dagster_home(settings: DagsterSettings, workers: int = 2) -> Path:
    """Write `dagster.yaml` and return its folder. Existing files are replaced: they hold nothing of their own."""
    home = settings.home / "dagster"
    (home / "storage").mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_text(json.dumps(instance_configuration(home, workers), indent=2))
    return home


def write_workspace(home: Path, code_server_port: int) -> Path:
    """Write the workspace file that points webserver, daemon and dispatcher at the code server."""
    server = {"host": LOOPBACK, "port": code_server_port, "location_name": LOCATION}
    path = home / "workspace.yaml"
    path.write_text(json.dumps({"load_from": [{"grpc_server": server}]}, indent=2))
    return path


def create_dagster_tables(settings: DagsterSettings) -> None:
    """Make Dagster's tables before its processes start: several at once would race."""
    PooledPostgresStorage(settings.dagster_url)


def dagster_environment(settings: DagsterSettings) -> dict[str, str]:
    """Environment of every Dagster process, secrets included: to be added to the platform's own variables."""
    return {
        "DAGSTER_HOME": str(settings.home / "dagster"),
        DATABASE_VARIABLE: settings.dagster_url,
        BROKER_VARIABLE: settings.redis_url,
        "DAGSTER_DISABLE_TELEMETRY": "1",
        # A run lost with its worker is started again by this daemon; it looks every 5 s unless told otherwise.
        "DAGSTER_EVENT_LOG_CONSUMER_DAEMON_INTERVAL_SECONDS": "1",
    }


def instance_configuration(home: Path, workers: int) -> dict[str, Any]:
    """The content of `dagster.yaml`."""
    return {
        "storage": {
            "custom": _custom(
                "orchestration.dagster_storage", "PooledPostgresStorage", {"postgres_url": {"env": DATABASE_VARIABLE}}
            )
        },
        "run_launcher": _custom(
            "orchestration.run_launcher", "LeasedCeleryRunLauncher", {"broker": {"env": BROKER_VARIABLE}}
        ),
        "run_coordinator": _custom("orchestration.run_launcher", "PromptRunCoordinator", _queue(workers)),
        "compute_logs": {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"},
        "local_artifact_storage": _custom(
            "dagster._core.storage.root", "LocalArtifactStorage", {"base_dir": str(home / "storage")}
        ),
        "python_logs": {"python_log_level": "INFO"},  # at DEBUG every run prints 40 lines of engine events
        "run_monitoring": {
            "enabled": True,
            "poll_interval_seconds": 2,
            "start_timeout_seconds": 3600,  # waiting in the broker is no failure; lost launches are found by a sensor
            "cancel_timeout_seconds": 30,
            "max_resume_run_attempts": 0,
        },
        # A run is started again when its worker was lost. A failed step has had its retries inside the run.
        "run_retries": {"enabled": True, "max_retries": 3, "retry_on_asset_or_op_failure": False},
        "sensors": {"use_threads": True, "num_workers": 4},
        "schedules": {"use_threads": True, "num_workers": 2},
        "retention": {
            kind: {"purge_after_days": {"skipped": 1, "success": 2, "failure": 7, "started": 7}}
            for kind in ("sensor", "schedule")
        },
        "auto_materialize": {"enabled": False, "use_sensors": False},
        "telemetry": {"enabled": False},
        "nux": {"enabled": False},
    }


def _queue(workers: int) -> dict[str, Any]:
    limits = {CONNECTION_TAG: 1, REFRESHED_TENANT_TAG: 1, TENANT_TAG: max(2, workers)}
    return {
        # A few launched runs wait in the broker for each worker, so that none idles between two looks at the queue.
        "max_concurrent_runs": max(8, 4 * workers),
        "tag_concurrency_limits": [
            {"key": key, "value": {"applyLimitPerUniqueValue": True}, "limit": limit} for key, limit in limits.items()
        ],
    }


def _custom(module: str, name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    return {"module": module, "class": name, "config": dict(config)}


def code_server_command(port: int) -> list[str]:
    """gRPC server that loads the definitions once for webserver, daemon and dispatcher."""
    return _python(
        "dagster", "api", "grpc", "--module-name", DEFINITIONS_MODULE, "--host", LOOPBACK, "--port", str(port),
        "--location-name", LOCATION,
    )  # fmt: skip


def webserver_command(workspace: Path, port: int, host: str = LOOPBACK) -> list[str]:
    """The Dagster UI. It has no login: bind it to loopback unless the operator says otherwise."""
    return _python("dagster_webserver", "--workspace", str(workspace), "--host", host, "--port", str(port))


def daemon_command(workspace: Path) -> list[str]:
    """Sensors, schedules, run queue, run monitoring. Exactly one may serve one storage."""
    return _python("dagster._daemon", "run", "--workspace", str(workspace), "--log-level", "warning")


def worker_command(name: str, concurrency: int = 2) -> list[str]:
    """One Celery worker with warm, forked processes; names must differ on one machine."""
    return _python(
        "celery", "--app", "orchestration.run_worker", "worker", "--hostname", f"{name}@%h", "--queues", "dagster",
        "--concurrency", str(concurrency), "--pool", "prefork", "--loglevel", "WARNING",
        "--without-gossip", "--without-mingle",
    )  # fmt: skip


def dispatcher_command(workspace: Path) -> list[str]:
    """Asks Dagster for runs as soon as somebody wants one."""
    return _python("orchestration.dispatcher", "--workspace", str(workspace))


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]
