"""Differences between the approved shape of a source and the one seen."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/drift", route_class=TenantRoute)
