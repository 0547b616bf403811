"""Keys for programs."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/api-keys", route_class=TenantRoute)
