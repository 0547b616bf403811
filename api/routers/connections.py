"""A tenant's sources: connected, changed, tested, paused, deleted."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/connections", route_class=TenantRoute)
