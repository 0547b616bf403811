"""Which source field fills which field, by version; back to any of them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api.dependencies import Held, Id, Session, requires
from api.paging import CursorText, Limit, Page, write_cursor
from api.problems import Conflict, Invalid, NotFound, PreconditionFailed, problems
from api.repairs.answers import catalog_of, change_out, connection_names, mapping_fields, mapping_out
from api.repairs.decisions import Decisions, mapping_tag, read_rules, readable_rules
from api.repairs.places import id_and_name, number
from api.repairs.samples import ChangeSamples
from api.schemas.approvals import DecisionOut
from api.schemas.mappings import (
    CurrentMappingOut,
    MappingDiffOut,
    MappingIn,
    MappingOut,
    MappingPreviewIn,
    MappingVersionOut,
    PreviewOut,
    RollBackIn,
)
from api.schemas.values import Line, SourceName
from api.unit_of_work import TenantRoute
from assets.mapping.repairs import deciding
from assets.mapping.repairs.event_words import sources_of
from assets.mapping.repairs.proposal_words import rules_diff
from assets.mapping.repairs.rule_changes import changed_targets, rule_changes
from assets.mapping.repairs.taking_back import rules_of
from assets.mapping.rules import StreamMapping
from assets.mapping.rules_json import rules_to_json
from assets.normalize.edits import check_edit, known_fields
from orchestration.control_plane.mappings import MappingRecord
from orchestration.control_plane.tenant_session import TenantSession

router = APIRouter(prefix="/mappings", route_class=TenantRoute)

# Names of streams are the source's: they may hold slashes.
StreamName = Annotated[str, Path(min_length=1, max_length=500, description="Name of the stream.")]
VersionNumber = Annotated[int, Path(ge=1, le=2**31 - 1, description="Number of the version.")]
READ, WRITE = requires("drift.read"), requires("mappings.write")
ONE = "/{connection_id}/{stream:path}"


@router.get("", dependencies=[READ])
def list_mappings(
    session: Session,
    limit: Limit = 50,
    cursor: CursorText = None,
    connection_id: Id | None = None,
    stream: SourceName | None = None,
    entity: Annotated[Line | None, Query(description="Only mappings onto this entity.", examples=["contact"])] = None,
) -> Page[MappingOut]:
    """The mappings in force, by connection and stream."""
    found = session.mappings.page(limit + 1, id_and_name(cursor), connection_id, stream, entity)
    names = connection_names(session)
    items = [mapping_out(mapping, names) for mapping in found[:limit]]
    last = items[-1] if len(found) > limit else None
    return Page(items=items, next_cursor=last and write_cursor(last.connection_id, last.stream))


@router.post("/preview", dependencies=[WRITE], responses=problems(NotFound, Invalid))
def preview_mapping_rules(wanted: MappingPreviewIn, session: Session, held: Held) -> PreviewOut:
    """What rules would make of sample rows of a stream, beside what stands in the view. Nothing is written."""
    current = _in_force(session, wanted.connection_id, wanted.stream)
    with readable_rules():
        rules = read_rules(wanted.rules)
        entity = current.entity or known_entity(session, wanted.entity)
        mapping = StreamMapping(wanted.stream, entity, current.version + 1, rules)
        check_edit(session, wanted.connection_id, mapping, _read_now(current))
    targets = changed_targets(rules_of(current), rules)
    shown = [rule for rule in rules if rule.target in targets] or list(rules)
    samples = ChangeSamples(held.published, session)
    return PreviewOut(
        diff=rules_diff(current.rules, rules_to_json(rules)),
        samples=samples.of_mapping(wanted.connection_id, mapping, shown),
    )


@router.get(f"{ONE}/versions", dependencies=[READ], responses=problems(NotFound))
def list_mapping_versions(
    connection_id: Id, stream: StreamName, session: Session, limit: Limit = 50, cursor: CursorText = None
) -> Page[MappingVersionOut]:
    """Every version of a stream's mapping, newest first: who, when, why, and what it changed."""
    found = session.mappings.versions(connection_id, stream, limit + 1, number(cursor))
    if not found and cursor is None:
        raise NotFound
    names = connection_names(session)
    items = [
        MappingVersionOut(
            **mapping_fields(version, names),
            diff=rules_diff(found[at + 1].rules if at + 1 < len(found) else [], version.rules),
        )
        for at, version in enumerate(found[:limit])
    ]
    last = items[-1] if len(found) > limit else None
    return Page(items=items, next_cursor=last and write_cursor(last.version))


@router.get(f"{ONE}/versions/{{version}}", dependencies=[READ], responses=problems(NotFound))
def get_mapping_version(connection_id: Id, stream: StreamName, version: VersionNumber, session: Session) -> MappingOut:
    """One version of a stream's mapping."""
    return mapping_out(session.mappings.version(connection_id, stream, version), connection_names(session))


@router.get(f"{ONE}/compare", dependencies=[READ], responses=problems(NotFound))
def compare_mapping_versions(
    connection_id: Id,
    stream: StreamName,
    session: Session,
    version_from: Annotated[int, Query(alias="from", ge=1, le=2**31 - 1)],
    version_to: Annotated[int, Query(alias="to", ge=1, le=2**31 - 1)],
) -> MappingDiffOut:
    """What one version has that another has not."""
    before, after = (session.mappings.version(connection_id, stream, one) for one in (version_from, version_to))
    rules = rules_of(before), rules_of(after)
    changes = rule_changes(*rules, changed_targets(*rules))
    return MappingDiffOut(
        version_from=version_from, version_to=version_to, diff=rules_diff(before.rules, after.rules),
        changes=[change_out(change) for change in changes if change["before"] != change["after"]],
    )  # fmt: skip


@router.post(
    f"{ONE}/rollback",
    status_code=202,
    dependencies=[WRITE],
    responses=problems(NotFound, Conflict, PreconditionFailed),
)
def roll_back_mapping(
    connection_id: Id, stream: StreamName, wanted: RollBackIn, decisions: Annotated[Decisions, Depends()]
) -> DecisionOut:
    """Put the rules of an earlier version in force again, as a new one; repairs that came after it are taken back."""
    decisions.take_up_mapping(connection_id, stream)
    return decisions.answer(
        deciding.rollback(decisions.session, connection_id, stream, wanted.version, decisions.by, wanted.note)
    )


@router.get(ONE, dependencies=[READ], responses=problems(NotFound))
def get_mapping(connection_id: Id, stream: StreamName, session: Session, response: Response) -> CurrentMappingOut:
    """The mapping of a stream in force, with the fields that nothing is mapped from."""
    mapping = _in_force(session, connection_id, stream)
    response.headers["ETag"] = mapping_tag(mapping)
    fields = known_fields(session, connection_id, stream)
    unmapped = sorted(fields - {name for rule in mapping.rules for name in sources_of(rule)})
    return CurrentMappingOut(**mapping_fields(mapping, connection_names(session)), unmapped=unmapped)


@router.put(
    ONE,
    dependencies=[WRITE],
    responses={202: {"model": DecisionOut}, **problems(NotFound, Conflict, PreconditionFailed, Invalid)},
)
def replace_mapping(
    connection_id: Id, stream: StreamName, written: MappingIn, decisions: Annotated[Decisions, Depends()]
) -> DecisionOut:
    """Put a mapping of one's own in force. Where two persons are needed it waits among the approvals for the second."""
    session = decisions.session
    current = decisions.take_up_mapping(connection_id, stream)
    if current is None:
        raise NotFound

    def check(mapping: StreamMapping) -> None:
        check_edit(session, connection_id, mapping, _read_now(current))

    with readable_rules():
        rules = read_rules(written.rules)
        entity = known_entity(session, written.entity)
        decided = deciding.write(session, connection_id, stream, decisions.by, rules, written.note, check, entity)
    return decisions.answer(decided)


def known_entity(session: TenantSession, name: str | None) -> str | None:
    """The entity of this name, canonical or declared; None for none. Raises Invalid."""
    if name is not None and name not in catalog_of(session):
        raise Invalid(f"There is no entity {name!r}.")
    return name


def _in_force(session: TenantSession, connection_id: Id, stream: str) -> MappingRecord:
    found = session.mappings.active(connection_id, stream)
    if found is None:
        raise NotFound
    return found


def _read_now(mapping: MappingRecord) -> set[str]:
    """Fields that the mapping in force reads, also those the source has no more."""
    return {name for rule in mapping.rules for name in sources_of(rule)}
