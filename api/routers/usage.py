"""What a tenant's language model was asked and cost."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/llm-usage", route_class=TenantRoute)
