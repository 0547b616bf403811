"""The stages of a run as dashboards see them: that one began, how it ended, what it counted and how long it took."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Tell = Callable[[str, Mapping[str, Any]], None]


@contextmanager
def told_stage(tell: Tell, stage: str, **about: Any) -> Iterator[dict[str, Any]]:
    """Tell of the block as a stage; what the block puts into the dictionary is told at its end."""
    started = time.monotonic()
    counts: dict[str, Any] = {}
    tell("stage.started", {"stage": stage, **about})

    def ended(how: str, **more: Any) -> None:
        seconds = round(time.monotonic() - started, 3)
        tell(f"stage.{how}", {"stage": stage, **about, **counts, "seconds": seconds, **more})

    try:
        yield counts
    except BaseException as error:
        # The code alone: what an error says is for the run's log, and in words for the tenant once the run has ended.
        ended("failed", reason=getattr(error, "code", None))
        raise
    ended("finished")
