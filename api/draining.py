"""The end of a process, announced: readiness says no, open streams say goodbye, requests that run finish.

Used on the event loop alone.
"""

import asyncio


class Draining:
    """Begins once and does not end."""

    def __init__(self) -> None:
        self._begun = asyncio.Event()

    @property
    def is_on(self) -> bool:
        """Whether this process is about to end."""
        return self._begun.is_set()

    def begin(self) -> None:
        """Tell everybody who asks or waits."""
        self._begun.set()

    async def wait(self) -> None:
        """Return when it has begun: a stream then sends its last event and ends."""
        await self._begun.wait()
