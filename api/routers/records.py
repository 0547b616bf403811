"""Where a row of a view comes from, record by record and cell by cell."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/views/{view}/rows/{row_id}", route_class=TenantRoute)
