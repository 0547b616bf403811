"""Answered pages, kept as the bytes that were sent: a published snapshot cannot change, so neither can they.

Bounded by bytes, least recently used first out. A key holds the tenant, and nobody is answered before they are known.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

_OVERHEAD_BYTES = 500  # of an entry beside its body
_LARGEST_SHARE = 8  # one page takes no more of the cache than this part of it


@dataclass(frozen=True, slots=True)
class AnsweredPage:
    """The body of an answer and its entity tag."""

    body: bytes
    tag: str


class PageCache:
    """Pages by key; safe to share between threads."""

    def __init__(self, size_bytes: int) -> None:
        self._size_bytes = size_bytes
        self._used_bytes = 0
        self._lock = threading.Lock()
        self._pages: OrderedDict[Hashable, AnsweredPage] = OrderedDict()

    def get(self, key: Hashable) -> AnsweredPage | None:
        """The page, if it is kept."""
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def keep(self, key: Hashable, page: AnsweredPage) -> None:
        """Keep the page, in place of those used longest ago."""
        cost = _cost(page)
        if cost * _LARGEST_SHARE > self._size_bytes:
            return
        with self._lock:
            before = self._pages.pop(key, None)
            self._pages[key] = page
            self._used_bytes += cost - (_cost(before) if before else 0)
            while self._used_bytes > self._size_bytes:
                self._used_bytes -= _cost(self._pages.popitem(last=False)[1])


def _cost(page: AnsweredPage) -> int:
    return len(page.body) + _OVERHEAD_BYTES
