"""Registering, logging in and out, refreshing, passwords, and who one is."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="", route_class=TenantRoute)
