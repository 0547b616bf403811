"""A tenant's own credentials: written, named, never read back."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/secrets", route_class=TenantRoute)
