"""One transaction of one tenant: its repositories, all behind that tenant's row-level security."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from orchestration.control_plane.api_keys import ApiKeyRepository
from orchestration.control_plane.audit import AuditRepository
from orchestration.control_plane.connections import ConnectionRepository
from orchestration.control_plane.custom_entities import CustomEntityRepository
from orchestration.control_plane.drift import DriftRepository
from orchestration.control_plane.drift_contracts import ContractRepository
from orchestration.control_plane.feature_flags import FlagRepository
from orchestration.control_plane.funnel import FunnelRepository
from orchestration.control_plane.holds import HoldRepository
from orchestration.control_plane.idempotency_keys import IdempotencyKeyRepository
from orchestration.control_plane.invitations import InvitationRepository
from orchestration.control_plane.llm_usage import LlmUsageRepository
from orchestration.control_plane.logins import LoginRepository
from orchestration.control_plane.mappings import MappingRepository
from orchestration.control_plane.news import News, put_news
from orchestration.control_plane.notes_outbox import OutboxRepository
from orchestration.control_plane.onboarding_intents import IntentRepository
from orchestration.control_plane.overviews import OverviewRepository
from orchestration.control_plane.priors import PriorRepository
from orchestration.control_plane.proposals import ProposalRepository
from orchestration.control_plane.publications import PublicationRepository
from orchestration.control_plane.refreshes import RefreshRepository
from orchestration.control_plane.repair_metrics import RepairMetricsRepository
from orchestration.control_plane.repair_settings import RepairSettingsRepository
from orchestration.control_plane.schemas import SchemaRepository
from orchestration.control_plane.sealing import Sealer
from orchestration.control_plane.sync_notes import SyncNoteRepository
from orchestration.control_plane.sync_runs import SyncRunRepository
from orchestration.control_plane.task_advance import TaskLife
from orchestration.control_plane.task_callbacks import CallbackRepository
from orchestration.control_plane.task_notes import TaskNoteRepository
from orchestration.control_plane.tasks import TaskRepository
from orchestration.control_plane.tenant_secrets import SecretRepository
from orchestration.control_plane.tenants import TenantRepository
from orchestration.control_plane.users import UserRepository
from orchestration.control_plane.watches import WatchRepository


class TenantSession:
    """Opened by `ControlPlane.tenant_session`; commits when its block ends, rolls back when it raises."""

    def __init__(self, connection: sa.Connection, tenant_id: UUID, sealer: Sealer | None) -> None:
        self.tenant_id = tenant_id
        self.trace_id: str | None = None  # of the request or run that works here; events of the transaction carry it
        self._connection = connection
        self.tenants = TenantRepository(connection, tenant_id)
        self.users = UserRepository(connection, tenant_id)
        self.logins = LoginRepository(connection, tenant_id)
        self.invitations = InvitationRepository(connection, tenant_id)
        self.api_keys = ApiKeyRepository(connection, tenant_id)
        self.connections = ConnectionRepository(connection, tenant_id, sealer)
        self.overviews = OverviewRepository(connection, tenant_id)
        self.intents = IntentRepository(connection, tenant_id)
        self.funnel = FunnelRepository(connection, tenant_id)
        self.sync_runs = SyncRunRepository(connection, tenant_id)
        self.sync_notes = SyncNoteRepository(connection, tenant_id)
        self.secrets = SecretRepository(connection, tenant_id, sealer)
        self.refreshes = RefreshRepository(connection, tenant_id)
        self.tasks = TaskRepository(connection, tenant_id)
        self.task_life = TaskLife(connection, tenant_id)
        self.task_notes = TaskNoteRepository(connection, tenant_id)
        self.task_callbacks = CallbackRepository(connection, tenant_id)
        self.publications = PublicationRepository(connection, tenant_id)
        self.schemas = SchemaRepository(connection, tenant_id)
        self.drift = DriftRepository(connection, tenant_id)
        self.contracts = ContractRepository(connection, tenant_id)
        self.mappings = MappingRepository(connection, tenant_id)
        self.repair_settings = RepairSettingsRepository(connection, tenant_id, sealer)
        self.proposals = ProposalRepository(connection, tenant_id)
        self.holds = HoldRepository(connection, tenant_id)
        self.watches = WatchRepository(connection, tenant_id)
        self.repair_metrics = RepairMetricsRepository(connection, tenant_id)
        self.priors = PriorRepository(connection, tenant_id, sealer)
        self.llm_usage = LlmUsageRepository(connection, tenant_id)
        self.notes_outbox = OutboxRepository(connection, tenant_id)
        self.custom_entities = CustomEntityRepository(connection, tenant_id)
        self.flags = FlagRepository(connection, tenant_id)
        self.idempotency_keys = IdempotencyKeyRepository(connection, tenant_id)
        self.audit = AuditRepository(connection, tenant_id)

    def tell(self, kind: str, data: Mapping[str, Any], actor: str | None = None) -> None:
        """Have dashboards told of it once this is committed. What the history records is told by itself."""
        put_news(self._connection, News(kind, data, actor))
