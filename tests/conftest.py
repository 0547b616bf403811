"""Real servers shared by all tests of one process: Postgres 18 with pgvector and Valkey, on free ports.

Besides: the order of the tests, and the figures that they measure, printed at the end of the run.
"""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from orchestration.embedded.ports import free_port
from orchestration.embedded.postgres import accepts_connections, prepare_postgres
from orchestration.embedded.valkey import prepare_valkey
from orchestration.resources.duckdb_extensions import check_signatures_once
from tests.server_folders import server_folder

_FIGURES = pytest.StashKey[list[str]]()
_TESTS = Path(__file__).parent
_LONG = (_TESTS / "browser", _TESTS / "orchestration")
_GROUP = re.compile(r'^pytestmark = .*xdist_group\("([^"]+)"\)', re.MULTILINE)


def pytest_configure() -> None:
    check_signatures_once()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests are begun first, those of the whole stack before all: no process is left alone with one at the end."""
    items.sort(key=lambda item: (item.get_closest_marker("stack") is None, not _is_long(item.path)))


def _is_long(path: Path) -> bool:
    return any(folder in path.parents for folder in _LONG)


class FilesAndGroups(LoadScopeScheduling):
    """Files of one group run in one process, and so does a file without: others would start its servers anew.

    The group is read from the file: pytest 9.2 keeps ids where pytest-xdist 3.8 does not write a group's name any more.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid.split("::")[0])


@cache
def group_of(file: str) -> str:
    """The group that a test file names for all its tests; itself where it names none."""
    found = _GROUP.search((_TESTS.parent / file).read_text())
    return found[1] if found else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return FilesAndGroups(config, log)


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Takes lines to print at the end of the run, whichever process the test runs in."""
    lines = request.config.stash.setdefault(_FIGURES, [])
    output = getattr(request.config, "workeroutput", None)

    def say(line: str) -> None:
        lines.append(line)
        if output is not None:
            output["measured"] = list(lines)

    return say


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What a process that ends has measured."""
    found = getattr(node, "workeroutput", {}).get("measured", [])
    node.config.stash.setdefault(_FIGURES, []).extend(found)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    lines = config.stash.get(_FIGURES, [])
    if lines:
        terminalreporter.section("measured")
        terminalreporter.write_line("\n".join(lines))


@pytest.fixture(scope="session")
def servers_home() -> Iterator[Path]:
    """A folder of our own which the account Postgres runs under can reach."""
    home = server_folder("autonomos-test-")
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_admin_url(servers_home: Path) -> Iterator[str]:
    """Superuser URL of a Postgres started once for the session (fsync off: nothing here outlives it)."""
    server = prepare_postgres(servers_home, "test-postgres-password", {"fsync": "off", "max_connections": "300"})
    port = free_port()
    log = (servers_home / "postgres.log").open("wb")
    process = subprocess.Popen(
        server.argv(port), cwd="/", stdout=log, stderr=log, start_new_session=True, **server.account.popen_options()
    )
    url = server.url(port)
    try:
        _until(lambda: accepts_connections(url), process, servers_home / "postgres.log")
        yield url
    finally:
        process.send_signal(2)  # SIGINT: fast shutdown, does not wait for forgotten connections
        _finish(process)
        log.close()


@pytest.fixture(scope="session")
def redis_url(servers_home: Path) -> Iterator[str]:
    """URL of a Valkey started once for the session."""
    server = prepare_valkey(servers_home, "test-redis-password")
    port = free_port()
    log = (servers_home / "valkey.log").open("wb")
    process = subprocess.Popen(server.argv(port), stdout=log, stderr=log, start_new_session=True)
    try:
        _until(lambda: server.answers(port), process, servers_home / "valkey.log")
        yield server.url(port)
    finally:
        process.terminate()
        _finish(process)
        log.close()


def _until(healthy: Callable[[], bool], process: "subprocess.Popen[bytes]", log: Path, timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not healthy():
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"{process.args} did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


def _finish(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
