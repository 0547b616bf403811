"""Which sources fill which entities, and how much of them is mapped."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="", route_class=TenantRoute)
