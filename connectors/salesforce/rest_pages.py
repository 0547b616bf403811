"""A query's result over REST, page by page. Knows no cursor: the caller says what to ask and where it stands."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from connectors.errors import StreamMisbehaves
from connectors.salesforce.client import Org
from connectors.salesforce.values import table_of_records

_LEAST, _MOST = 200, 2_000  # records a page, by the service's rule


@dataclass(frozen=True, slots=True)
class Page:
    """Records as texts in the order of the columns asked for. `locator` and `skip`: where in a bulk result it ends."""

    table: pa.Table
    last: bool
    locator: str = ""
    skip: int = 0


def rest_pages(org: Org, stream: str, soql: str, columns: tuple[str, ...], asks_all: bool, most: int) -> Iterator[Page]:
    """Pages of at most `most` records. Raises ConnectorError, StreamMisbehaves when a page comes again."""
    size = min(max(most, _LEAST), _MOST)
    path, params = "queryAll" if asks_all else "query", {"q": soql}
    answer, _ = org.get_dated(path, stream, params, page_size=size)
    seen: set[str] = set()
    first_of_last = None
    while True:
        records = answer.get("records") or []
        first = records[0].get("Id") if records else None
        if first is not None and first == first_of_last:
            raise repeated(stream)
        first_of_last = first
        following = None if answer.get("done", True) else str(answer.get("nextRecordsUrl") or "")
        if following is not None and (following in seen or not following or not records):
            raise repeated(stream)
        yield from _sliced(table_of_records(records, columns), most, following is None)
        if following is None:
            return
        seen.add(following)
        answer, _ = org.get_dated("/".join(following.split("/")[-2:]), stream, page_size=size)


def repeated(stream: str) -> StreamMisbehaves:
    """The error of a result that does not move on."""
    return StreamMisbehaves(
        "Salesforce sends the same page again and again.",
        stream=stream,
        hint="Run the sync again; what was read before is kept.",
    )


def _sliced(table: pa.Table, most: int, last: bool) -> Iterator[Page]:
    for offset in range(0, max(table.num_rows, 1), most):
        yield Page(table.slice(offset, most), last and offset + most >= table.num_rows)
