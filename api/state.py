"""What the application holds while it runs, made once at its start and closed at its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from api.readiness import Probes
from orchestration.control_plane.database import ControlPlane
from orchestration.resources.events import Events
from orchestration.resources.settings import Settings


@dataclass(frozen=True, slots=True)
class AppState:
    """Reached by dependencies as `request.app.state.held`."""

    settings: Settings
    control_plane: ControlPlane
    events: Events
    probes: Probes

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings) -> AsyncIterator[Self]:
        """Everything made, and closed afterwards. Opens no connection before it is needed."""
        import redis

        control_plane = ControlPlane(settings.database_url, None, settings.master_key_bytes())
        client = redis.Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2)
        with client, Probes.opened(settings) as probes:
            yield cls(settings, control_plane, Events(client), probes)
        control_plane.dispose()
