"""The shapes sources were seen in."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from api.dependencies import Id, Session, requires
from api.paging import CursorText, Limit, Page, write_cursor
from api.problems import Invalid, NotFound, problems
from api.repairs.places import moment_and_id
from api.schemas.shapes import (
    FingerprintOut,
    ShapeChangeOut,
    ShapeDiffOut,
    ShapeFieldOut,
    SketchOut,
    WholeFingerprintOut,
)
from api.schemas.values import SourceName
from api.unit_of_work import TenantRoute
from assets.fingerprint.drift import diff_stream
from assets.fingerprint.fingerprint import ObservedField, ObservedStream
from orchestration.control_plane.schemas import FingerprintRecord

router = APIRouter(prefix="/fingerprints", route_class=TenantRoute, dependencies=[requires("drift.read")])


@router.get("")
def list_fingerprints(
    session: Session,
    limit: Limit = 50,
    cursor: CursorText = None,
    connection_id: Id | None = None,
    stream: SourceName | None = None,
) -> Page[FingerprintOut]:
    """The shapes that streams were seen in, newest first."""
    found = session.schemas.page(limit + 1, moment_and_id(cursor), connection_id, stream)
    items = [FingerprintOut(**_fields(one)) for one in found[:limit]]
    last = items[-1] if len(found) > limit else None
    return Page(items=items, next_cursor=last and write_cursor(last.first_seen_at, last.id))


@router.get("/{fingerprint_id}", responses=problems(NotFound))
def get_fingerprint(fingerprint_id: Id, session: Session) -> WholeFingerprintOut:
    """One shape with its fields: types, nullability and what their values are like as counts, never a value."""
    found = session.schemas.get(fingerprint_id)
    shape = _shape(found)
    return WholeFingerprintOut(
        **_fields(found), primary_key=list(shape.primary_key), mode=shape.mode, rows=shape.rows,
        shape=[_field(field) for field in shape.fields],
    )  # fmt: skip


@router.get("/{fingerprint_id}/diff", responses=problems(NotFound, Invalid))
def compare_fingerprints(
    fingerprint_id: Id,
    session: Session,
    against: Annotated[Id | None, Query(description="The earlier shape; the approved one when left out.")] = None,
) -> ShapeDiffOut:
    """How a shape differs from another one of its stream, by field: a rename is one field less and one more."""
    found = session.schemas.get(fingerprint_id)
    other = _other(session, found, against)
    if (other.connection_id, other.stream) != (found.connection_id, found.stream):
        raise Invalid("Both have to be shapes of the same stream.")
    changes = [change.to_json() for change in diff_stream(_shape(other), _shape(found))]
    shown = [ShapeChangeOut(**{name: change[name] for name in ShapeChangeOut.model_fields}) for change in changes]
    return ShapeDiffOut(fingerprint_id=found.id, against_id=other.id, changes=shown)


def _other(session: Session, found: FingerprintRecord, against: UUID | None) -> FingerprintRecord:
    if against is not None:
        return session.schemas.get(against)
    baseline = session.schemas.baseline(found.connection_id, found.stream)
    if baseline is None:
        raise NotFound
    return baseline


def _fields(found: FingerprintRecord) -> dict[str, Any]:
    same = ("id", "connection_id", "stream", "digest", "is_baseline", "decided_by", "decided_at", "last_seen_at",
            "sync_run_id")  # fmt: skip
    counted = sum(len(document["fields"]) for document in found.fields)
    return {**{name: getattr(found, name) for name in same}, "first_seen_at": found.observed_at, "fields": counted}


def _shape(found: FingerprintRecord) -> ObservedStream:
    return ObservedStream.from_json(found.fields[0])


def _field(field: ObservedField) -> ShapeFieldOut:
    sketch = field.sketch and SketchOut(
        rows=field.sketch.rows, filled=field.sketch.filled, null_share=field.sketch.null_share,
        distinct=field.sketch.distinct, max_length=field.max_length, patterns=dict(field.sketch.patterns),
        is_enum=bool(field.sketch.enum),
    )  # fmt: skip
    classes = {name: field.share(name) for name in field.classes}
    return ShapeFieldOut(
        name=field.name,
        type=field.type,
        declared=field.declared,
        nullable=field.nullable,
        classes=classes,
        sketch=sketch,
    )
