"""One short READ ONLY transaction on a customer's database, set up to stand in nobody's way.

Settings are made for the transaction only: behind a transaction pooler a session's settings would be somebody else's.
"""

import os
import socket
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg2

from connectors.errors import Timeout
from connectors.supabase.database_errors import database_error

T = TypeVar("T")
# Whoever waits for a lock makes everybody wait who comes after: rather give up soon and come back.
_LOCK_WAIT_S = 5.0
_BEGIN = """
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL statement_timeout = {statement_ms};
SET LOCAL lock_timeout = {lock_ms};
SET LOCAL idle_in_transaction_session_timeout = {statement_ms};
SET LOCAL TimeZone = 'UTC';
SET LOCAL DateStyle = 'ISO';
SET LOCAL IntervalStyle = 'postgres';
SET LOCAL bytea_output = 'hex';
SET LOCAL extra_float_digits = 1
"""


def in_transaction(connection: Any, timeout_s: float, ask: Callable[[Any], T], stream: str | None) -> T:
    """What `ask` returns, in a transaction that is over afterwards. After an error the connection is to be closed.

    Raises:
        Timeout: it took longer than `timeout_s`, or somebody else held the table locked.
        ColumnsChanged, ConnectorError: the database refused.
    """
    overdue = threading.Event()
    # The server stops by itself; where it is the server that is stuck, the line is cut.
    watch = threading.Timer(timeout_s + 1, _cut, (connection, overdue))
    watch.daemon = True
    watch.start()
    try:
        with connection.cursor() as cursor:
            cursor.execute(_beginning(timeout_s))
            result = ask(cursor)
            cursor.execute("COMMIT")
            return result
    except psycopg2.Error as error:
        if overdue.is_set():
            raise Timeout(
                "The database did not answer in time.", stream=stream, hint="It is tried again later."
            ) from None
        raise database_error(error, stream) from None
    finally:
        watch.cancel()


def _beginning(timeout_s: float) -> str:
    """One message for all of it: every round trip makes the transaction longer."""
    statement_ms = max(1, int(timeout_s * 1000))
    lock_ms = max(1, int(min(timeout_s / 2, _LOCK_WAIT_S) * 1000))
    return _BEGIN.format(statement_ms=statement_ms, lock_ms=lock_ms)


def _cut(connection: Any, overdue: threading.Event) -> None:
    overdue.set()
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
    except (OSError, psycopg2.Error):
        return  # closed meanwhile
