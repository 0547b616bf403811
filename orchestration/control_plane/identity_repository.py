"""What the parts of the identity session share: its transaction, and the sealer of what it keeps."""

import sqlalchemy as sa

from orchestration.control_plane.sealing import Sealer


class IdentityRepository:
    """Base of those parts; lives as long as the transaction."""

    def __init__(self, connection: sa.Connection, sealer: Sealer | None) -> None:
        self._connection = connection
        self._sealer = sealer
