"""Places in a tenant's stream: the ids of its entries, `milliseconds-sequence`, in the order they were told."""

import re
from datetime import UTC, datetime

Place = tuple[int, int]
BEGINNING: Place = (0, 0)
LONGEST_ID = 41  # two numbers of 64 bits and the dash

_ID = re.compile(r"(\d{1,20})-(\d{1,20})")
_MOST = 2**64 - 1
_LATEST_S = 253_402_300_799  # the end of the year 9999


def parse_place(text: str) -> Place | None:
    """The place an id names, None for what is no id."""
    found = _ID.fullmatch(text) if text.isascii() else None
    if found is None:
        return None
    place = int(found[1]), int(found[2])
    return place if max(place) <= _MOST else None


def place_of(entry_id: bytes) -> Place:
    """The place of an entry that Redis gave."""
    milliseconds, _, sequence = entry_id.partition(b"-")
    return int(milliseconds), int(sequence)


def id_of(place: Place) -> str:
    """The id of a place."""
    return f"{place[0]}-{place[1]}"


def told_at(place: Place) -> datetime:
    """When the entry was written, by Redis's clock; of a place that no clock gave, the nearest time there is."""
    return datetime.fromtimestamp(min(place[0] / 1000, _LATEST_S), UTC)
