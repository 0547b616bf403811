"""For those who run the platform: health, queues, lag, versions."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="", route_class=TenantRoute)
