"""Runs Dagster's daemon while holding a lock in Dagster's own database: exactly one daemon serves one storage.

A second daemon launches every run twice, which shows only as green runs marked failed. This waits instead, and takes
over when the other is gone. Usage: `python -m orchestration.embedded.single_daemon COMMAND...`
"""

import os
import signal
import subprocess
import sys
import time

import psycopg2
from psycopg2.extensions import connection as Connection

from orchestration.embedded.parent import die_with_parent

_LOCK = 7_305_118_264_903_151  # arbitrary; the same in every installation
_CHECK_INTERVAL_S = 2.0


def main() -> int:
    """Lock, run the command, end with it; end it when the lock is lost."""
    # Whoever started us may have these blocked, and a blocked signal is inherited: neither we nor the daemon would end.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
    lock = _take_lock(os.environ["AUTONOMOS_DAGSTER_URL"].replace("postgresql+psycopg2://", "postgresql://", 1))
    # Same process group as ours: whoever kills the group gets both.
    daemon = subprocess.Popen(sys.argv[1:], preexec_fn=lambda: die_with_parent(signal.SIGTERM))  # noqa: PLW1509
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: daemon.terminate())
    while True:
        try:
            return daemon.wait(_CHECK_INTERVAL_S)
        except subprocess.TimeoutExpired:
            if not _holds(lock):
                sys.stderr.write("the lock on Dagster's storage is lost (Postgres restarted?): the daemon stops\n")
                return _stop(daemon)


def _take_lock(dsn: str) -> Connection:
    lock = psycopg2.connect(dsn, application_name="autonomos daemon lock", keepalives_idle=5, keepalives_interval=2)
    lock.autocommit = True
    waiting = False
    while not _locked(lock):
        if not waiting:
            sys.stderr.write("another daemon serves this storage: waiting for it to end\n")
            waiting = True
        time.sleep(_CHECK_INTERVAL_S)
    return lock


def _locked(lock: Connection) -> bool:
    with lock.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))
        row = cursor.fetchone()
    return bool(row and row[0])


def _holds(lock: Connection) -> bool:
    try:
        with lock.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error:
        return False
    return True


def _stop(daemon: "subprocess.Popen[bytes]") -> int:
    daemon.terminate()
    try:
        daemon.wait(10)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()
    return 1


if __name__ == "__main__":
    sys.exit(main())
