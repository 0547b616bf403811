"""A tenant's history: read, verified, signed, exported. Written by whoever changes something, never here."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from api.dependencies import CurrentActor, Held, Session, requires
from api.paging import CursorText, Limit, Page, read_cursor, write_cursor
from api.problems import Invalid
from api.schemas.audit import AuditEventOut, AuditVerificationOut, SignedHeadOut
from api.state import AppState
from api.unit_of_work import TenantRoute
from orchestration.control_plane.audit import AuditFilter, ChainHead
from orchestration.control_plane.errors import AuditChainBroken
from orchestration.resources.audit_heads import AuditHeads, HeadInvalid

router = APIRouter(prefix="/audit", route_class=TenantRoute)
PORTION = 1000
Words = Query(max_length=320, pattern=r"^[^\x00]*$")


@router.get("", dependencies=[requires("audit.read")])
def list_audit_events(
    session: Session,
    limit: Limit = 50,
    cursor: CursorText = None,
    actor: Annotated[str | None, Words] = None,
    action: Annotated[str | None, Query(max_length=100, pattern=r"^[a-z0-9_.-]+$")] = None,
    subject: Annotated[str | None, Query(max_length=320, pattern=r"^[^\x00]*$", description="It begins so.")] = None,
    since: AwareDatetime | None = None,
    until: Annotated[AwareDatetime | None, Query(description="Not included.")] = None,
) -> Page[AuditEventOut]:
    """What was done in this tenant, newest first."""
    wanted = AuditFilter(actor, action, subject, since, until)
    events = session.audit.list(limit + 1, _place(cursor), wanted)
    shown = [AuditEventOut.model_validate(event) for event in events[:limit]]
    return Page(items=shown, next_cursor=write_cursor(shown[-1].seq) if len(events) > limit else None)


@router.get("/verify", dependencies=[requires("audit.read")])
def verify_audit(session: Session, held: Held, actor: CurrentActor) -> AuditVerificationOut:
    """Walk the whole chain and compare it with the signed heads that were kept outside the database."""
    try:
        kept = _heads(held).kept(actor.tenant_id)
    except HeadInvalid as error:
        return _broken(0, None, f"A kept head cannot be trusted: {error}.")
    try:
        length = session.audit.verify(kept)
    except AuditChainBroken as error:
        return _broken(len(kept), error.seq, str(error))
    head = session.audit.at(length).hash
    return AuditVerificationOut(
        ok=True, length=length, head=head, heads_compared=len(kept), broken_at=None, problem=None
    )


@router.get("/head", dependencies=[requires("audit.read")])
def audit_head(session: Session, held: Held, actor: CurrentActor) -> SignedHeadOut:
    """The newest event's number and hash, signed: kept elsewhere, it shows if events are cut off later."""
    signer = _heads(held).signer
    signed = signer.sign(actor.tenant_id, session.audit.head())
    return SignedHeadOut.model_validate({**asdict(signed), "public_key": signer.public_key})


@router.get(
    "/export",
    dependencies=[requires("audit.read")],
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}},
)
def export_audit(session: Session, held: Held, actor: CurrentActor) -> StreamingResponse:
    """Every event as a line of JSON, oldest first; the last line holds the signed head: a file without it was cut."""
    head = session.audit.head()
    name = f"audit-{head.seq}.jsonl"
    return StreamingResponse(
        _lines(held, actor.tenant_id, head),
        media_type="application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _lines(held: AppState, tenant_id: UUID, head: ChainHead) -> Iterator[bytes]:
    """One short transaction a portion: a reader that is slow holds none open."""
    seq = 0
    while seq < head.seq:
        with held.control_plane.tenant_session(tenant_id) as session:
            events = session.audit.after(seq, min(PORTION, head.seq - seq))
        if not events:
            raise AuditChainBroken(seq + 1)
        seq = events[-1].seq
        shown = (AuditEventOut.model_validate(event).model_dump(mode="json") for event in events)
        yield b"".join(orjson.dumps(event) + b"\n" for event in shown)
    yield orjson.dumps({"head": asdict(_heads(held).signer.sign(tenant_id, head))}) + b"\n"


def _heads(held: AppState) -> AuditHeads:
    return AuditHeads(held.settings.home, held.settings.master_key_bytes())


def _broken(compared: int, at: int | None, problem: str) -> AuditVerificationOut:
    return AuditVerificationOut(
        ok=False, length=None, head=None, heads_compared=compared, broken_at=at, problem=problem
    )


def _place(cursor: str | None) -> int | None:
    found = read_cursor(cursor, 1)
    if found is None:
        return None
    seq = found[0]
    if type(seq) is not int or not 0 < seq < 2**63:
        raise Invalid("That is no cursor of this list; begin without one.")
    return seq
