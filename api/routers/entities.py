"""Entities a tenant declares for itself."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/entities", route_class=TenantRoute)
