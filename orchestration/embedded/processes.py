"""The table of everything the supervisor runs: command line, environment, health, order.

A process gets the URLs it needs and no others, by environment: command lines can be read by everybody on the machine.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from orchestration.embedded.health import (
    HealthCheck,
    answers_http,
    daemon_beats,
    dispatcher_turns,
    has_children,
    written_by,
)
from orchestration.embedded.identity import ProcessIdentity
from orchestration.embedded.ports import accepts_tcp
from orchestration.embedded.postgres import accepts_connections, prepare_postgres
from orchestration.embedded.valkey import prepare_valkey
from orchestration.resources.settings import REPOSITORY, Settings

# Who waits for whom. What is not listed here does not exist.
DEPENDENCIES: dict[str, tuple[str, ...]] = {
    "postgres": (),
    "valkey": (),
    "provision": ("postgres",),
    "dagster-storage": ("provision",),
    "code-server": ("dagster-storage",),
    "webserver": ("code-server",),
    "daemon": ("valkey", "code-server"),
    "worker": ("valkey", "dagster-storage"),
    "dispatcher": ("valkey", "code-server", "webserver"),
    "app": ("valkey", "provision"),
    "sandbox": ("provision",),
}
STORES = frozenset({"postgres", "valkey", "provision"})
KNOWN = frozenset(DEPENDENCIES)
EVERYTHING = KNOWN - {"sandbox"}  # the stand-ins run where the demo is, and nowhere else
MARK = "AUTONOMOS_SUPERVISED_HOME"
_SHARED = ("home", "environment", "data_path", "outbound_allow")  # settings that every process of ours may need
_LOGINS = frozenset({"admin_url", "owner_url", "operator_url", "dagster_url", "lake_url"})
_INHERITED = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE")


@dataclass(frozen=True)
class ProcessSpec:
    """How one process is run; made anew whenever a port moves."""

    name: str
    argv: list[str]
    healthy: HealthCheck
    environment: dict[str, str] = field(default_factory=dict, repr=False)
    port: int | None = None
    once: bool = False  # runs to its end; done when it exits with 0
    stop_signal: int = signal.SIGTERM
    start_timeout_s: float = 60
    stop_timeout_s: float = 10
    options: dict[str, Any] = field(default_factory=dict)  # more keyword arguments for Popen


def depends_on(name: str, other: str) -> bool:
    """Whether a process needs another one, directly or through others (also through steps that are done)."""
    return any(needed == other or depends_on(needed, other) for needed in DEPENDENCIES[name])


def with_dependencies(names: Iterable[str], settings: Settings) -> frozenset[str]:
    """The names and all they depend on, without the servers that are the user's own."""
    wanted: set[str] = set()
    pending = list(names)
    if "worker" in pending and _services(settings).exists():
        pending.append("sandbox")  # a worker may be asked to sync the demo's services
    while pending:
        name = pending.pop()
        if name not in wanted:
            wanted.add(name)
            pending.extend(DEPENDENCIES[name])
    own = {"postgres": settings.embedded_postgres, "valkey": settings.embedded_redis}
    return frozenset(name for name in wanted if own.get(name, True))


def build_spec(name: str, settings: Settings, ports: dict[str, int]) -> ProcessSpec:
    """The specification of one process. `settings` hold every URL.

    Raises:
        ServerUnavailable: an embedded server has no binary here.
        StartFailed: the Postgres data folder cannot be made.
    """
    return _BUILDERS[name](settings, ports)


def child_environment(settings: Settings, *fields: str) -> dict[str, str]:
    """What a child inherits from us, plus the named settings."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    given = {f"AUTONOMOS_{name.upper()}": str(getattr(settings, name)) for name in _SHARED}
    for name in fields:
        value = getattr(settings, name)
        given[f"AUTONOMOS_{name.upper()}"] = _text(value)
    # S3 credentials and proxies are the operator's and reach our own processes as they are.
    passed = {name: value for name, value in os.environ.items() if name.startswith("AWS_") or name.endswith("_proxy")}
    python = {"PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}
    return inherited | passed | given | python | {MARK: str(settings.home)}


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _bare_environment(settings: Settings) -> dict[str, str]:
    """For servers: nothing of the person's, nothing secret."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", MARK: str(settings.home)}


def _postgres(settings: Settings, ports: dict[str, int]) -> ProcessSpec:
    password = settings.generated_password("postgres_password")
    server = prepare_postgres(settings.home, password)
    port = ports["postgres"]
    return ProcessSpec(
        "postgres",
        server.argv(port),
        lambda _: accepts_connections(server.url(port)),
        _bare_environment(settings),
        port=port,
        stop_signal=signal.SIGINT,  # fast shutdown: SIGTERM would wait for every client to leave
        stop_timeout_s=30,
        options={"cwd": "/"} | server.account.popen_options(),
    )


def _valkey(settings: Settings, ports: dict[str, int]) -> ProcessSpec:
    server = prepare_valkey(settings.home, settings.generated_password("redis_password"))
    port = ports["valkey"]
    environment = _bare_environment(settings)
    return ProcessSpec("valkey", server.argv(port), lambda _: server.answers(port), environment, port=port)


def _provision(settings: Settings, ports: dict[str, int]) -> ProcessSpec:  # noqa: ARG001 - one signature for all
    environment = child_environment(settings, "admin_url", "owner_url", "database_url")
    argv = _python("orchestration.embedded.provision", "control-plane")
    return ProcessSpec("provision", argv, _never, environment, once=True, start_timeout_s=300)


def _dagster_storage(settings: Settings, ports: dict[str, int]) -> ProcessSpec:  # noqa: ARG001
    environment = child_environment(settings, "dagster_url", "workers")
    argv = _python("orchestration.embedded.provision", "dagster")
    return ProcessSpec("dagster-storage", argv, _never, environment, once=True, start_timeout_s=120)


def _code_server(settings: Settings, ports: dict[str, int]) -> ProcessSpec:
    from orchestration.dagster_home import code_server_command, write_workspace

    port = ports["code-server"]
    write_workspace(settings.home / "dagster", port)  # here, because the port may have moved since the last start
    environment = _dagster_environment(settings)
    return ProcessSpec("code-server", code_server_command(port), lambda _: accepts_tcp(port), environment, port=port)


def _webserver(settings: Settings, ports: dict[str, int]) -> ProcessSpec:
    from orchestration.dagster_home import webserver_command

    port, host = ports["webserver"], settings.dagster_host
    argv = webserver_command(_workspace(settings), port, host)
    environment = _dagster_environment(settings)
    return ProcessSpec("webserver", argv, lambda _: answers_http(port, "/server_info"), environment, port=port)


def _daemon(settings: Settings, ports: dict[str, int]) -> ProcessSpec:  # noqa: ARG001
    from orchestration.dagster_home import daemon_command

    argv = [*_python("orchestration.embedded.single_daemon"), *daemon_command(_workspace(settings))]
    environment = _dagster_environment(settings)
    url = settings.dagster_url
    return ProcessSpec("daemon", argv, lambda me: daemon_beats(url, me.started), environment, stop_timeout_s=15)


def _worker(settings: Settings, ports: dict[str, int]) -> ProcessSpec:  # noqa: ARG001
    from orchestration.dagster_home import worker_command

    argv = worker_command("worker", settings.workers)
    environment = _dagster_environment(settings)
    return ProcessSpec("worker", argv, lambda me: has_children(me, settings.workers), environment, stop_timeout_s=20)


def _dispatcher(settings: Settings, ports: dict[str, int]) -> ProcessSpec:  # noqa: ARG001
    from orchestration.dagster_home import dispatcher_command

    argv = dispatcher_command(_workspace(settings))
    environment = _dagster_environment(settings)
    return ProcessSpec("dispatcher", argv, lambda me: dispatcher_turns(settings.redis_url, me.started), environment)


def _app(settings: Settings, ports: dict[str, int]) -> ProcessSpec:
    port = ports["app"]
    argv = _python("api.serve", "--host", settings.host, "--port", str(port))
    # Not the operator's URL: a request must never see two tenants. Not the owner's: it must never change a table.
    needed = child_environment(settings, "database_url", "identity_url", "redis_url", "webserver_url", "master_key")
    stop_timeout_s = settings.drain_s + settings.shutdown_grace_s + 5
    return ProcessSpec(
        "app",
        argv,
        lambda _: answers_http(port, "/health"),
        _given(settings) | _telemetry() | needed,
        port=port,
        stop_timeout_s=stop_timeout_s,
    )


def _given(settings: Settings) -> dict[str, str]:
    """What a person set, without the logins that are for other processes."""
    given = settings.as_environment()
    return {name: value for name, value in given.items() if name.removeprefix("AUTONOMOS_").lower() not in _LOGINS}


def _telemetry() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("OTEL_")}


def _sandbox(settings: Settings, ports: dict[str, int]) -> ProcessSpec:  # noqa: ARG001
    state = settings.home / "sandbox.json"
    argv = [*_python("connectors.sandbox.serve"), str(_services(settings)), str(settings.home / "sandbox")]
    environment = child_environment(settings) | {"SANDBOX_POSTGRES_URL": settings.admin_url}
    return ProcessSpec("sandbox", argv, lambda me: written_by(state, me), environment)


def _services(settings: Settings) -> Path:
    return settings.home / "demo" / "services.json"


_BUILDERS: dict[str, Callable[[Settings, dict[str, int]], ProcessSpec]] = {
    "postgres": _postgres,
    "valkey": _valkey,
    "provision": _provision,
    "dagster-storage": _dagster_storage,
    "code-server": _code_server,
    "webserver": _webserver,
    "daemon": _daemon,
    "worker": _worker,
    "dispatcher": _dispatcher,
    "app": _app,
    "sandbox": _sandbox,
}


def _dagster_environment(settings: Settings) -> dict[str, str]:
    from orchestration.dagster_home import dagster_environment

    urls = ("database_url", "operator_url", "lake_url", "redis_url", "dagster_url", "webserver_url")
    return child_environment(settings, *urls, "master_key", "workers") | dagster_environment(settings)


def _workspace(settings: Settings) -> Path:
    return settings.home / "dagster" / "workspace.yaml"


def _never(_: ProcessIdentity) -> bool:
    return False


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]
