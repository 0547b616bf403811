"""Stops queries that take too long, and names what DuckDB raises when it runs out of time or memory."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from api.published.problems import QueryTimeout, QueryTooLarge
from orchestration.resources.publishing import PublishedReader


@contextmanager
def stopped_after(reader: PublishedReader, timeout_s: float) -> Iterator[None]:
    """A block whose queries on the reader are interrupted at its deadline.

    Raises:
        QueryTimeout, QueryTooLarge: see there.
    """
    expired = threading.Event()
    done = threading.Lock()

    def stop() -> None:
        with done:
            if not expired.is_set():
                expired.set()
                reader.interrupt()

    watch = threading.Timer(timeout_s, stop)
    watch.daemon = True
    watch.start()
    try:
        yield
    except duckdb.InterruptException as error:
        if expired.is_set():
            raise QueryTimeout from error
        raise
    except duckdb.OutOfMemoryException as error:
        raise QueryTooLarge from error
    finally:
        watch.cancel()
        with done:
            expired.set()  # nobody interrupts the next user of the connection
