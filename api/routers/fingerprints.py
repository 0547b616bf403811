"""The shapes sources were seen in."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/fingerprints", route_class=TenantRoute)
