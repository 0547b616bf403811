"""Sources that run already: a stand-in of the demo, changed through its control server, or a folder of CSV files.

A stream is shown by the difference of its columns: what has a new name is renamed, what is written otherwise is
written anew. Nothing else of the source is touched.
"""

import csv
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from connectors.files.config import Dialect, StreamConfig
from orchestration.drift_play.streams import Column, WorldStream, as_text

TOUCHED = 300  # records that are stamped anew, so that the next read meets some under the new shape
MARK = ".drift-play"  # in a folder that may be played with


class NotForPlay(Exception):
    """The source is nobody's toy; the sentence says why."""


class RunningSource(ABC):
    """One source that somebody started. `before` are the columns the stream was last shown with."""

    @abstractmethod
    def show(self, stream: WorldStream, before: Sequence[Column]) -> None:
        """Make the source as the stream has become."""


class RunningStandIn(RunningSource):
    """A stand-in behind the control server of `connectors.sandbox.control`."""

    def __init__(self, home: Path, name: str) -> None:
        state = home / "sandbox.json"
        served = json.loads(state.read_text()) if state.exists() else {"sources": []}
        known = {source["name"]: source for source in served["sources"]}
        if name not in known:
            raise NotForPlay(f"{name!r} is none of the stand-ins that run: {', '.join(known) or 'there are none'}.")
        self._url = f"{served['control']}/{name}"

    def show(self, stream: WorldStream, before: Sequence[Column]) -> None:
        old, new = {column.name: column for column in before}, {column.name: column for column in stream.columns}
        self._rename(stream, before)
        for name in [name for name in old if name not in new and not _moved(old[name], stream.columns)]:
            self._do("drop_field", stream, field=name)
        for name, column in new.items():
            if name not in old and not _moved(column, before):
                values = [as_text(column.write(stream.records[key].values)) for key in sorted(stream.records)]
                self._do("add_field", stream, field=name, type=column.type, values=values)
        rewritten = [c for n, c in new.items() if (b := _source_of(c, before)) is not None and b.write is not c.write]
        plain = [c for c in stream.columns if c.facts and "#" not in c.facts[0]]
        self._touch(stream, rewritten or plain[:1], everything=bool(rewritten))

    def _rename(self, stream: WorldStream, before: Sequence[Column]) -> None:
        """In two steps, since names may change places."""
        moves = [(was.name, c.name) for c in stream.columns if (was := _source_of(c, before)) and was.name != c.name]
        for place, (old, _) in enumerate(moves):
            self._do("rename_field", stream, old=old, new=f"moving{place}x")
        for place, (_, new) in enumerate(moves):
            self._do("rename_field", stream, old=f"moving{place}x", new=new)

    def _touch(self, stream: WorldStream, columns: Sequence[Column], *, everything: bool) -> None:
        keys = sorted(stream.records)
        chosen = keys if everything else keys[:: max(1, len(keys) // TOUCHED)]
        records = []
        for key in chosen:
            values = stream.records[key].values
            told = {column.name: as_text(column.write(values)) for column in columns}
            records.append({stream.key: values["key"], **told})
        for at in range(0, len(records), 500):
            self._do("upsert", stream, records=records[at : at + 500])

    def _do(self, change: str, stream: WorldStream, **arguments: Any) -> None:
        asked = {"do": change, "stream": stream.name, **arguments}
        answer = httpx.post(self._url, json=asked, timeout=120)
        if answer.status_code != httpx.codes.OK:
            raise NotForPlay(f"The stand-in refused {change}: {answer.json().get('error', answer.status_code)}")


class RunningFolder(RunningSource):
    """Delimited text files with a header in a folder that the demo or a play made. `layouts` are the connection's."""

    def __init__(self, home: Path, folder: Path, layouts: Mapping[str, StreamConfig]) -> None:
        folder = folder.resolve()
        is_demo = (home / "demo").resolve() in folder.parents
        if not is_demo and not (folder / MARK).exists():
            raise NotForPlay(
                f"{folder} was made neither by the demo nor by a play: its files are left alone. "
                f"To allow it, put an empty file named {MARK} there."
            )
        self._folder = folder
        self._layouts = layouts

    def show(self, stream: WorldStream, before: Sequence[Column]) -> None:
        layout = self._layouts[stream.name]
        for path in sorted(path for part in layout.pattern.split("|") for path in self._folder.glob(part)):
            self._rewrite(path, layout, stream, before)

    def _rewrite(self, path: Path, layout: StreamConfig, stream: WorldStream, before: Sequence[Column]) -> None:
        dialect, encoding = _plain(path, layout)
        with path.open(newline="", encoding=encoding) as file:
            header, *rows = list(csv.reader(file, dialect))
        named = {was.name: c for c in stream.columns if (was := _source_of(c, before))}
        gone = {c.name for c in before if not _moved(c, stream.columns)}
        added = [c for c in stream.columns if _source_of(c, before) is None]
        kept = [at for at, name in enumerate(header) if name not in gone]
        identity = header.index(stream.key)
        made = [
            [*(named[header[at]].name if header[at] in named else header[at] for at in kept), *(c.name for c in added)]
        ]
        for row in rows:
            record = stream.records.get(row[identity])
            if record is None:
                made.append([*(row[at] for at in kept), *("" for _ in added)])
                continue
            cells = [as_text(named[header[at]].write(record.values)) if header[at] in named else row[at] for at in kept]
            made.append([cell or "" for cell in [*cells, *(as_text(c.write(record.values)) for c in added)]])
        draft = path.with_suffix(".part")
        with draft.open("w", newline="", encoding=encoding, errors="xmlcharrefreplace") as file:
            csv.writer(file, dialect).writerows(made)
        draft.replace(path)


def _plain(path: Path, layout: StreamConfig) -> tuple[type[csv.Dialect], str]:
    """How the file is written, as far as a play can write it too. Raises NotForPlay."""
    written = layout.dialect or Dialect()
    is_text = path.suffix.lower() in (".csv", ".tsv", ".txt")
    if not is_text or layout.columns or not written.header or written.skip_lines or len(written.delimiter) != 1:
        raise NotForPlay(f"{path.name} is no plain delimited text with a header: only such files are changed.")

    class Written(csv.excel):
        delimiter = written.delimiter
        quotechar = written.quote or '"'
        quoting = csv.QUOTE_MINIMAL if written.quote else csv.QUOTE_NONE
        escapechar = written.escape if written.escape != written.quote else None
        doublequote = written.escape == written.quote

    return Written, layout.encoding or "utf-8"


def _source_of(column: Column, before: Sequence[Column]) -> Column | None:
    """The column this one was, by what it tells of."""
    return next((was for was in before if was.facts == column.facts), None)


def _moved(column: Column, others: Sequence[Column]) -> bool:
    return _source_of(column, others) is not None
