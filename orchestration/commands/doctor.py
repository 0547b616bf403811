"""`autonomos doctor`: what runs, in which versions, on which ports; disk, migrations, and the last errors.

Only looks: starts nothing and changes nothing.
"""

import platform
import re
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from orchestration.commands.output import JsonOption, Output, table

if TYPE_CHECKING:
    from orchestration.embedded.state import StackState
    from orchestration.resources.settings import Settings

_PACKAGES = ("dagster", "dagster-celery", "duckdb", "fastapi", "pydantic", "sqlalchemy")
_ERROR = re.compile(r"\b(ERROR|FATAL|CRITICAL|PANIC)\b|Error: ")
_HARMLESS = "the database system is starting up"  # the answer to a health check that came early
_TAIL_BYTES = 65_536


def doctor(as_json: JsonOption = False) -> None:
    """Show what is running, versions, ports, disk, migrations and the last errors."""
    from orchestration.embedded.stack import Stack
    from orchestration.resources.settings import load_settings

    settings = load_settings()
    state = Stack(settings).status()
    document: dict[str, Any] = {
        "home": str(settings.home),
        "phase": state.phase,
        "warning": state.warning or None,
        "urls": state.urls if state.is_running else {},
        "processes": [_describe(name, process) for name, process in state.processes.items()],
        "versions": _versions(settings, state),
        "disk": _disk(settings),
        "migrations": _migrations(settings, state),
        "last_errors": _last_errors(settings.home / "logs"),
    }
    document["problems"] = _problems(document, state)
    _show(Output(as_json), document)
    if document["problems"]:
        raise typer.Exit(1)


def _describe(name: str, process: Any) -> dict[str, Any]:
    import psutil

    pid = process.identity.pid if process.identity and process.identity.is_alive() else None
    memory = None
    if pid is not None:
        try:
            leader = psutil.Process(pid)
            family = [leader, *leader.children(recursive=True)]
            memory = sum(member.memory_info().rss for member in family) // 2**20
        except psutil.Error:
            memory = None  # it ended while we looked
    return {
        "name": name,
        "status": process.status,
        "pid": pid,
        "port": process.port,
        "memory_mb": memory,
        "restarts": process.restarts,
        "note": process.note or None,
        "log": process.log,
    }


def _versions(settings: "Settings", state: "StackState") -> dict[str, str | None]:
    found: dict[str, str | None] = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    found["postgres"] = _first_value(settings.admin_url or settings.database_url, "SHOW server_version", state)
    found["valkey"] = _valkey_version(settings, state)
    return found


def _valkey_version(settings: "Settings", state: "StackState") -> str | None:
    import redis

    if settings.embedded_redis and not state.is_running:
        return None
    try:
        with redis.Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2) as client:
            told = client.info("server")
    except redis.RedisError:
        return None
    return str(told.get("valkey_version") or told.get("redis_version"))


def _first_value(url: str, query: str, state: "StackState") -> str | None:
    """One value from Postgres, or None when it cannot be had."""
    import psycopg2

    from orchestration.embedded.postgres import connection

    if not url or "127.0.0.1:0/" in url or not state.is_running:
        return None
    try:
        with connection(url) as opened, opened.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
    except psycopg2.Error:
        return None
    return str(row[0]) if row else None


def _disk(settings: "Settings") -> dict[str, Any]:
    place = settings.home if settings.home.exists() else settings.home.parent
    usage = shutil.disk_usage(place)
    return {"path": str(place), "free_mb": usage.free // 2**20, "total_mb": usage.total // 2**20}


def _migrations(settings: "Settings", state: "StackState") -> dict[str, str | None]:
    from orchestration.control_plane.migrations.runner import newest_revision

    current = _first_value(settings.owner_url, "SELECT version_num FROM alembic_version", state)
    return {"current": current, "head": newest_revision()}


def _last_errors(folder: Path, per_log: int = 3) -> list[dict[str, str]]:
    """The newest lines of each log that look like errors."""
    found = []
    for path in sorted(folder.glob("*.log")):
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            lines = file.read().decode("utf-8", "replace").splitlines()
        errors = [line.strip() for line in lines if _ERROR.search(line) and _HARMLESS not in line]
        found += [{"process": path.stem, "line": line[:300]} for line in errors[-per_log:]]
    return found


def _problems(document: dict[str, Any], state: "StackState") -> list[str]:
    """What a person has to look at; an idle installation has none."""
    found = [f"{one['name']} {one['note'] or 'failed'}" for one in document["processes"] if one["status"] == "failed"]
    if state.phase == "failed":
        found.append(f"the last start failed: {state.error}")
    if document["warning"]:
        found.append(document["warning"])
    migrations = document["migrations"]
    if migrations["current"] and migrations["current"] != migrations["head"]:
        found.append(f"migrations are at {migrations['current']}, this version needs {migrations['head']}")
    return found


def _show(output: Output, document: dict[str, Any]) -> None:
    columns = ("name", "status", "pid", "port", "memory_mb", "restarts")
    # Pids and ports are names, not quantities: no thousands separator.
    cells = [
        [one[key] if key == "restarts" else str(one[key] or "") for key in columns] for one in document["processes"]
    ]
    versions = [[name, found or "not running"] for name, found in document["versions"].items()]
    errors = [[one["process"], one["line"]] for one in document["last_errors"]]
    disk, migrations = document["disk"], document["migrations"]
    output.result(
        document,
        f"Home {document['home']}: {document['phase']}",
        *([table("Processes", columns, cells)] if cells else []),
        table("Versions", ("what", "version"), versions),
        f"Disk: {disk['free_mb']:,} MB free of {disk['total_mb']:,} MB at {disk['path']}",
        f"Migrations: {migrations['current'] or 'not known while stopped'} (this version: {migrations['head']})",
        *([table("Last errors in the logs", ("process", "line"), errors)] if errors else []),
        *([f"Problem: {problem}" for problem in document["problems"]] or ["No problems found."]),
    )
