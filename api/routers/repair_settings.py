"""A tenant's thresholds, approvals, notes and language model."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/settings", route_class=TenantRoute)
