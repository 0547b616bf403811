"""The arithmetic of sweeps: cursors that rotate fairly, budgets, how many requests may be under way. No I/O."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DueCursor:
    """The last due connection a sweep has dealt with; None at the start of a round."""

    place: tuple[datetime, UUID] | None = None

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """Back from `serialize`; anything unreadable starts a new round."""
        try:
            due_at, connection_id = json.loads(text or "")
            return cls((datetime.fromisoformat(due_at), UUID(connection_id)))
        except (ValueError, TypeError):
            return cls()

    def serialize(self) -> str:
        return json.dumps(self.place and [self.place[0].isoformat(), str(self.place[1])])

    def after(self, page: list[tuple[datetime, UUID]], page_size: int) -> Self:
        """Where the next page starts: behind this one, or at the beginning when this was the last."""
        return type(self)(page[-1] if len(page) >= page_size else None)


@dataclass(frozen=True, slots=True)
class ChangeCursor:
    """The change numbers up to which partitions were registered."""

    connections: int = 0
    tenants: int = 0

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """Back from `serialize`; anything unreadable registers everything again, which is harmless."""
        try:
            connections, tenants = json.loads(text or "")
            return cls(int(connections), int(tenants))
        except (ValueError, TypeError):
            return cls()

    def serialize(self) -> str:
        return json.dumps([self.connections, self.tenants])


@dataclass(frozen=True, slots=True)
class Budget:
    """How long and how much one tick may work."""

    seconds: float
    requests: int

    def is_spent(self, elapsed_s: float, requested: int) -> bool:
        """True once either is used up."""
        return elapsed_s >= self.seconds or requested >= self.requests


def room_left(active: int, workers: int) -> int:
    """How many more runs may be asked for: enough to keep the workers busy, few enough to keep the queue fair.

    What waits in the control plane is ordered by who waits; what waits in Dagster's queue no longer is.
    """
    return max(0, max(16, 8 * workers) - active)


def last_of_each(changes: Iterable[tuple[str, bool]]) -> tuple[list[str], list[str]]:
    """Partition keys to add and to delete, given (key, deleted) in order of change: the last word counts."""
    final: dict[str, bool] = {}
    for key, deleted in changes:
        final[key] = deleted
    return [key for key, deleted in final.items() if not deleted], [key for key, deleted in final.items() if deleted]


def sweep_pages(
    read: Callable[[DueCursor], list[tuple[datetime, UUID]]],
    cursor: DueCursor,
    page_size: int,
    budget: Budget,
    clock: Callable[[], float],
) -> tuple[DueCursor, int]:
    """Deal with page after page until the round or the budget ends. Returns where to go on, and how many were due.

    `read` deals with the page behind the cursor and returns its places. A full round is at most one visit to each.
    """
    started, requested = clock(), 0
    while True:
        page = read(cursor)
        requested += len(page)
        cursor = cursor.after(page, page_size) if page else DueCursor()
        if cursor.place is None or budget.is_spent(clock() - started, requested):
            return cursor, requested
