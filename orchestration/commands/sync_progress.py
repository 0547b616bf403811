"""Shows syncs while they run: a live table on a terminal, a line a change where there is none."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self
from uuid import UUID

from orchestration.commands.output import Output, table
from orchestration.commands.sync_wait import Sync

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table


class SyncProgress:
    """A display that `SyncWait` feeds; says nothing with --json."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._started = time.monotonic()
        self._said: dict[UUID, str] = {}
        self._live: Live | None = None

    def __enter__(self) -> Self:
        console = self._output.progress
        if console.is_terminal and not console.quiet:
            from rich.live import Live

            self._live = Live(console=console, refresh_per_second=8, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def update(self, syncs: Sequence[Sync]) -> None:
        """Show how the syncs stand now."""
        if self._live is not None:
            self._live.update(self._table(syncs))
            return
        for sync in syncs:
            stage = stage_of(sync)
            if self._said.get(sync.run.id) != stage:
                self._said[sync.run.id] = stage
                size = f"{megabytes(sync):,.1f} MB landed"
                self._output.say(f"{sync.connection.name}: {stage} ({rows_read(sync):,} rows, {size})")

    def _table(self, syncs: Sequence[Sync]) -> "Table":
        elapsed_s = time.monotonic() - self._started
        read = sum(map(rows_read, syncs))
        cells = [
            (
                *(sync.connection.name, stage_of(sync), len(sync.run.streams), rows_read(sync)),
                *(f"{megabytes(sync):,.1f}", _rate(sync)),
            )
            for sync in syncs
        ]
        done = sum(sync.run.is_finished for sync in syncs)
        title = f"{done} of {len(syncs)} synced, {read:,} rows in {elapsed_s:.0f} s"
        return table(title, ("connection", "stage", "streams", "rows", "MB landed", "rows/s"), cells)


def stage_of(sync: Sync) -> str:
    """Where the sync is, in words for people."""
    if sync.run.status == "succeeded":
        return "published" if sync.is_published else "synced, views not yet published"
    if sync.run.status == "running":
        mapped = any("loaded" in counts for counts in sync.run.streams.values())
        return "normalizing" if mapped else "extracting"
    return sync.run.status


def rows_read(sync: Sync) -> int:
    """Rows read so far."""
    return sum(int(str(counts.get("read", 0))) for counts in sync.run.streams.values())


def megabytes(sync: Sync) -> float:
    """Megabytes (10^6 bytes) that its batches take in the lake so far."""
    return sum(int(str(counts.get("size_bytes", 0))) for counts in sync.run.streams.values()) / 1e6


def _rate(sync: Sync) -> int:
    """Rows a second, from start to end of the sync."""
    from datetime import UTC, datetime

    if sync.run.started_at is None:
        return 0
    seconds = ((sync.run.finished_at or datetime.now(UTC)) - sync.run.started_at).total_seconds()
    return int(rows_read(sync) / max(seconds, 0.001))
