"""A folder of CSV files: snapshots that are written anew, or files that are added with what changed."""

import csv
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from orchestration.drift_play.sources.source import WorldSource
from orchestration.drift_play.streams import WorldStream, as_text
from orchestration.drift_play.words import Style


class FolderSource(WorldSource):
    """`appends`: each change is a further file that holds the changed records only; nothing is ever taken away."""

    kind: ClassVar[str] = "files"
    style: ClassVar[Style] = "title"
    key: ClassVar[str] = "ID"
    plain_text: ClassVar[bool] = True
    can_rename_streams: ClassVar[bool] = False  # the name is the connection's own

    def __init__(self, folder: Path, appends: bool) -> None:
        self._folder = folder
        self._appends = appends
        self.deletes = not appends
        self._streams: list[str] = []
        self._shown: dict[str, tuple[int, dict[str, datetime], list[str]]] = {}

    def start(self, streams: Iterable[WorldStream]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for stream in streams:
            self._streams.append(stream.name)
            self.show(stream, stream.name)

    def show(self, stream: WorldStream, was: str) -> None:  # noqa: ARG002 - streams keep their names here
        """A snapshot again, or one more file; a stream in which nothing changed gets none."""
        number, known, header = self._shown.get(stream.name, (0, {}, []))
        stamps = {key: record.changed_at for key, record in stream.records.items()}
        names = [stream.key, *(column.name for column in stream.columns)]
        rows = stream.rows()
        if self._appends and number:
            rows = [row for row in rows if known.get(row[stream.key]) != stamps[row[stream.key]]]
            if not rows and names == header:
                return
        self._shown[stream.name] = (number + 1, stamps, names)
        ending = f"_{number + 1:03d}" if self._appends else ""
        path = self._folder / f"{stream.name}{ending}.csv"
        draft = path.with_suffix(".part")
        with draft.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(names)
            writer.writerows([as_text(row[name]) for name in names] for row in rows)
        draft.replace(path)

    def config(self) -> dict[str, Any]:
        mode = {"mode": "append"} if self._appends else {"mode": "snapshot", "deletes": True}
        streams = [
            {"name": name, "pattern": f"{name}_*.csv" if self._appends else f"{name}.csv", "format": "csv",
             "primary_key": [self.key], **mode}
            for name in self._streams
        ]  # fmt: skip
        return {"path": str(self._folder), "streams": streams}
