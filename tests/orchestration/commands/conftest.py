"""A home with real stores that run for all modules, emptied after each, and the command line run on it."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import redis

from orchestration.cli import main
from orchestration.commands.access import Access, connect_control_plane
from orchestration.control_plane.passwords import hash_password
from orchestration.control_plane.provisioning import OWNER, provision
from orchestration.embedded.processes import STORES
from orchestration.embedded.stack import Stack
from orchestration.resources.secrets import load_secrets
from orchestration.resources.settings import Settings, load_settings
from tests.orchestration.control_plane.databases import statement
from tests.server_folders import server_folder


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Its JSON document: all of stdout, or the test fails."""
        return json.loads(self.out)


Run = Callable[..., Answer]


@contextmanager
def new_home() -> Iterator[Path]:
    """A folder for AUTONOMOS_HOME; not below pytest's own folder, which Postgres' account cannot enter."""
    folder = server_folder("autonomos-cli-")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def commands_in(home: Path) -> Iterator[None]:
    """Commands that are run in the block have this home."""
    before = os.environ.get("AUTONOMOS_HOME")
    os.environ["AUTONOMOS_HOME"] = str(home)
    yield
    if before is None:
        del os.environ["AUTONOMOS_HOME"]
    else:
        os.environ["AUTONOMOS_HOME"] = before


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """AUTONOMOS_HOME for the module: nothing is in it and nothing runs, unless the module asks for `access`."""
    with new_home() as folder, commands_in(folder):
        yield folder


@dataclass(frozen=True)
class Stores:
    """Servers that run, and what tells which files and rows came after their start."""

    settings: Settings
    files: frozenset[Path]

    @classmethod
    def of(cls, settings: Settings) -> "Stores":
        statement(settings.admin_url, "CREATE DATABASE pristine TEMPLATE autonomos")
        return cls(settings, frozenset(settings.home.iterdir()))

    def empty(self) -> None:
        """Databases, Valkey and home are again as they were after the start."""
        admin_url = self.settings.admin_url
        for name in ("autonomos", "lake"):
            statement(admin_url, f"DROP DATABASE {name} WITH (FORCE)")
        statement(admin_url, f"CREATE DATABASE autonomos TEMPLATE pristine OWNER {OWNER}")
        provision(admin_url, load_secrets(self.settings.home))  # makes the lake's, and says who may connect
        with redis.Redis.from_url(self.settings.redis_url) as client:
            client.flushall()
        for path in set(self.settings.home.iterdir()) - self.files:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.fixture(scope="session")
def stores() -> Iterator[Stores]:
    """Started once, by the first module that needs them."""
    with new_home() as folder:
        stack = Stack(load_settings(folder))
        try:
            stack.start(STORES, "tests")
            stack.wait_ready()
            yield Stores.of(stack.settings)
        finally:
            stack.stop()


@pytest.fixture(scope="module")
def access(home: Path, stores: Stores) -> Iterator[Access]:
    """The control plane on stores that keep running, so that every command finds them, and nothing in it yet."""
    with commands_in(stores.settings.home):
        opened = Access(stores.settings, connect_control_plane(stores.settings))
        yield opened
        opened.control_plane.dispose()
        stores.empty()


@pytest.fixture(scope="module")
def tenant_id(access: Access) -> UUID:
    """Tenant "Brindlecove"."""
    with access.control_plane.operator_session() as session:
        return session.create_tenant("Brindlecove", "owner@brindlecove.example", hash_password("a long password")).id


@pytest.fixture
def run(home: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run one command line in this process."""

    def run_command(*arguments: str) -> Answer:
        capfd.readouterr()
        status = main(list(arguments))
        captured = capfd.readouterr()
        return Answer(status, captured.out, captured.err)

    return run_command
