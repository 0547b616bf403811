"""Embedded Postgres 18 with pgvector: its binaries, its data folder, its command line.

The wheel's own `get_server()` is not used: it trusts every local connection and adds users to the machine.
Here: scram passwords, TCP on loopback only, no unix socket, durable settings.
"""

import hashlib
import logging
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg2

from orchestration.embedded.accounts import Account, reachable_folder, server_account
from orchestration.embedded.errors import StartFailed
from orchestration.embedded.postgres_binaries import reachable_binaries

ADMIN_ROLE = "postgres"
_OWNER = "postgres.owner"
logger = logging.getLogger(__name__)
# Small enough for a machine that also runs everything else; fsync and synchronous_commit stay as Postgres ships them.
_TUNING = {
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "max_connections": "200",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "10min",
    "jit": "off",
    "max_worker_processes": "4",
    "max_parallel_workers_per_gather": "0",
    "random_page_cost": "1.1",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "password_encryption": "scram-sha-256",
    # A statement may carry a tenant's values; the server log is read by the operator.
    "log_min_error_statement": "panic",
    "log_line_prefix": "%m [%p] ",
}


@dataclass(frozen=True)
class Postgres:
    """One cluster on disk, ready to be started."""

    binaries: Path
    data: Path
    account: Account
    password: str = field(repr=False)
    overrides: dict[str, str] = field(default_factory=dict)

    def argv(self, port: int) -> list[str]:
        """The server's command line; settings ride on it so that an old data folder gets today's tuning."""
        settings = _TUNING | {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
        }
        flags = [f"--{name}={value}" for name, value in (settings | self.overrides).items()]
        return [str(self.binaries / "postgres"), "-D", str(self.data), *flags]

    def url(self, port: int, database: str = "postgres") -> str:
        """SQLAlchemy URL of the superuser."""
        return role_url(ADMIN_ROLE, self.password, port, database)


def role_url(role: str, password: str, port: int, database: str) -> str:
    """SQLAlchemy URL of a role on the embedded server."""
    return f"postgresql+psycopg2://{role}:{quote(password, safe='')}@127.0.0.1:{port}/{database}"


def prepare_postgres(home: Path, password: str, overrides: dict[str, str] | None = None) -> Postgres:
    """Find binaries and make the data folder when there is none yet (about 2 s, once).

    Raises:
        ServerUnavailable: no Postgres for this machine.
        StartFailed: the data folder could not be made.
    """
    account = server_account()
    binaries = reachable_binaries(account)
    root = reachable_folder(home, account)
    server = Postgres(binaries, root / "postgres", account, password, overrides or {})
    _put_aside_foreign_cluster(server, root)
    if not (server.data / "PG_VERSION").exists():
        _initialise(server, root)
        (root / _OWNER).write_text(_digest(password))
    return server


def _put_aside_foreign_cluster(server: Postgres, root: Path) -> None:
    """Move a cluster away that an earlier home at this path left behind; that home took its password along.

    Only a data folder outside the home can outlive it. Nothing is deleted: its owner may still want the data.
    """
    mark = root / _OWNER
    if not server.data.exists() or not mark.exists() or mark.read_text() == _digest(server.password):
        return
    aside = root / f"postgres.of-removed-home-{int(time.time())}"
    server.data.rename(aside)
    logger.warning("the data of a removed home at the same path is kept in %s; delete it if nobody needs it", aside)


def _digest(password: str) -> str:
    """Tells one home's cluster from another's; of a random password, so that it gives nothing away."""
    return hashlib.sha256(password.encode()).hexdigest()


def accepts_connections(url: str, timeout_s: float = 2.0) -> bool:
    """Whether a Postgres answers a query at this URL."""
    try:
        with connection(url, timeout_s) as opened, opened.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error:
        return False
    return True


@contextmanager
def connection(url: str, timeout_s: float = 2.0) -> Iterator["psycopg2.extensions.connection"]:
    """A short-lived autocommit connection; accepts SQLAlchemy's spelling of the URL."""
    dsn = url.replace("postgresql+psycopg2://", "postgresql://", 1)
    opened = psycopg2.connect(dsn, connect_timeout=max(1, int(timeout_s)))
    opened.autocommit = True
    try:
        yield opened
    finally:
        opened.close()


def _initialise(server: Postgres, root: Path) -> None:
    """initdb into a draft folder, renamed when whole: an interrupted first start leaves no half cluster."""
    draft = root / "postgres.new"
    if draft.exists():
        shutil.rmtree(draft)
    server.account.own(draft)
    reader, writer = os.pipe()
    os.write(writer, server.password.encode() + b"\n")
    os.close(writer)
    if server.account.uid is not None:
        os.fchown(reader, server.account.uid, -1)  # initdb opens it anew under its own account
    try:
        # The password goes through a pipe: never in argv, never in a file that others might read.
        done = subprocess.run(
            [
                str(server.binaries / "initdb"),
                f"--pgdata={draft}",
                f"--username={ADMIN_ROLE}",
                "--auth=scram-sha-256",
                f"--pwfile=/dev/fd/{reader}",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--locale=C.UTF-8",
                "--no-instructions",
            ],
            pass_fds=(reader,),
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **server.account.popen_options(),
        )
    finally:
        os.close(reader)
    if done.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise StartFailed(f"Postgres could not make its data folder {server.data}: {done.stderr.strip()[-400:]}")
    draft.replace(server.data)
