"""What goes over the wire: an event is encoded once, however many hear it; as SSE and as the text of a WebSocket.

Every frame is one JSON object. Over SSE an event is a plain message with its id; `gap` and `closing` are named events.
Over a WebSocket the same object has a `type`: event, gap, closing or ping.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

import orjson

from api.live.places import Place, id_of, told_at

GapReason = Literal["not_kept", "lost"]
ClosingReason = Literal["shutting_down", "unauthenticated", "forbidden", "unavailable"]
OPENING = b"retry: 2000\n\n"


class Event:
    """One entry of a tenant's stream."""

    def __init__(self, place: Place, fields: Mapping[bytes, bytes]) -> None:
        # Told before times were: the place knows it as well.
        self._fields = {b"at": told_at(place).isoformat(timespec="milliseconds").encode(), **fields}
        self.place = place
        self.kind = fields[b"kind"].decode()

    @property
    def shown(self) -> dict[str, Any]:
        """As JSON, with the data as it was written."""
        trace_id, actor = (self._fields.get(name) for name in (b"trace_id", b"actor"))
        return {
            "id": id_of(self.place), "kind": self.kind, "at": self._fields[b"at"].decode(),
            "trace_id": trace_id and trace_id.decode(), "actor": actor and actor.decode(),
            "data": orjson.Fragment(self._fields[b"data"]),
        }  # fmt: skip

    @cached_property
    def sse(self) -> bytes:
        """The frame of an event stream."""
        return b"id: %s\ndata: %s\n\n" % (id_of(self.place).encode(), orjson.dumps(self.shown))

    @cached_property
    def text(self) -> str:
        """The message of a WebSocket."""
        return orjson.dumps({"type": "event", **self.shown}).decode()

    @property
    def data(self) -> Any:
        """What was written with it."""
        return orjson.loads(self._fields[b"data"])


class Notice:
    """A frame that is no event: it says something of the stream itself and has no place in it."""

    place: Place | None = None

    def __init__(self, name: Literal["gap", "closing"], about: Mapping[str, Any]) -> None:
        self.name = name
        self.about = about
        self.sse = b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(about))
        self.text = orjson.dumps({"type": name, **about}).decode()


def gap(after: Place, until: Place | None, reason: GapReason) -> Notice:
    """Events between two places are not told: `until` is the oldest that still can be, null when there is none."""
    return Notice("gap", {"from": id_of(after), "to": until and id_of(until), "reason": reason})


def closing(reason: ClosingReason) -> Notice:
    """The last frame. Whoever was shut out for no reason of theirs comes back with the last id."""
    return Notice("closing", {"reason": reason})


class Heartbeat:
    """Says that the stream lives and how far it is, also where a filter let nothing through for long."""

    place: Place | None = None

    def __init__(self, reached: Place) -> None:
        reached_id = id_of(reached)
        self.sse = f": here\nid: {reached_id}\n\n".encode()
        self.text = f'{{"type":"ping","reached":"{reached_id}"}}'


Frame = Event | Notice | Heartbeat
