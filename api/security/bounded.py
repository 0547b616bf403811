"""A dictionary that forgets what was not asked for longest, so that strangers cannot fill the memory."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class Bounded(Generic[KeyT, ValueT]):
    """Safe to share between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[KeyT, ValueT] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, key: KeyT) -> ValueT | None:
        """What was put under that key, if it is still there."""
        with self._turn:
            value = self._kept.get(key)
            if value is not None:
                self._kept.move_to_end(key)
            return value

    def put(self, key: KeyT, value: ValueT) -> None:
        """Keep it, and drop the oldest where there are too many."""
        with self._turn:
            self._kept[key] = value
            self._kept.move_to_end(key)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def drop(self, which: Callable[[ValueT], bool]) -> None:
        """Forget the values for which that is true."""
        with self._turn:
            for key in [key for key, value in self._kept.items() if which(value)]:
                del self._kept[key]
