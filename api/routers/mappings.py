"""Which source field fills which field, by version; back to any of them."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/mappings", route_class=TenantRoute)
