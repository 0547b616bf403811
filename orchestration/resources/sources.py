"""Connectors, made from a connection's stored configuration and its unsealed secrets, for the length of one run."""

from typing import Any

from connectors.protocol import Connector
from connectors.registry import connector_for
from orchestration.control_plane.database import ControlPlane
from orchestration.partitions import ConnectionKey


class Sources:
    """Opens the source of a connection. Secrets go from the control plane into the connector and nowhere else."""

    def __init__(self, control_plane: ControlPlane) -> None:
        self._control_plane = control_plane

    def connector(self, key: ConnectionKey) -> Connector[Any]:
        """The connector of a live connection.

        Raises:
            ConfigInvalid: the stored configuration does not fit its kind.
            NotFound: the connection was deleted.
        """
        with self._control_plane.tenant_session(key.tenant_id) as session:
            record = session.connections.get(key.connection_id)
            secrets = session.connections.secrets(key.connection_id)
        return connector_for(record.kind, {**record.config, **secrets})
