"""Features that operators roll out or take back by a flag; one for which no flag was ever set is on."""

from uuid import UUID

from api.state import AppState

WEBSOCKET_EVENTS = "websocket-events"


def has_feature(held: AppState, tenant_id: UUID, name: str) -> bool:
    """Whether a tenant has it now."""
    with held.control_plane.tenant_session(tenant_id) as session:
        return session.flags.has(name, undefined=True)
