"""What was told before, page by page, from the same stream that live events come from."""

from dataclasses import dataclass
from uuid import UUID

from api.live.asked import is_wanted
from api.live.frames import Event, Notice
from api.live.places import BEGINNING, Place
from api.live.reading import PAGE, StreamReader


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """`further` is the place to go on from, None at the end."""

    events: list[Event]
    further: Place | None
    kept_since: Place | None
    gap: Notice | None


async def newest_first(
    reader: StreamReader, tenant_id: UUID, before: Place | None, kinds: tuple[str, ...], limit: int
) -> HistoryPage:
    """Events before a place, or from the newest on."""
    ends = await reader.ends(tenant_id)
    found: list[Event] = []
    place = before
    while True:
        page = await reader.before(tenant_id, place, PAGE)
        for event in page:
            place = event.place
            if is_wanted(event.kind, kinds):
                found.append(event)
                if len(found) == limit:
                    is_last = ends is None or place <= ends[0]
                    return HistoryPage(found, None if is_last else place, ends and ends[0], None)
        if len(page) < PAGE:
            return HistoryPage(found, None, ends and ends[0], None)


async def oldest_first(
    reader: StreamReader, tenant_id: UUID, after: Place, kinds: tuple[str, ...], limit: int
) -> HistoryPage:
    """Events behind a place, with the gap there is."""
    ends = await reader.ends(tenant_id)
    place, missing = (BEGINNING, None) if after == BEGINNING else await reader.resume(tenant_id, after)
    found: list[Event] = []
    while True:
        page = await reader.after(tenant_id, place or BEGINNING, PAGE)
        for event in page:
            place = event.place
            if is_wanted(event.kind, kinds):
                found.append(event)
                if len(found) == limit:
                    return HistoryPage(found, place, ends and ends[0], missing)
        if len(page) < PAGE:
            return HistoryPage(found, None, ends and ends[0], missing)
