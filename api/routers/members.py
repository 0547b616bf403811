"""The people of a tenant and their roles."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/members", route_class=TenantRoute)
