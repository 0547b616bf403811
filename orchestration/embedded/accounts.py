"""The account Postgres runs under when we are root, and the folders that account can reach.

Postgres refuses to run as root. Nobody's folder permissions are loosened to make room for it: where the account
cannot reach the home, data and (if need be) a copy of the binaries live under /var/lib/autonomos.
"""

import hashlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.embedded.errors import ServerUnavailable

SHARED_ROOT = Path("/var/lib/autonomos")
# Existing accounts only, the most fitting first: an installation should not add users to a machine.
_CANDIDATES = ("postgres", "nobody", "daemon")


@dataclass(frozen=True)
class Account:
    """Who a server runs as; uid None means: as we are."""

    uid: int | None = None
    gid: int | None = None

    def popen_options(self) -> dict[str, Any]:
        """Keyword arguments for subprocess that make the child run as this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can(self, *command: str) -> bool:
        """Whether a command succeeds as this account."""
        options = self.popen_options()
        try:
            done = subprocess.run(command, cwd="/", capture_output=True, check=False, timeout=30, **options)
        except (OSError, subprocess.SubprocessError):
            return False
        return done.returncode == 0

    def reaches(self, folder: Path) -> bool:
        """Whether the account may pass through a folder (and so use what belongs to it inside)."""
        return self.uid is None or self.can("/bin/sh", "-c", 'test -x "$0"', str(folder))

    def own(self, folder: Path) -> None:
        """Create a folder, if absent, that belongs to the account alone."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)


def server_account() -> Account:
    """Ourselves, or as root an existing unprivileged account.

    Raises:
        ServerUnavailable: root without any account to step down to (a container with a single uid).
    """
    if os.geteuid() != 0:
        return Account()
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        account = Account(entry.pw_uid, entry.pw_gid)
        if account.can("/bin/sh", "-c", "exit 0"):
            return account
    raise ServerUnavailable(
        "Postgres does not run as root and this machine has no account to run it as (tried "
        f"{', '.join(_CANDIDATES)}): start as a plain user, or set DATABASE_URL to a Postgres of your own"
    )


def reachable_folder(home: Path, account: Account) -> Path:
    """The home itself where the account can reach it, else a folder of this home's own under /var/lib/autonomos."""
    if account.reaches(home):
        return home
    digest = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
    folder = SHARED_ROOT / digest
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    for made in (SHARED_ROOT, folder):
        made.chmod(0o755)
    return folder
