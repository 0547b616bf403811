"""Sources asked for, what stands in their way, and the funnel they are in."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="", route_class=TenantRoute)
