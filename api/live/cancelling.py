"""The end of tasks that wait for Redis: its client may forget a cancellation that meets an answer just arriving."""

import asyncio
from collections.abc import Iterable

_AGAIN_S = 0.1


async def cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel until they are over."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_AGAIN_S)
