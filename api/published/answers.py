"""Pages of rows as the bytes that are sent."""

from collections.abc import Mapping
from uuid import UUID

import orjson

from api.problems import Invalid, NotFound
from api.published.cells import rfc3339, rows_as_objects
from api.published.columns import read_moment
from api.published.listing import Asked, Listing, snapshot_of_cursor
from api.published.problems import SnapshotGone
from api.published.readers import AsOf, PublishedReaders
from api.schemas.views import RowsQuery


def answer_rows(published: PublishedReaders, tenant_id: UUID, view: str, query: RowsQuery) -> tuple[int, bytes]:
    """The snapshot a page is of, and the page as JSON, the shape of RowsOut.

    Raises:
        NotFound, Invalid, SnapshotGone, QueryTimeout, QueryTooLarge: see there.
    """
    as_of, cursor = read_as_of(query.as_of), None
    if query.cursor is not None:
        as_of, cursor = snapshot_of_cursor(query.cursor)
        _refuse_gone(published, tenant_id, as_of)
    with published.open(tenant_id, as_of) as snapshot:
        listing = Listing.of(snapshot, view, Asked(tuple(query.where), query.q, query.sort, query.columns))
        place = listing.place(snapshot, cursor) if cursor else None
        found = listing.page(snapshot, place, query.limit)
        total = listing.count(snapshot) if query.count == "exact" else None
        rows = found[: query.limit]
        is_last = len(found) <= query.limit
        body: Mapping[str, object] = {
            "columns": [{"name": name, "type": listing.kinds[name]} for name in listing.columns],
            "rows": rows_as_objects(listing.columns, rows),
            "next_cursor": None if is_last else listing.cursor(snapshot, rows[-1]),
            "snapshot_id": snapshot.snapshot_id,
            "published_at": rfc3339(snapshot.publication.published_at),
            "total": total,
        }
        return snapshot.snapshot_id, orjson.dumps(body)


def read_as_of(text: str | None) -> AsOf:
    """The snapshot or moment that a caller names. Raises Invalid, and NotFound for a number that is no snapshot's."""
    if not text:
        return None
    if text.isascii() and text.isdigit():
        if int(text) >= 2**63:
            raise NotFound
        return int(text)
    try:
        return read_moment(text)
    except (ValueError, OverflowError):
        raise Invalid("as_of takes a snapshot's id or a time such as 2026-03-01T08:00:00Z.", field="as_of") from None


def _refuse_gone(published: PublishedReaders, tenant_id: UUID, snapshot_id: int) -> None:
    try:
        published.find(tenant_id, snapshot_id)
    except NotFound:
        raise SnapshotGone from None
