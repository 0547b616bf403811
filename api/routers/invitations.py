"""Asking people into a tenant."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/invitations", route_class=TenantRoute)
