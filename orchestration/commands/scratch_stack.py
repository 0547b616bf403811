"""Servers of a command's own, in a home that is removed with everything in it when the command ends."""

import os
import shutil
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.commands.output import Output

if TYPE_CHECKING:
    from orchestration.embedded.stack import Stack

_SCRATCH_HOME = "AUTONOMOS_SCRATCH_HOME"


@contextmanager
def scratch_stack(output: Output, purpose: str, processes: Collection[str]) -> "Iterator[tuple[Stack, Path]]":
    """Servers in a home under the usual one, and a folder for data; both go when the block ends."""
    if _SCRATCH_HOME not in os.environ:
        _again_in_scratch_home(purpose)
    from orchestration.commands.access import running_stack

    home = Path(os.environ["AUTONOMOS_HOME"])
    folder = home / "scratch-data"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        with running_stack(output, purpose, processes) as stack:
            yield stack, folder
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _again_in_scratch_home(purpose: str) -> None:
    """Start over in this process's place with a home of its own and no server of the user's."""
    from orchestration.resources.settings import load_settings

    home = load_settings().home / f"{purpose.replace(' ', '-')}-{os.getpid()}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AUTONOMOS_")}
    for name in ("DATABASE_URL", "REDIS_URL"):
        kept.pop(name, None)
    kept |= {"AUTONOMOS_HOME": str(home), _SCRATCH_HOME: "1"}
    os.execve(sys.executable, [sys.executable, "-m", "orchestration.cli", *sys.argv[1:]], kept)  # noqa: S606 - ourselves
