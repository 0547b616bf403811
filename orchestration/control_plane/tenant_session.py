"""One transaction of one tenant: its repositories, all behind that tenant's row-level security."""

from uuid import UUID

import sqlalchemy as sa

from orchestration.control_plane.audit import AuditRepository
from orchestration.control_plane.connections import ConnectionRepository
from orchestration.control_plane.custom_entities import CustomEntityRepository
from orchestration.control_plane.drift import DriftRepository
from orchestration.control_plane.drift_contracts import ContractRepository
from orchestration.control_plane.funnel import FunnelRepository
from orchestration.control_plane.holds import HoldRepository
from orchestration.control_plane.llm_usage import LlmUsageRepository
from orchestration.control_plane.mappings import MappingRepository
from orchestration.control_plane.notes_outbox import OutboxRepository
from orchestration.control_plane.onboarding_intents import IntentRepository
from orchestration.control_plane.priors import PriorRepository
from orchestration.control_plane.proposals import ProposalRepository
from orchestration.control_plane.publications import PublicationRepository
from orchestration.control_plane.refreshes import RefreshRepository
from orchestration.control_plane.repair_settings import RepairSettingsRepository
from orchestration.control_plane.schemas import SchemaRepository
from orchestration.control_plane.sealing import Sealer
from orchestration.control_plane.sync_notes import SyncNoteRepository
from orchestration.control_plane.sync_runs import SyncRunRepository
from orchestration.control_plane.tenant_secrets import SecretRepository
from orchestration.control_plane.tenants import TenantRepository
from orchestration.control_plane.users import UserRepository
from orchestration.control_plane.watches import WatchRepository


class TenantSession:
    """Opened by `ControlPlane.tenant_session`; commits when its block ends, rolls back when it raises."""

    def __init__(self, connection: sa.Connection, tenant_id: UUID, sealer: Sealer | None) -> None:
        self.tenant_id = tenant_id
        self.tenants = TenantRepository(connection, tenant_id)
        self.users = UserRepository(connection, tenant_id)
        self.connections = ConnectionRepository(connection, tenant_id, sealer)
        self.intents = IntentRepository(connection, tenant_id)
        self.funnel = FunnelRepository(connection, tenant_id)
        self.sync_runs = SyncRunRepository(connection, tenant_id)
        self.sync_notes = SyncNoteRepository(connection, tenant_id)
        self.secrets = SecretRepository(connection, tenant_id, sealer)
        self.refreshes = RefreshRepository(connection, tenant_id)
        self.publications = PublicationRepository(connection, tenant_id)
        self.schemas = SchemaRepository(connection, tenant_id)
        self.drift = DriftRepository(connection, tenant_id)
        self.contracts = ContractRepository(connection, tenant_id)
        self.mappings = MappingRepository(connection, tenant_id)
        self.repair_settings = RepairSettingsRepository(connection, tenant_id, sealer)
        self.proposals = ProposalRepository(connection, tenant_id)
        self.holds = HoldRepository(connection, tenant_id)
        self.watches = WatchRepository(connection, tenant_id)
        self.priors = PriorRepository(connection, tenant_id, sealer)
        self.llm_usage = LlmUsageRepository(connection, tenant_id)
        self.notes_outbox = OutboxRepository(connection, tenant_id)
        self.custom_entities = CustomEntityRepository(connection, tenant_id)
        self.audit = AuditRepository(connection, tenant_id)
