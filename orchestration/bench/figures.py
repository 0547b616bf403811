"""A measured figure, the baseline it stands beside, and the limit it is held to."""

import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a bench. `limit` bounds the ratio to the baseline where there is one, else the value itself."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    baseline_name: str = ""
    limit: float | None = None
    at_least: bool = False

    @property
    def ratio(self) -> float | None:
        """Value over baseline."""
        return None if not self.baseline else self.value / self.baseline

    @property
    def holds(self) -> bool:
        """Whether the figure keeps its limit; True where there is none."""
        if self.limit is None:
            return True
        measured = self.value if self.ratio is None else self.ratio
        return measured >= self.limit if self.at_least else measured <= self.limit

    def as_json(self) -> dict[str, Any]:
        """The figure with its ratio."""
        return asdict(self) | {"ratio": self.ratio, "holds": self.holds}


class Stopwatch:
    """Seconds of named steps, in the order they were taken."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a block; a repeated name adds up."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started


def in_fresh_process(work: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """What `work` returns, and the peak memory in bytes of the process that did it alone.

    Raises:
        RuntimeError: the process failed; its own words are in the message.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_report, args=(sender, work, arguments))
    process.start()
    sender.close()
    try:
        outcome = receiver.recv()
    except EOFError:
        raise RuntimeError(f"the measuring process ended with exit code {process.exitcode}") from None
    finally:
        process.join()
    if isinstance(outcome, str):
        raise RuntimeError(outcome)
    result, peak_bytes = outcome
    return result, float(peak_bytes)


def _report(sender: Any, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        result = work(*arguments)
        peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts in KiB
        sender.send((result, peak_bytes))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told to the parent, which raises
        sender.send(f"{type(error).__name__}: {error}")
