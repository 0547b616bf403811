"""What is mapped onto what right now: mappings in force with their connections, fields and holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.schemas.ontology import FieldLinkOut
from assets.fingerprint.fingerprint import ObservedStream
from assets.mapping.rules import FieldRule
from assets.mapping.rules_json import rules_from_json
from assets.normalize.catalog import EntityCatalog
from assets.normalize.custom import tenant_catalog
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.mappings import MappingRecord
from orchestration.control_plane.tenant_session import TenantSession


@dataclass(frozen=True, slots=True)
class MappedStream:
    """A stream of a live connection with the mapping in force; fields as last seen, and those that are held."""

    connection: ConnectionRecord
    mapping: MappingRecord
    rules: tuple[FieldRule, ...]
    fields: tuple[str, ...]
    held: frozenset[str]

    @property
    def key(self) -> tuple[str, str]:
        """Connection id and stream, as canonical rows name it."""
        return str(self.connection.id), self.mapping.stream

    @property
    def label(self) -> str:
        """CONNECTION/STREAM."""
        return f"{self.connection.name}/{self.mapping.stream}"

    @property
    def read(self) -> frozenset[str]:
        """Source fields that some rule without end reads."""
        return frozenset(name for rule in self.rules if rule.until is None for name in rule.sources())

    @property
    def mapped(self) -> list[str]:
        """Fields that are read."""
        return [name for name in self.fields if name in self.read]

    @property
    def unmapped(self) -> list[str]:
        """Fields that no rule reads."""
        return [name for name in self.fields if name not in self.read]

    def links(self) -> list[FieldLinkOut]:
        """Its field mappings."""
        return [
            FieldLinkOut(
                source=rule.source,
                target=rule.target,
                transform={"kind": rule.transform.kind, "args": dict(rule.transform.args)},
                probability=rule.probability,
                decided_by=rule.decided_by,
                held=bool(self.held & set(rule.sources())),
            )
            for rule in self.rules
            if rule.until is None
        ]


@dataclass(frozen=True, slots=True)
class Mapped:
    """Everything that is mapped in a tenant."""

    catalog: EntityCatalog
    connections: Sequence[ConnectionRecord]
    streams: Sequence[MappedStream]

    @classmethod
    def of(cls, session: TenantSession) -> "Mapped":
        """As it stands in this transaction."""
        connections = {known.id: known for known in session.connections.list()}
        held: dict[tuple[object, str], frozenset[str]] = {}
        for connection_id in connections:
            for hold in session.holds.active(connection_id):
                key = (connection_id, hold.stream)
                held[key] = held.get(key, frozenset()) | frozenset(hold.fields)
        streams = [
            MappedStream(
                connections[mapping.connection_id],
                mapping,
                rules_from_json(mapping.rules),
                _fields(session, mapping),
                held.get((mapping.connection_id, mapping.stream), frozenset()),
            )
            for mapping in session.mappings.list()
            if mapping.connection_id in connections
        ]
        return cls(tenant_catalog(session.custom_entities.list()), list(connections.values()), streams)

    def onto(self, entity: str) -> list[MappedStream]:
        """Streams that are mapped onto the entity."""
        return [stream for stream in self.streams if stream.mapping.entity == entity]


def _fields(session: TenantSession, mapping: MappingRecord) -> tuple[str, ...]:
    shape = session.schemas.latest(mapping.connection_id, mapping.stream)
    if shape is None:
        return ()
    return tuple(field.name for document in shape.fields for field in ObservedStream.from_json(document).fields)
