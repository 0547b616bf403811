"""Keeps httpx from logging requests whose URLs are secrets or may hold one, as it logs every request's."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


class _WithoutQuiet(logging.Filter):
    def filter(self, _: logging.LogRecord) -> bool:
        return not _quiet.get()


logging.getLogger("httpx").addFilter(_WithoutQuiet())


@contextmanager
def unlogged() -> Iterator[None]:
    """Requests made in this block are not logged."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)
