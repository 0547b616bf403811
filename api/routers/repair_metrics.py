"""How the repair loop does, counted from rows."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/metrics", route_class=TenantRoute)
