"""From a view's table or column back to its sources."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/lineage", route_class=TenantRoute)
