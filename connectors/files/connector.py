"""The `files` connector: which files changed since the cursor, and the scan of each.

A cursor is `{"files": {name: {"size", "mtime_ns", "sha256"}}}`. Size and time alone can show that a file is
unchanged; only the hash can show that it is not. A file that grew is read whole: the lake tells which records are new.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import duckdb

from connectors.errors import ConfigInvalid, ConnectorError, RecordInvalid, SourceUnavailable, StreamError, StreamGone
from connectors.files.config import FilesConfig, Format, StreamConfig
from connectors.files.content import Content, inspect_content, verify_unchanged
from connectors.files.formats.csv_scan import csv_scan
from connectors.files.formats.json_scan import json_scan
from connectors.files.formats.parquet_scan import parquet_scan
from connectors.files.formats.scan import Scan
from connectors.files.formats.xlsx_scan import xlsx_scan
from connectors.files.keys import propose_key
from connectors.files.listing import Folder, SourceFile, matches, os_error
from connectors.files.naming import format_of, propose_streams
from connectors.files.source_text import open_text
from connectors.outbound.policy import Outbound
from connectors.protocol import Batch, Capabilities, Connector, Cursor, Grants, Item, Removed, Stream, Unchanged


class FilesConnector(Connector[FilesConfig]):
    """A folder, file or glob of CSV, JSON, Parquet and XLSX."""

    kind = "files"
    config_model = FilesConfig
    capabilities = Capabilities(incremental=True, detects_deletes=True, declares_types=True)

    def __init__(self, config: FilesConfig, outbound: Outbound | None = None) -> None:
        super().__init__(config, outbound)
        # One pass over the bytes serves discovering and reading, as long as the file looks the same.
        self._contents: dict[tuple[str, int, int], Content] = {}

    def check(self) -> None:
        """Raise unless the folder can be read and every listed stream has a file whose format is known."""
        files = Folder(self.config).files()
        streams = self._streams(files)
        if not streams:
            raise ConfigInvalid(
                f"{self.config.path} holds no file that can be read.",
                hint="Known: .csv .tsv .txt .json .jsonl .parquet .xlsx, text also as .gz. Or list `streams`.",
            )
        for config in streams:
            for file in _selected(config, files)[-1:]:
                _format(config, file.name)
                with _reading(file, config.name), file.path.open("rb"):
                    pass

    def grants(self) -> Grants:
        """Nothing beyond reading: there is no login, and files are only ever opened for reading."""
        return Grants((), "files are opened for reading only")

    def pin(self) -> FilesConfig:
        """Formats, encodings, dialects and keys as found in each stream's newest file.

        Raises:
            ConnectorError: the folder cannot be read, or no stream can.
        """
        files = Folder(self.config).files()
        pinned: list[StreamConfig] = []
        failures: list[StreamError] = []
        for config in self._streams(files):
            try:
                pinned.append(self._pinned(config, files))
            except StreamError as error:
                # Left as it is: reading reports it under the stream's name, and the other streams go on.
                pinned.append(config)
                failures.append(error)
        if failures and len(failures) == len(pinned):
            raise failures[0]
        return self.config.model_copy(update={"streams": tuple(pinned), "propose": self.config.proposes})

    def discover(self) -> list[Stream]:
        """The streams that have a file, with the fields of the newest one.

        A stream whose newest file cannot be read has no fields here; reading it says why.
        """
        files = Folder(self.config).files()
        found: list[Stream] = []
        failures: list[StreamError] = []
        for config in self._streams(files):
            for file in _selected(config, files)[-1:]:
                try:
                    found.append(self._observe(config, file))
                except StreamError as error:
                    found.append(Stream(config.name, ()))
                    failures.append(error)
        if failures and len(failures) == len(found):
            raise failures[0]
        return found

    def read(self, stream: Stream, cursor: Cursor | None, limit: int | None = None) -> Iterator[Item]:  # noqa: ARG002
        """Each file of the stream: changed, unchanged or gone. Resuming from any item's cursor loses nothing.

        A scan is lazy: who takes few records of it has read little of the file.
        """
        files = Folder(self.config).files()
        config = next((c for c in self._streams(files) if c.name == stream.name), None)
        known: dict[str, Any] = dict((cursor or {}).get("files", {}))
        if config is None and not known:
            raise StreamGone("No file of this stream exists.", stream=stream.name, hint="Put the files back.")
        selected = _selected(config, files) if config else []
        if known and not files:
            # An unmounted share looks like an empty folder; nobody deletes everything by accident.
            raise SourceUnavailable(
                f"{self.config.path} is empty, but held files before; nothing was removed.",
                stream=stream.name,
                hint="Check that it is mounted. Delete the connection if its data shall go.",
            )
        if config and config.select == "latest":
            known = {file.name: known[file.name] for file in selected if file.name in known}
        for file in selected:
            assert config is not None  # selected is empty without it
            yield from self._read_file(stream, config, file, known)
        yield from _gone(stream, config, {file.name for file in selected}, known)

    def classify(self, error: Exception, stream: str) -> ConnectorError:
        """What an error of DuckDB or the disk, met while a scan ran, means."""
        if isinstance(error, ConnectorError):
            return error
        if isinstance(error, OSError):
            return os_error(error, "A file", stream)
        detail = f"{type(error).__name__}: {error}"
        if "No space left" in detail:
            return SourceUnavailable("The disk is full.", stream=stream, hint="Free some space.", detail=detail)
        if isinstance(error, duckdb.OutOfMemoryException):
            return SourceUnavailable(
                "There was not enough memory.", stream=stream, hint="Raise the memory limit.", detail=detail
            )
        if isinstance(error, duckdb.IOException):
            return SourceUnavailable(
                "A file could not be read to its end.", stream=stream, hint="It is tried again.", detail=detail
            )
        return RecordInvalid(
            "A file is not written the way its beginning shows.",
            stream=stream,
            hint="Check its delimiter, quotes and line ends, or set `dialect` and `encoding` of the stream.",
            detail=detail,
        )

    def _streams(self, files: list[SourceFile]) -> list[StreamConfig]:
        listed = list(self.config.streams or ())
        return listed + (propose_streams([file.name for file in files], listed) if self.config.proposes else [])

    def _pinned(self, config: StreamConfig, files: list[SourceFile]) -> StreamConfig:
        selected = _selected(config, files)
        if not selected:
            raise StreamGone(f"No file matches {config.pattern}.", stream=config.name, hint="Check the pattern.")
        file = selected[-1]
        kind = _format(config, file.name)
        with self._scanned(config, file, self._content(config, file)) as (scan, found):
            update: dict[str, Any] = {"format": kind}
            if kind == "csv":
                update |= {"dialect": found.dialect, "encoding": found.encoding}
            if config.primary_key is None:
                update |= {"primary_key": propose_key(config.name, scan), "key_proposed": True}
            return config.model_copy(update=update)

    def _observe(self, config: StreamConfig, file: SourceFile) -> Stream:
        with self._scanned(config, file, self._content(config, file)) as (scan, _):
            if config.primary_key is None:
                key = propose_key(config.name, scan)
                config = config.model_copy(update={"primary_key": key, "key_proposed": True})
            return _stream(config, scan)

    def _content(self, config: StreamConfig, file: SourceFile) -> Content:
        looks = (file.name, file.size_bytes, file.mtime_ns)
        if looks not in self._contents:
            self._contents[looks] = inspect_content(file, _format(config, file.name), self.config.limits, config.name)
        return self._contents[looks]

    def _read_file(
        self, stream: Stream, config: StreamConfig, file: SourceFile, known: dict[str, Any]
    ) -> Iterator[Batch | Unchanged]:
        # The origin of `latest` is the pattern: another file takes over the place of the last one.
        origin = config.pattern if config.select == "latest" else file.name
        before = known.get(file.name)
        if before and (before["size"], before["mtime_ns"]) == (file.size_bytes, file.mtime_ns):
            yield Unchanged(stream, origin, {"files": dict(known)})
            return
        content = self._content(config, file)
        known[file.name] = {"size": file.size_bytes, "mtime_ns": file.mtime_ns, "sha256": content.sha256}
        if before and before["sha256"] == content.sha256:
            verify_unchanged(file, config.name)
            yield Unchanged(stream, origin, {"files": dict(known)})
            return
        if config.primary_key is None:
            config = config.model_copy(
                update={"primary_key": stream.primary_key, "key_proposed": stream.key_origin == "proposed"}
            )
        with self._scanned(config, file, content) as (scan, _):
            yield Batch(
                stream=_stream(config, scan),
                origin=origin,
                cursor={"files": dict(known)},
                scan=scan.sql,
                prepare=scan.prepare,
                rejects=scan.rejects,
                complete=config.deletes,
                verify=partial(verify_unchanged, file, config.name),
            )

    @contextmanager
    def _scanned(self, config: StreamConfig, file: SourceFile, content: Content) -> Iterator[tuple[Scan, StreamConfig]]:
        """The scan of the file and the stream's configuration with encoding and dialect as found.

        The scan is valid within the context: it may read a temporary copy.
        """
        kind, limits = _format(config, file.name), self.config.limits
        shared: dict[str, Any] = {"limits": limits, "stream": config.name, "origin": file.name}
        with _reading(file, config.name):
            if kind == "parquet":
                yield _keyed(parquet_scan(file.path, config.columns, **shared), config, file), config
                return
            if kind == "xlsx":
                yield _keyed(xlsx_scan(file.path, config.sheet, config.columns, **shared), config, file), config
                return
            with open_text(file, content, kind, config, limits) as text:
                found = config.model_copy(update={"encoding": text.encoding, "dialect": text.dialect})
                if kind == "csv":
                    scan = csv_scan(
                        text.path,
                        text.sample,
                        text.dialect,
                        packed=text.packed,
                        whole=text.whole,
                        columns=config.columns,
                        **shared,
                    )
                else:
                    lines: Format = "jsonl" if kind == "jsonl" else "json"
                    scan = json_scan(text.path, lines, packed=text.packed, **shared)
                yield _keyed(scan, config, file), found


@contextmanager
def _reading(file: SourceFile, stream: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise os_error(error, file.name, stream) from error


def _selected(config: StreamConfig, files: list[SourceFile]) -> list[SourceFile]:
    """The stream's files in reading order; of `latest` only the newest, by time and then by name."""
    mine = [file for file in files if matches(file.name, config.pattern)]
    return mine if config.select == "all" else sorted(mine, key=lambda file: file.mtime_ns)[-1:]


def _format(config: StreamConfig, name: str) -> Format:
    kind = config.format or format_of(name)
    if kind is None:
        raise ConfigInvalid(
            f"The format of {name} cannot be told from its name.",
            stream=config.name,
            hint="Set `format` of the stream to csv, json, jsonl, parquet or xlsx.",
        )
    return kind


def _keyed(scan: Scan, config: StreamConfig, file: SourceFile) -> Scan:
    """The scan, if it gives every field of the key."""
    names = {field.name.lower() for field in scan.fields}
    missing = [name for name in config.primary_key or () if name.lower() not in names]
    if missing:
        raise RecordInvalid(
            f"{file.name} lacks the key column {', '.join(map(repr, missing))}.",
            stream=config.name,
            hint="Put the column back, or set `primary_key` of the stream to the columns that identify a record.",
        )
    return scan


def _stream(config: StreamConfig, scan: Scan) -> Stream:
    key = config.primary_key or ()
    spelled = {field.name.lower(): field.name for field in scan.fields}
    return Stream(
        name=config.name,
        fields=scan.fields,
        primary_key=tuple(spelled[name.lower()] for name in key),
        key_origin="none" if not key else "proposed" if config.key_proposed else "declared",
        mode=config.mode,
        detects_deletes=config.deletes,
    )


def _gone(stream: Stream, config: StreamConfig | None, present: set[str], known: dict[str, Any]) -> Iterator[Removed]:
    """The files of the cursor that no longer exist, when absence is a delete."""
    deletes = config.deletes if config else stream.detects_deletes
    for name in [name for name in known if name not in present]:
        del known[name]
        if deletes:
            yield Removed(replace(stream), name, {"files": dict(known)})
