"""What a reader of events asks for: from which place on, and which kinds. Texts of a caller, checked."""

from api.live.places import Place, parse_place
from api.problems import Invalid
from orchestration.resources.event_kinds import EVENT_KINDS

_THINGS = frozenset(kind.partition(".")[0] for kind in EVENT_KINDS)


def place_asked(text: str | None) -> Place | None:
    """The place of an id. Raises Invalid for what is no id."""
    if not text:
        return None
    place = parse_place(text)
    if place is None:
        raise Invalid("That is no id of an event.")
    return place


def kinds_asked(text: str | None) -> tuple[str, ...]:
    """Kinds, and things of which every kind is wanted; none for all. Raises Invalid for one that cannot happen."""
    wanted = tuple(dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip()))
    if any(part not in _THINGS and part not in EVENT_KINDS for part in wanted):
        raise Invalid("There is no such kind of event; `GET /api/v1/events/kinds` lists them.")
    return wanted


def is_wanted(kind: str, wanted: tuple[str, ...]) -> bool:
    """Whether an event of that kind was asked for."""
    return not wanted or kind in wanted or kind.partition(".")[0] in wanted
