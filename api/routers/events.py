"""What happens, as it happens: SSE, WebSocket, tickets, history."""

from fastapi import APIRouter

from api.unit_of_work import TenantRoute

router = APIRouter(prefix="", route_class=TenantRoute)
