"""The stack as commands use it: real servers, started, found, moved, killed and stopped."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import psycopg2
import pytest
import redis

from orchestration.embedded.errors import StartFailed
from orchestration.embedded.postgres import connection
from orchestration.embedded.stack import Stack, connect_or_start
from orchestration.embedded.state import StackState, read_state
from orchestration.resources.settings import Settings

pytestmark = pytest.mark.servers
Until = Callable[..., None]
SERVERS = frozenset({"postgres", "valkey"})


def _pids(state: StackState) -> dict[str, int]:
    return {name: process.identity.pid for name, process in state.processes.items() if process.identity}


def test_servers_start_answer_and_are_all_gone_after_the_stop(settings: Settings) -> None:
    with connect_or_start(settings, SERVERS) as stack:
        assert stack.started_here
        pids = _pids(stack.status())
        assert pids.keys() == SERVERS
        with redis.Redis.from_url(stack.settings.redis_url) as client:
            assert client.ping()
        with connection(stack.settings.admin_url) as opened, opened.cursor() as cursor:
            cursor.execute("SHOW fsync")
            assert cursor.fetchone() == ("on",)
            cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        supervisor = read_state(settings.home).supervisor
    assert not any(psutil.pid_exists(pid) for pid in pids.values())
    assert supervisor is not None and not supervisor.is_alive()
    assert stack.status().phase == "stopped"
    with connect_or_start(settings, {"postgres"}) as again:
        assert "valkey" not in again.status().processes
        with connection(again.settings.admin_url) as opened, opened.cursor() as cursor:
            cursor.execute("SELECT answer FROM kept")
            assert cursor.fetchone() == (42,)


def test_a_second_command_finds_what_runs_and_the_last_to_leave_stops_it(
    settings: Settings, holder: "subprocess.Popen[str]", wait_until: Until
) -> None:
    with connect_or_start(settings, {"valkey"}) as second:
        assert not second.started_here
        pids = _pids(second.status())
        holder.communicate()
        assert holder.returncode == 0
        with redis.Redis.from_url(second.settings.redis_url) as client:
            assert client.ping()
        assert _pids(second.status()) == pids
    wait_until(lambda: not any(psutil.pid_exists(pid) for pid in pids.values()))


def test_a_command_that_needs_more_extends_what_runs(settings: Settings) -> None:
    with connect_or_start(settings, {"valkey"}) as first:
        pids = _pids(first.status())
        with connect_or_start(settings, {"postgres"}) as second:
            assert _pids(second.status()).items() > pids.items()


def test_a_killed_command_leaves_nothing_running(
    settings: Settings, holder: "subprocess.Popen[str]", wait_until: Until
) -> None:
    pids = _pids(read_state(settings.home))
    holder.kill()
    wait_until(lambda: not read_state(settings.home).is_running)
    assert not any(psutil.pid_exists(pid) for pid in pids.values())
    assert read_state(settings.home).phase == "stopped"


def test_a_killed_supervisor_leaves_nothing_after_the_next_start(settings: Settings) -> None:
    first = Stack(settings)
    first.start(SERVERS)
    first.wait_ready()
    state = first.status()
    assert state.supervisor is not None
    os.kill(state.supervisor.pid, signal.SIGKILL)
    with connect_or_start(settings, SERVERS) as second:
        identities = [process.identity for process in state.processes.values()]
        assert not any(identity and identity.is_alive() for identity in identities)
        assert _pids(second.status()).keys() == SERVERS
        first.stop()


def test_a_server_that_dies_is_started_again(settings: Settings, wait_until: Until) -> None:
    with connect_or_start(settings, SERVERS) as stack:
        before = _pids(stack.status())
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)

        def is_back() -> bool:
            after = stack.status()
            return after.phase == "ready" and all(_pids(after).get(name, pid) != pid for name, pid in before.items())

        wait_until(is_back)
        state = stack.status()
        assert {name: process.restarts for name, process in state.processes.items()} == {"postgres": 1, "valkey": 1}
        assert state.processes["valkey"].note == "was killed by signal 9"
        with connection(stack.settings.admin_url) as opened, opened.cursor() as cursor:
            cursor.execute("SELECT 1")
    log = (settings.home / "logs" / "supervisor.log").read_text()
    assert "valkey was killed by signal 9; starting it again in 0.5 s" in log


def test_a_taken_port_moves_and_is_remembered(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as occupant:
        taken = occupant.getsockname()[1]
        settings.home.mkdir(mode=0o711)
        last = {"postgres": taken, "valkey": taken}
        (settings.home / "state.json").write_text(json.dumps({"ports": last, "processes": {}, "supervisor": None}))
        with connect_or_start(settings, SERVERS) as stack:
            ports = stack.status().ports
    assert taken not in ports.values()
    assert len(set(ports.values())) == len(ports)
    assert f"port {taken} is taken: postgres listens on {ports['postgres']}" in _log(settings.home, "supervisor")
    with connect_or_start(settings, {"postgres"}) as stack:
        assert stack.status().ports["postgres"] == ports["postgres"]


def test_no_secret_is_on_a_command_line_in_a_log_or_in_the_state(settings: Settings) -> None:
    with connect_or_start(settings, SERVERS) as stack:
        secrets = json.loads((settings.home / "secrets.json").read_text())
        with pytest.raises(psycopg2.OperationalError), connection(stack.settings.database_url):
            pass  # the role does not exist: a refused login must not be logged with its password either
        shown = [" ".join(psutil.Process(pid).cmdline()) for pid in _pids(stack.status()).values()]
    shown += [path.read_text() for path in (settings.home / "logs").iterdir()]
    shown.append((settings.home / "state.json").read_text())
    assert len(secrets) == 9
    assert not [name for name, secret in secrets.items() if any(secret in text for text in shown)]
    for name in ("secrets.json", "state.json", "logs/postgres.log", "valkey/valkey.conf"):
        assert stat.S_IMODE((settings.home / name).stat().st_mode) == 0o600, name


def test_a_start_that_fails_says_which_process_and_why(settings: Settings) -> None:
    with connect_or_start(settings, {"postgres"}):
        pass
    (settings.home / "postgres" / "PG_VERSION").write_text("12\n")
    with (
        pytest.raises(StartFailed, match=re.escape("postgres ended with exit code 1")) as refused,
        connect_or_start(settings, {"postgres"}),
    ):
        pass
    assert "initialized by PostgreSQL version 12" in str(refused.value)
    assert not read_state(settings.home).is_running


def test_servers_of_ones_own_are_used_by_the_same_code(settings: Settings) -> None:
    with connect_or_start(settings, SERVERS) as theirs:
        own = Settings(
            home=settings.home / "other",
            admin_url=theirs.settings.admin_url,
            redis_url=theirs.settings.redis_url,
            port=settings.port,
        )
        with connect_or_start(own, {"app"}) as ours:
            assert ours.status().processes.keys() == {"provision", "app"}
            answer = httpx.get(f"{ours.status().urls['app']}/ready", timeout=10).json()
            # Dagster was not asked for; Postgres, its migrations and Valkey are in order.
            assert answer["problems"].keys() == {"dagster"}
            with connection(ours.settings.operator_url) as opened, opened.cursor() as cursor:
                cursor.execute("SELECT current_database(), current_user")
                assert cursor.fetchone() == ("autonomos", "autonomos_operator")
        assert not (own.home / "postgres").exists()
        with redis.Redis.from_url(theirs.settings.redis_url) as client:
            assert client.ping()


def test_an_unknown_process_is_refused(settings: Settings) -> None:
    with pytest.raises(StartFailed, match="no process named mysql"):
        Stack(settings).start({"mysql"})


def test_weak_secrets_are_refused_outside_dev(home: Path) -> None:
    own = Settings(home=home, environment="production", redis_url="redis://:redis@127.0.0.1:1/0")
    with pytest.raises(StartFailed, match="REDIS_URL"), connect_or_start(own, {"postgres"}):
        pass


def _log(home: Path, name: str) -> str:
    return (home / "logs" / f"{name}.log").read_text()
