"""People decide on repairs that policy would not apply alone."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/approvals", route_class=TenantRoute)
