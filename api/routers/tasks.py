"""Work for Dagster: asked for, followed, canceled, retried, chained."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/tasks", route_class=TenantRoute)
