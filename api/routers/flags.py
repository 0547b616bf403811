"""Features that are rolled out step by step: which a tenant has, and what operators set for all."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from api.conditional import Conditional, entity_tag
from api.dependencies import CurrentActor, Held, Session, operators_only, requires
from api.schemas.flags import (
    FlagDetailOut,
    FlagIn,
    FlagName,
    FlagOut,
    FlagOverrideIn,
    FlagOverrideOut,
    FlagStateOut,
    TenantIdOfPath,
)
from api.security.actor import Actor
from api.state import AppState
from api.unit_of_work import TenantRoute
from orchestration.control_plane.feature_flags import FlagRecord

router = APIRouter(prefix="", route_class=TenantRoute)
_OPERATORS = [Depends(operators_only)]


@router.get("/flags", dependencies=[requires("settings.read")])
def list_flags(session: Session) -> list[FlagStateOut]:
    """Which features this tenant has, and why."""
    return [FlagStateOut.model_validate(state) for state in session.flags.states()]


@router.get("/platform-flags", dependencies=_OPERATORS)
def list_platform_flags(held: Held) -> list[FlagOut]:
    """Every flag. For operators."""
    with held.control_plane.identity_session() as identity:
        return [FlagOut.model_validate(flag) for flag in identity.flags.list()]


@router.get("/platform-flags/{name}", dependencies=_OPERATORS)
def get_platform_flag(name: FlagName, held: Held, response: Response) -> FlagDetailOut:
    """One flag with the tenants that are named. For operators."""
    with held.control_plane.identity_session() as identity:
        flag = identity.flags.get(name)
        overrides = [FlagOverrideOut.model_validate(found) for found in identity.flags.overrides(name)]
    response.headers["ETag"] = _tag(flag)
    return FlagDetailOut(**FlagOut.model_validate(flag).model_dump(), overrides=overrides)


@router.put("/platform-flags/{name}", dependencies=_OPERATORS)
def put_platform_flag(
    name: FlagName,
    wanted: FlagIn,
    held: Held,
    session: Session,
    actor: CurrentActor,
    conditional: Conditional,
    response: Response,
) -> FlagOut:
    """Make or change a flag. For operators; it stands in the history of the tenant they work in."""
    with held.control_plane.identity_session() as identity:
        conditional.check(_tag_of(identity.flags.list(), name))
        percentage = Decimal(str(round(wanted.percentage, 2)))
        flag = identity.flags.put(name, wanted.description, percentage, wanted.enabled, actor.name)
    data = {"percentage": float(flag.percentage), "enabled": flag.enabled}
    session.audit.record("flag.set", f"flag:{name}", data, actor.name)
    response.headers["ETag"] = _tag(flag)
    return FlagOut.model_validate(flag)


@router.delete("/platform-flags/{name}", status_code=204, dependencies=_OPERATORS)
def delete_platform_flag(
    name: FlagName, held: Held, session: Session, actor: CurrentActor, conditional: Conditional
) -> None:
    """Forget a flag with its overrides. For operators."""
    with held.control_plane.identity_session() as identity:
        conditional.check(_tag(identity.flags.get(name)))
        identity.flags.delete(name)
    session.audit.record("flag.deleted", f"flag:{name}", {}, actor.name)


@router.put("/platform-flags/{name}/tenants/{tenant_id}", status_code=204, dependencies=_OPERATORS)
def override_platform_flag(
    name: FlagName, tenant_id: TenantIdOfPath, wanted: FlagOverrideIn, held: Held, actor: CurrentActor
) -> None:
    """Give one tenant a feature or keep it from it, whatever the percentage is. For operators; it can see that."""
    with held.control_plane.identity_session() as identity:
        identity.flags.override(name, tenant_id, wanted.is_on)
        _tell(held, tenant_id, "flag.overridden", name, {"is_on": wanted.is_on}, actor)


@router.delete("/platform-flags/{name}/tenants/{tenant_id}", status_code=204, dependencies=_OPERATORS)
def end_platform_flag_override(name: FlagName, tenant_id: TenantIdOfPath, held: Held, actor: CurrentActor) -> None:
    """Back to what the percentage says. For operators; the tenant can see that."""
    with held.control_plane.identity_session() as identity:
        identity.flags.end_override(name, tenant_id)
        _tell(held, tenant_id, "flag.override_ended", name, {}, actor)


def _tell(held: AppState, tenant_id: UUID, action: str, name: str, data: dict[str, bool], actor: Actor) -> None:
    """Into the history of the tenant it is done to, before it is done: a commit that fails leaves too much there."""
    with held.control_plane.tenant_session(tenant_id) as session:
        session.audit.record(action, f"flag:{name}", data, actor.name)


def _tag(flag: FlagRecord) -> str:
    return entity_tag(flag.name, flag.updated_at)


def _tag_of(flags: Sequence[FlagRecord], name: str) -> str | None:
    return next((_tag(flag) for flag in flags if flag.name == name), None)
