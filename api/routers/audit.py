"""A tenant's history, and the proof that nobody changed it."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/audit", route_class=TenantRoute)
