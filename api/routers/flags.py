"""Features that are rolled out by share of tenants, or tenant by tenant."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/flags", route_class=TenantRoute)
