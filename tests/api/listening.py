"""A listener to events as a browser is one: reads frames of a stream over a socket, with a deadline for each."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass(frozen=True)
class Frame:
    """`name` is "message" for an event; `id` the last id that the stream gave."""

    name: str
    id: str
    data: dict[str, Any]


@dataclass
class Listener:
    """`last_id` is what a browser would come back with."""

    lines: Iterator[str]
    last_id: str = ""
    beats: int = 0
    seen: list[Frame] = field(default_factory=list)

    def frames(self) -> Iterator[Frame]:
        """Frames as they come; ends with the stream."""
        name, data = "message", ""
        for line in self.lines:
            if line.startswith("id: "):
                self.last_id = line[4:]
            elif line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                data = line[6:]
            elif line.startswith(":"):
                self.beats += 1
            elif not line and data:
                frame = Frame(name, self.last_id, json.loads(data))
                self.seen.append(frame)
                yield frame
                name, data = "message", ""

    def take(self, count: int) -> list[Frame]:
        """The next so many; an httpx.ReadTimeout when they do not come."""
        frames = self.frames()
        return [next(frames) for _ in range(count)]

    def numbers(self, count: int) -> list[int]:
        """What `told` told next."""
        return [frame.data["data"]["number"] for frame in self.take(count)]


@contextmanager
def listening(
    base_url: str, headers: dict[str, str] | None = None, timeout_s: float = 10, **params: str
) -> Iterator[Listener]:
    """An open stream; asserts that it began."""
    last_id = params.pop("last_event_id", None)
    sent = {**(headers or {}), **({"Last-Event-ID": last_id} if last_id else {})}
    with (
        httpx.Client(base_url=base_url, timeout=timeout_s) as client,
        client.stream("GET", "/api/v1/events/stream", params=params, headers=sent) as answer,
    ):
        assert answer.status_code == 200, (answer.status_code, answer.read())
        lines = answer.iter_lines()
        assert next(lines).startswith("retry:")
        yield Listener(lines)
