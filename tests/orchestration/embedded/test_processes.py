"""The table of processes: order, what each is told, what is left out, and full disks."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.embedded.disk import check_disk
from orchestration.embedded.errors import DiskFull
from orchestration.embedded.health import DISPATCHER_KEY, DISPATCHER_TTL_S
from orchestration.embedded.logs import last_lines, open_log
from orchestration.embedded.port_table import preferred_ports
from orchestration.embedded.ports import free_port, is_free
from orchestration.embedded.processes import (
    DEPENDENCIES,
    EVERYTHING,
    build_spec,
    depends_on,
    with_dependencies,
)
from orchestration.resources.secrets import load_secrets
from orchestration.resources.settings import REPOSITORY, Settings

_PYTHON = sorted(EVERYTHING - {"postgres", "valkey"})


def test_what_is_needed_comes_along(home: Path) -> None:
    settings = Settings(home=home)
    assert with_dependencies({"provision"}, settings) == {"postgres", "provision"}
    assert with_dependencies(EVERYTHING, settings) == EVERYTHING
    assert depends_on("dispatcher", "postgres")
    assert not depends_on("postgres", "dispatcher")


def test_servers_of_ones_own_are_not_started(home: Path) -> None:
    own = Settings(home=home, admin_url="postgresql://me:x@db.example/x", redis_url="redis://cache.example")
    assert with_dependencies(EVERYTHING, own) == EVERYTHING - {"postgres", "valkey"}


@pytest.mark.parametrize("name", _PYTHON)
def test_no_command_line_holds_a_secret(home: Path, name: str) -> None:
    settings = Settings(home=home).with_servers({"postgres": 5001, "valkey": 5002})
    (home / "dagster").mkdir()
    spec = build_spec(name, settings, preferred_ports(settings, {"code-server": 5003}))
    secrets = load_secrets(home)
    assert not [key for key, secret in secrets.items() if any(secret in part for part in spec.argv)]


def test_the_app_gets_no_login_that_sees_two_tenants(home: Path) -> None:
    settings = Settings(home=home).with_servers({"postgres": 5001, "valkey": 5002})
    told = build_spec("app", settings, {"app": 8000}).environment
    secrets = load_secrets(home)
    assert secrets["app_password"] in told["AUTONOMOS_DATABASE_URL"]
    forbidden = [secrets[name] for name in ("postgres_password", "owner_password", "operator_password")]
    assert not [value for value in told.values() if any(secret in value for secret in forbidden)]


def test_the_app_is_told_what_a_person_set_and_not_the_logins_of_others(home: Path) -> None:
    owner = "postgresql://owner:someones-own-password@db.example/x"
    given = Settings(home=home, public_url="https://app.example", drain_s=3, owner_url=owner).with_servers({})
    spec = build_spec("app", given, {"app": 8000})
    assert spec.environment["AUTONOMOS_PUBLIC_URL"] == "https://app.example"
    assert spec.environment["AUTONOMOS_DRAIN_S"] == "3.0"
    assert "AUTONOMOS_OWNER_URL" not in spec.environment
    assert spec.stop_timeout_s > given.drain_s + given.shutdown_grace_s


def test_a_process_knows_the_home_and_nothing_of_the_shell(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMEBODYS_TOKEN", "not ours")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    told = build_spec("provision", Settings(home=home).with_servers({}), {}).environment
    assert "SOMEBODYS_TOKEN" not in told
    assert told["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert told["AUTONOMOS_HOME"] == str(home)


def test_every_dependency_exists_and_none_is_circular() -> None:
    assert all(needed in DEPENDENCIES for needs in DEPENDENCIES.values() for needed in needs)
    assert not [name for name in DEPENDENCIES if depends_on(name, name)]


def test_the_dispatcher_says_that_it_lives_where_we_look() -> None:
    script = "from orchestration.dispatcher import ALIVE_KEY, ALIVE_TTL_S; print(ALIVE_KEY, ALIVE_TTL_S)"
    told = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert told.stdout == f"{DISPATCHER_KEY} {DISPATCHER_TTL_S}\n"


def test_a_full_disk_is_told_with_figures(tmp_path: Path) -> None:
    check_disk(tmp_path, 1)
    with pytest.raises(DiskFull, match=re.escape(f"where {tmp_path} lies and {2**40} MB are needed: make room")):
        check_disk(tmp_path, 2**60)


def test_a_log_that_outgrew_its_cap_is_put_aside(tmp_path: Path) -> None:

    path = tmp_path / "logs" / "one.log"
    for text in ("x" * (10 * 2**20 + 1), "first\n\nlast\n"):
        descriptor = open_log(path)
        os.write(descriptor, text.encode())
        os.close(descriptor)
    assert last_lines(path) == ["first", "last"]
    assert path.with_name("one.log.1").stat().st_size > 10 * 2**20
    assert path.stat().st_mode & 0o777 == 0o600


def test_ports_are_taken_in_order(home: Path) -> None:

    with socket.create_server(("127.0.0.1", 0)) as occupant:
        taken = occupant.getsockname()[1]
        assert not is_free(taken)
        moved = free_port(taken)
        assert moved != taken
        assert free_port(moved, taken=frozenset({moved})) != moved
