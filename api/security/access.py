"""Everything that tells who is asking, made once for the application: keys, authenticator, throttle, failed log-ins."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self
from uuid import UUID

import redis

from api.security.access_tokens import issue
from api.security.authenticator import Authenticator
from api.security.failed_logins import FailedLogins
from api.security.key_ring import KeyRing
from api.security.throttle import Throttle
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.passwords import password_matches
from orchestration.resources.settings import Settings


@dataclass(frozen=True, slots=True)
class Access:
    """Reached as `held.access`."""

    ring: KeyRing
    authenticator: Authenticator
    throttle: Throttle
    failed_logins: FailedLogins

    @classmethod
    @contextmanager
    def opened(cls, settings: Settings, control_plane: ControlPlane, client: "redis.Redis") -> Iterator[Self]:
        """Made, and closed afterwards. Asks neither Postgres nor Valkey before it has to."""
        password_matches("", None)  # the hash that stands in for unknown users takes its time once, not at a log-in
        ring = KeyRing(control_plane)
        limits = (settings.login_failures_per_account, settings.login_failures_per_address)
        access = cls(ring, Authenticator(control_plane, ring), Throttle(client, *limits), FailedLogins(control_plane))
        access.failed_logins.start()
        try:
            yield access
        finally:
            access.failed_logins.close()
            access.authenticator.close()

    def token(self, tenant_id: UUID, user_id: UUID, login_id: UUID) -> str:
        """An access token for a log-in."""
        return issue(*self.ring.signing(), tenant_id, user_id, login_id)
