"""One pass of the repair loop over a connection: watched repairs first, then the open drift, stream by stream.

Reads the control plane in one transaction, looks at the lake outside of any, and writes each stream's plan in one
transaction of its own. A connection with nothing open and nothing watched does not come here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assets.mapping.candidates import Decision
from assets.mapping.repairs.recording import Recorded, Recorder
from assets.mapping.repairs.repairing import Repairer
from assets.mapping.repairs.shadowing import Shadow
from assets.mapping.repairs.situation import EntityCatalogOf, Situation, load_situation, recalled
from assets.mapping.repairs.watching import Watcher, record_watches
from assets.mapping.rerank import reranker
from orchestration.control_plane.database import ControlPlane
from orchestration.partitions import ConnectionKey
from orchestration.resources.lake_session import LakeSession
from orchestration.resources.llm import Llm


@dataclass(frozen=True, slots=True)
class RepairLoop:
    """`counted` are the sync run's counts by stream, `recall` gives what people decided before."""

    control_plane: ControlPlane
    session: LakeSession
    key: ConnectionKey
    shadow: Shadow
    entity_catalog: EntityCatalogOf
    counted: Mapping[str, Mapping[str, Any]]
    recall: Callable[[], Sequence[Decision]]
    llm: Llm

    def run(self) -> Recorded:
        """Watch, roll back, repair, ask, refuse; what was done."""
        done = self._watch()
        situation = self._load()
        if not situation.events:
            return done
        memory = recalled(self.recall, [event for events in situation.events.values() for event in events])
        opinion = reranker(self.llm, self.key.tenant_id) if situation.settings.llm else None
        repairer = Repairer(self.session, self.key.connection_id, self.shadow, situation, memory, opinion)
        snapshot = self.session.snapshot()
        for stream in situation.events:
            plan = repairer.plan(stream)
            with self.control_plane.tenant_session(self.key.tenant_id) as tenant:
                done.add(Recorder(tenant, situation, snapshot).record(plan))
        return done

    def _watch(self) -> Recorded:
        with self.control_plane.tenant_session(self.key.tenant_id) as tenant:
            watches = tenant.watches.watching(self.key.connection_id)
        if not watches:
            return Recorded()
        situation = self._load()
        seen = Watcher(self.session, self.shadow, situation, self.counted).look(watches)
        if not seen:
            return Recorded()
        with self.control_plane.tenant_session(self.key.tenant_id) as tenant:
            return record_watches(tenant, situation, seen)

    def _load(self) -> Situation:
        with self.control_plane.tenant_session(self.key.tenant_id) as tenant:
            events = tenant.drift.open(self.key.connection_id)
            mappings = tenant.mappings.list(self.key.connection_id)
            return load_situation(tenant, self.key.connection_id, events, mappings, self.counted, self.entity_catalog)
