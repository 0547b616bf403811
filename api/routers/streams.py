"""What a source offers, and what of it is read."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/connections/{connection_id}/streams", route_class=TenantRoute)
