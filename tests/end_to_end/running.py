"""The whole stack in a home of its own, and the command line run in that home. Knows no source and no record."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orchestration.embedded.stack import Stack
from orchestration.resources.settings import REPOSITORY, Settings, load_settings

LOOPBACK = "127.0.0.1"


@contextmanager
def running_stack(home: Path, allow: Iterable[str] = ()) -> Iterator[Settings]:
    """Everything runs until the block ends. `allow`: internal addresses that sources may have."""
    with pytest.MonkeyPatch.context() as environment:
        # Given to what the stack starts; not left in the environment, where other tests run while a shared stack does.
        environment.setenv("AUTONOMOS_OUTBOUND_ALLOW", ",".join(allow))
        stack = Stack(load_settings(home))
    stack.start(purpose="test")
    try:
        stack.wait_ready(timeout_s=240)
        yield stack.settings
    finally:
        stack.stop()


class Commands:
    """Runs the command line in the test's home, and keeps everything it printed."""

    def __init__(self, home: Path, allow: Iterable[str] = ()) -> None:
        self._environment = os.environ | {"AUTONOMOS_HOME": str(home), "AUTONOMOS_OUTBOUND_ALLOW": ",".join(allow)}
        self.shown: list[str] = []

    def run(self, *arguments: str, typed: str | None = None) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [sys.executable, "-m", "orchestration.cli", *arguments],
            env=self._environment,
            cwd=REPOSITORY,
            input=typed,
            capture_output=True,
            text=True,
            timeout=240,
        )
        self.shown += [done.stdout, done.stderr]
        return done

    def succeed(self, *arguments: str, typed: str | None = None) -> str:
        """What it printed."""
        done = self.run(*arguments, typed=typed)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fail(self, *arguments: str) -> None:
        done = self.run(*arguments)
        assert done.returncode != 0, done.stdout
