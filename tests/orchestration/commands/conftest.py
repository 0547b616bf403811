"""A home of its own with real stores that run for the length of a test module, and the command line run on it."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from orchestration.cli import main
from orchestration.commands.access import Access, connect_control_plane
from orchestration.control_plane.passwords import hash_password
from orchestration.embedded.processes import STORES
from orchestration.embedded.stack import Stack
from orchestration.resources.settings import load_settings


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


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """AUTONOMOS_HOME for the module; not below pytest's own folder, which Postgres' account cannot enter."""
    folder = Path(tempfile.mkdtemp(prefix="autonomos-cli-"))
    folder.chmod(0o711)
    before = os.environ.get("AUTONOMOS_HOME")
    os.environ["AUTONOMOS_HOME"] = str(folder)
    yield folder
    if before is None:
        del os.environ["AUTONOMOS_HOME"]
    else:
        os.environ["AUTONOMOS_HOME"] = before
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def access(home: Path) -> Iterator[Access]:
    """The control plane on stores that keep running, so that every command finds them."""
    stack = Stack(load_settings(home))
    try:
        stack.start(STORES, "tests")
        stack.wait_ready()
        opened = Access(stack.settings, connect_control_plane(stack.settings))
        yield opened
        opened.control_plane.dispose()
    finally:
        stack.stop()


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
