"""One transaction about people and what proves who they are, across tenants, for whoever has to find out who asks.

Its login reads no business data. Changes within a tenant are made in that tenant's session, with their audit event.
"""

import sqlalchemy as sa

from orchestration.control_plane.accounts import Accounts
from orchestration.control_plane.feature_flags import PlatformFlags
from orchestration.control_plane.platform_figures import PlatformFigures
from orchestration.control_plane.proofs import Proofs
from orchestration.control_plane.rotation import Rotations
from orchestration.control_plane.sealing import Sealer
from orchestration.control_plane.signing_keys import SigningKeys


class IdentitySession(Accounts, Proofs, Rotations, SigningKeys):
    """Opened by `ControlPlane.identity_session`; commits when its block ends, rolls back when it raises."""

    def __init__(self, connection: sa.Connection, sealer: Sealer | None) -> None:
        super().__init__(connection, sealer)
        self.flags = PlatformFlags(connection, sealer)
        self.platform = PlatformFigures(connection, sealer)
