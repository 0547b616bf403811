"""What may flow when a source changes."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/contracts", route_class=TenantRoute)
