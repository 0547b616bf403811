"""Pages, exports and single rows of the unified views, from the published snapshot."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/views", route_class=TenantRoute)
