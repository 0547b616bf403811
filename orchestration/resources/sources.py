"""Connectors, made from a connection's stored configuration and its unsealed secrets, for the length of one run."""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from connectors.outbound.policy import Outbound
from connectors.protocol import Connector
from connectors.registry import connector_for
from orchestration.control_plane.database import ControlPlane
from orchestration.partitions import ConnectionKey
from orchestration.resources.asking import asked_slowly

_HASH_KEY_LABEL = b"autonomos hashed columns"


@dataclass(frozen=True, slots=True)
class OpenSource:
    """A connector, the settings of its streams by name, and the tenant's key for hashed columns (empty: none)."""

    connector: Connector[Any]
    streams: Mapping[str, Any]
    hash_key: bytes = field(repr=False)


class Sources:
    """Opens the source of a connection. Secrets go from the control plane into the connector and nowhere else."""

    def __init__(
        self,
        control_plane: ControlPlane,
        outbound: Callable[[], Outbound] = Outbound,
        master_key: bytes | None = None,
    ) -> None:
        self._control_plane = control_plane
        self._outbound = outbound
        self._master_key = master_key

    @contextmanager
    def open(self, key: ConnectionKey) -> Iterator[OpenSource]:
        """The source of a live connection; closed at the end, however that comes.

        Raises:
            ConfigInvalid: the stored configuration does not fit its kind.
            NotFound: the connection was deleted.
            ControlPlaneError: the credentials are missing or cannot be opened.
        """
        with self._control_plane.tenant_session(key.tenant_id) as session:
            record = session.connections.get(key.connection_id)
            credentials = session.connections.credentials(key.connection_id)
        config = {**record.config, **credentials}
        if record.safe_mode:
            config = asked_slowly(record.kind, config)
        connector = connector_for(record.kind, config, self._outbound())
        try:
            yield OpenSource(connector, record.streams, self._hash_key(key.tenant_id))
        finally:
            connector.close()

    def _hash_key(self, tenant_id: UUID) -> bytes:
        """32 bytes that only this tenant's hashed columns are made with: equal values of two tenants do not match."""
        if self._master_key is None:
            return b""
        return hmac.digest(self._master_key, _HASH_KEY_LABEL + tenant_id.bytes, hashlib.sha256)
