"""Records of a connection that could not be taken, as the published snapshot has them.

A record leaves the list once a later version of it is accepted and published. The lake itself is not touched.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query

from api.dependencies import CurrentActor, Held, Id, requires
from api.paging import CursorText, Limit, read_cursor, write_cursor
from api.problems import Invalid, NotFound, problems
from api.published.problems import SnapshotGone
from api.published.readers import Snapshot
from api.schemas.rejects import LONGEST_RAW, RejectOut, RejectPage, RejectReasonOut, RejectSummaryOut, WrongOut
from api.security.actor import Actor
from api.state import AppState
from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/connections/{connection_id}/rejects", route_class=TenantRoute)
StreamQuery = Annotated[str | None, Query(max_length=500, pattern=r"^[^\x00]*$", description="Only this stream.")]
_TABLE = ("canonical", "rejected_records")
_REJECTS = "lake.canonical.rejected_records"
_MOST_REASONS = 200
_REASON = "concat_ws(': ', json_extract_string(errors, '$[0].field'), json_extract_string(errors, '$[0].reason'))"


@router.get("", dependencies=[requires("views.read")], responses=problems(NotFound, SnapshotGone))
def list_rejects(
    connection_id: Id,
    held: Held,
    actor: CurrentActor,
    limit: Limit = 50,
    cursor: CursorText = None,
    stream: StreamQuery = None,
) -> RejectPage:
    """Rejected records of a connection, each with what is wrong. All pages are of the snapshot of the first one."""
    place = _place(cursor)
    with _published(held, actor, connection_id, None if place is None else place[0]) as snapshot:
        if snapshot is None:
            return RejectPage(items=[], snapshot_id=None)
        where, values = _condition(connection_id, stream)
        rows = snapshot.rows(
            "SELECT rowid, stream, entity, stage, record_id, origin, line, errors,"
            f" left(raw, {LONGEST_RAW}), coalesce(length(raw) > {LONGEST_RAW}, false), rejected_at"
            f" FROM {_REJECTS} WHERE {where} AND rowid > ? ORDER BY rowid LIMIT {limit + 1}",
            [*values, -1 if place is None else place[1]],
        )
        shown = rows[:limit]
        last = write_cursor(snapshot.snapshot_id, shown[-1][0]) if len(rows) > limit else None
        return RejectPage(items=list(map(_reject, shown)), next_cursor=last, snapshot_id=snapshot.snapshot_id)


@router.get("/summary", dependencies=[requires("views.read")], responses=problems(NotFound))
def summarize_rejects(
    connection_id: Id, held: Held, actor: CurrentActor, stream: StreamQuery = None
) -> RejectSummaryOut:
    """Rejected records of a connection counted by stream and reason."""
    with _published(held, actor, connection_id, None) as snapshot:
        if snapshot is None:
            return RejectSummaryOut(snapshot_id=None, rejected=0, reasons=[])
        where, values = _condition(connection_id, stream)
        total = snapshot.value(f"SELECT count(*) FROM {_REJECTS} WHERE {where}", values)
        counted = snapshot.rows(
            f"SELECT stream, {_REASON}, count(*) FROM {_REJECTS} WHERE {where}"
            f" GROUP BY ALL ORDER BY 3 DESC, 1, 2 LIMIT {_MOST_REASONS}",
            values,
        )
    reasons = [RejectReasonOut(stream=name, reason=reason, records=count) for name, reason, count in counted]
    return RejectSummaryOut(snapshot_id=snapshot.snapshot_id, rejected=total, reasons=reasons)


@contextmanager
def _published(held: AppState, actor: Actor, connection_id: UUID, snapshot_id: int | None) -> Iterator[Snapshot | None]:
    """The snapshot to read; None when nothing was published, or nothing was ever rejected. Raises NotFound."""
    with held.control_plane.tenant_session(actor.tenant_id) as session:
        session.connections.get(connection_id)
    try:
        held.published.find(actor.tenant_id, snapshot_id)
    except NotFound:
        if snapshot_id is not None:
            raise SnapshotGone from None
        yield None
        return
    with held.published.open(actor.tenant_id, snapshot_id) as snapshot:
        yield snapshot if snapshot.columns(*_TABLE) else None


def _condition(connection_id: UUID, stream: str | None) -> tuple[str, list[Any]]:
    if stream is None:
        return "connection_id = ?", [str(connection_id)]
    return "connection_id = ? AND stream = ?", [str(connection_id), stream]


def _place(cursor: str | None) -> tuple[int, int] | None:
    place = read_cursor(cursor, 2)
    if place is None:
        return None
    if not all(type(part) is int and 0 <= part < 2**63 for part in place):
        raise Invalid("That is no cursor of this list; begin without one.")
    return place[0], place[1]


def _reject(row: tuple[Any, ...]) -> RejectOut:
    _, stream, entity, stage, record_id, origin, line, errors, raw, raw_cut, rejected_at = row
    return RejectOut(
        stream=stream, entity=entity, stage=stage, record_id=record_id, origin=origin, line=line,
        errors=[_wrong(one) for one in orjson.loads(errors)], raw=raw, raw_cut=raw_cut, rejected_at=rejected_at,
    )  # fmt: skip


def _wrong(error: dict[str, Any]) -> WrongOut:
    texts = {name: None if error.get(name) is None else str(error[name]) for name in ("field", "source", "value")}
    return WrongOut(**texts, reason=str(error.get("reason", "")))
