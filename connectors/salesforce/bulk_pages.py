"""A query's result over Bulk API 2.0: a job, waited for with growing pauses, then CSV by locator, in bounded pieces."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from typing import IO, Any

import pyarrow as pa
import pyarrow.csv

from connectors.errors import ConnectorError, SourceUnavailable, Timeout
from connectors.salesforce.client import MIB, Download, Org
from connectors.salesforce.failures import PagesLost, from_job
from connectors.salesforce.rest_pages import Page, repeated

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 10.0
_ENDED = ("Aborted", "Failed")
_READ = MIB // 16


class BulkResult:
    """One query job, new or already known by its id."""

    def __init__(self, org: Org, stream: str, job: str) -> None:
        self._org = org
        self._stream = stream
        self.job = job
        self._ended = False
        self._records: int | None = None  # of the whole result, once it is there

    @classmethod
    def ask(cls, org: Org, stream: str, soql: str, asks_all: bool) -> "BulkResult":
        """Start a job. Raises ConnectorError, BulkRefused when the object cannot be had so."""
        operation = "queryAll" if asks_all else "query"
        wanted = {"operation": operation, "query": soql, "columnDelimiter": "COMMA", "lineEnding": "LF"}
        answer = org.send("POST", "jobs/query", stream, wanted)
        return cls(org, stream, str(answer["id"]))

    def wait(self, at_most_s: float, sleep: Callable[[float], None] = time.sleep) -> None:
        """Until the result is there. Raises Timeout, PagesLost when the job is no longer known."""
        pause, deadline = _FIRST_PAUSE_S, time.monotonic() + at_most_s
        while True:
            state = self._state()
            self._ended = state.get("state") in ("JobComplete", *_ENDED)
            if state.get("state") == "JobComplete":
                told = state.get("numberRecordsProcessed")
                self._records = None if told is None else int(told)
                return
            if self._ended:
                raise self._failed(state)
            if time.monotonic() + pause > deadline:
                raise Timeout(
                    "Salesforce did not finish a bulk query in time.", stream=self._stream, hint="The sync tries again."
                )
            sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)

    def pages(self, columns: tuple[str, ...], locator: str, skip: int, most: int, most_bytes: int) -> Iterator[Page]:
        """Pieces of at most `most` records and about `most_bytes`, from `skip` records after the locator on.

        Raises ConnectorError, PagesLost when the pages are fewer records than the job told.
        """
        if self._records == 0:
            return  # the results of an empty job have no head to go by
        ahead = ThreadPoolExecutor(1, "salesforce-download")
        coming = ahead.submit(self._download, locator, most)
        seen, first_of_last = {locator}, None
        expected = self._records if not locator else None  # a read that goes on later does not see all pages
        try:
            while True:
                with closing(coming.result()) as download:
                    # Without this header it is not known whether more follows: a head that was lost, not an end.
                    following = download.headers.get("sforce-locator")
                    if following is None or _records_of(download) < 0:
                        raise _incomplete(self._stream)
                    last = following in ("null", "")
                    if expected is not None:
                        expected -= _records_of(download)
                        if last and expected:
                            raise PagesLost(
                                "Salesforce sent fewer records than its bulk job has.",
                                stream=self._stream,
                                hint="Run the sync again.",
                            )
                    if not last:
                        if following in seen:
                            raise repeated(self._stream)
                        seen.add(following)
                        # The next page is fetched while this one is parsed and taken in.
                        coming = ahead.submit(self._download, following, most)
                    first = None
                    for page in self._page(download, columns, most_bytes, skip):
                        first = first or _first_id(page.table)
                        if first is not None and first == first_of_last:
                            raise repeated(self._stream)
                        yield replace(page, last=last and page.last, locator=following if page.last else locator)
                if last:
                    return
                first_of_last, skip, locator = first, 0, following
        finally:
            # Nobody waits for a page that nobody wants any more.
            coming.add_done_callback(_close)
            ahead.shutdown(wait=False, cancel_futures=True)

    def _download(self, locator: str, most: int) -> Download:
        params = {"maxRecords": str(most)} | ({"locator": locator} if locator else {})
        return self._org.download(f"jobs/query/{self.job}/results", self._stream, params)

    def _page(self, download: Download, columns: tuple[str, ...], most_bytes: int, skip: int) -> Iterator[Page]:
        """One page in pieces, `last` being the last of them; as many records as its head tells."""
        told, taken = _records_of(download), 0
        for table, ends in _pieces(download.file, columns, most_bytes, self._stream):
            fresh = table.slice(max(skip - taken, 0))
            taken += table.num_rows
            if ends and told != taken:
                raise _incomplete(self._stream)
            yield Page(fresh, ends, skip=0 if ends else taken)

    def discard(self) -> None:
        """Let the service forget the job; it would by itself after seven days."""
        with suppress(ConnectorError):
            if not self._ended and self._state().get("state") not in ("JobComplete", *_ENDED):
                self._org.send("PATCH", f"jobs/query/{self.job}", self._stream, {"state": "Aborted"})
            self._org.send("DELETE", f"jobs/query/{self.job}", self._stream)

    def _state(self) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self._org.get(f"jobs/query/{self.job}", self._stream)
        except ConnectorError as error:
            if error.code == "stream_gone":
                raise PagesLost(
                    "Salesforce no longer has the bulk result.", stream=self._stream, hint="Run the sync again."
                ) from None
            raise
        return answer

    def _failed(self, state: dict[str, Any]) -> ConnectorError:
        return from_job(str(state.get("errorMessage") or ""), self._stream)


def _pieces(file: IO[bytes], columns: tuple[str, ...], most_bytes: int, stream: str) -> Iterator[tuple[pa.Table, bool]]:
    """The CSV in tables of about `most_bytes`, cut where a record ends; true with the last one."""
    header = file.readline()
    if not header:
        yield pa.table({name: pa.array([], pa.string()) for name in columns}), True
        return
    rest = b""
    while True:
        block = file.read(max(most_bytes - len(rest), _READ))
        at_end = not block
        text = rest + block
        cut = len(text) if at_end else _end_of_record(text)
        piece, rest = text[:cut], text[cut:]
        if piece or at_end:
            # One block further is looked at before a piece is called the last.
            following = b"" if at_end else file.read(_READ)
            rest += following
            ends = at_end or not (following or rest)
            yield _parsed(header + piece, columns, stream), ends
            if ends:
                return


def _end_of_record(text: bytes) -> int:
    """Where the last whole record ends: a line break outside of quotes."""
    end = text.rfind(b"\n") + 1
    odd = text.count(b'"', 0, end) % 2
    while odd and end:
        before = text.rfind(b"\n", 0, end - 1) + 1
        odd = (odd + text.count(b'"', before, end)) % 2
        end = before
    return end


def _parsed(text: bytes, columns: tuple[str, ...], stream: str) -> pa.Table:
    try:
        return pyarrow.csv.read_csv(
            pa.BufferReader(text),
            read_options=pyarrow.csv.ReadOptions(block_size=max(len(text) // 2 + 1, MIB)),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={name: pa.string() for name in columns},
                include_columns=list(columns),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        # Arrow quotes the record it stumbled over.
        raise _incomplete(stream) from None


def _records_of(download: Download) -> int:
    """How many records a page has by its head; -1 when that is missing."""
    told = download.headers.get("sforce-numberofrecords", "")
    return int(told) if told.isdigit() else -1


def _close(coming: Future[Download]) -> None:
    if not coming.cancelled() and coming.exception() is None:
        coming.result().close()


def _first_id(table: pa.Table) -> str | None:
    if table.num_rows == 0 or "Id" not in table.column_names:
        return None
    first: str | None = table.column("Id")[0].as_py()
    return first


def _incomplete(stream: str) -> SourceUnavailable:
    return SourceUnavailable(
        "Salesforce sent an incomplete result.", stream=stream, hint="The sync tries again by itself."
    )
