"""A tenant's thresholds, approvals, notes and language model."""

from dataclasses import asdict
from decimal import Decimal

from fastapi import APIRouter, Response

from api.conditional import Conditional, entity_tag
from api.dependencies import CurrentActor, Session, requires
from api.problems import Invalid, PreconditionFailed, problems
from api.schemas.repair_settings import RepairSettingsIn, RepairSettingsOut
from api.unit_of_work import TenantRoute
from orchestration.control_plane.repair_settings import RepairSettings

router = APIRouter(prefix="/settings", route_class=TenantRoute)


@router.get("", dependencies=[requires("settings.read")])
def get_repair_settings(session: Session, response: Response) -> RepairSettingsOut:
    """How repairs are decided."""
    return _answer(session.repair_settings.get(), response)


@router.patch("", dependencies=[requires("settings.write")], responses=problems(Invalid, PreconditionFailed))
def change_repair_settings(
    wanted: RepairSettingsIn, session: Session, actor: CurrentActor, wants: Conditional, response: Response
) -> RepairSettingsOut:
    """Change what is given; the rest stays."""
    wants.check(_tag(session.repair_settings.get(for_change=True)))
    changes = wanted.model_dump(exclude_unset=True)
    secret = changes.get("slack_secret")
    if secret is not None and secret not in session.secrets.names():
        raise Invalid("There is no secret of that name; put it first.")
    if not changes:
        return _answer(session.repair_settings.get(), response)
    changed = session.repair_settings.set(actor.name, **changes)
    told = {name: str(value) if isinstance(value, Decimal) else value for name, value in changes.items()}
    session.audit.record("repair.settings", f"tenant:{session.tenant_id}", told, actor.name)
    return _answer(changed, response)


def _answer(settings: RepairSettings, response: Response) -> RepairSettingsOut:
    response.headers["ETag"] = _tag(settings)
    return RepairSettingsOut.model_validate(settings)


def _tag(settings: RepairSettings) -> str:
    budget = settings.llm_monthly_budget_usd
    # An amount is the same with any number of zeros behind it.
    return entity_tag("repair settings", {**asdict(settings), "llm_monthly_budget_usd": budget and budget.normalize()})
