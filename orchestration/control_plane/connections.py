"""A connection: one source of one tenant, how to reach it, when to read it, and how it is doing.

Credentials are in a table of their own, sealed; no list, record or operator query touches them.
Deleting keeps the row as a tombstone, so that `register_partitions` sees it go, and destroys the credentials.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Literal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import Json, ScheduleText, StorableText, jsonb, tenant_table, timestamp
from orchestration.control_plane.errors import CredentialsClash, MasterKeyInvalid, NameTaken, NotFound
from orchestration.control_plane.locators import Locator
from orchestration.control_plane.repository import Repository, columns_for
from orchestration.control_plane.safe_mode import POLICY, RiskLevel, ScopesMode, is_safe_from_the_start
from orchestration.control_plane.schedule import Schedule
from orchestration.control_plane.sealing import SealedSecrets, Sealer
from orchestration.control_plane.tenant_secrets import SecretRepository, hold_secret

ConnectionStatus = Literal["active", "paused", "failing", "needs_person"]

connections = tenant_table(
    "connections",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    jsonb("config"),
    jsonb("streams"),
    sa.Column("schedule", ScheduleText, nullable=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("error", StorableText, nullable=True),
    sa.Column("failures_in_a_row", sa.Integer, nullable=False),
    timestamp("next_due_at", nullable=True),
    timestamp("last_success_at", nullable=True),
    timestamp("created_at"),
    timestamp("updated_at"),
    timestamp("deleted_at", nullable=True),
    sa.Column("change_seq", sa.BigInteger, nullable=False),
    sa.Column("safe_mode", sa.Boolean, nullable=False),
    sa.Column("safe_mode_lifted_by", StorableText, nullable=True),
    timestamp("safe_mode_lifted_at", nullable=True),
    sa.Column("risk_level", sa.Text, nullable=False),
    sa.Column("scopes_mode", sa.Text, nullable=False),
    sa.Column("namespace", StorableText, nullable=False),
    sa.Column("owner", StorableText, nullable=False),
    sa.Column("credential_locator", sa.Text, nullable=True),
    timestamp("circuit_open_until", nullable=True),
)
connection_secrets = tenant_table(
    "connection_secrets",
    sa.Column("connection_id", sa.Uuid, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
    sa.Column("ciphertext", sa.LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class ConnectionRecord:
    """A live connection; `config` holds no credential.

    In Safe Mode its syncs are samples. Until `circuit_open_until` the schedule leaves it alone. `updated_at` is when
    somebody changed it, or decided on it; how it is doing does not move it.
    """

    tenant_id: UUID
    id: UUID
    name: str
    kind: str
    config: dict[str, Json]
    streams: dict[str, Json]
    schedule: Schedule | None
    status: ConnectionStatus
    error: str | None
    failures_in_a_row: int
    next_due_at: datetime | None
    last_success_at: datetime | None
    created_at: datetime
    updated_at: datetime
    safe_mode: bool
    safe_mode_lifted_by: str | None
    safe_mode_lifted_at: datetime | None
    risk_level: RiskLevel
    scopes_mode: ScopesMode
    namespace: str
    owner: str
    credential_locator: str | None
    circuit_open_until: datetime | None


class Unchanged(Enum):
    """The default of `update`, since None means "no schedule"."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED


class ConnectionRepository(Repository):
    """The connections of one tenant."""

    kind = "connection"

    def __init__(self, connection: sa.Connection, tenant_id: UUID, sealer: Sealer | None) -> None:
        super().__init__(connection, tenant_id)
        self._sealer = sealer

    def create(
        self,
        name: str,
        kind: str,
        config: Mapping[str, Json],
        secrets: Mapping[str, Json] | None = None,
        schedule: Schedule | None = None,
        streams: Mapping[str, Json] | None = None,
        *,
        risk_level: RiskLevel = "low",
        scopes_mode: ScopesMode = "read_only",
        namespace: str = "",
        owner: str = "operator",
        credential_locator: Locator | None = None,
    ) -> ConnectionRecord:
        """A new connection, due at once when its schedule is an interval; NameTaken when a live one has the name.

        It starts in Safe Mode, but for the kinds that policy trusts.
        """
        connection_id = uuid4()
        trusted = is_safe_from_the_start(kind, risk_level)
        if credential_locator is not None:
            hold_secret(self._connection, credential_locator.name)
        new = postgresql.insert(connections).values(
            tenant_id=self._tenant_id, id=connection_id, name=name, kind=kind, config=dict(config),
            streams=dict(streams or {}), schedule=schedule, next_due_at=_first_due(schedule),
            safe_mode=not trusted, safe_mode_lifted_by=POLICY if trusted else None,
            safe_mode_lifted_at=sa.func.clock_timestamp() if trusted else None, risk_level=risk_level,
            scopes_mode=scopes_mode, namespace=namespace, owner=owner,
            credential_locator=None if credential_locator is None else str(credential_locator),
        )  # fmt: skip
        created = self._first(new.on_conflict_do_nothing().returning(*_COLUMNS), ConnectionRecord)
        if created is None:
            raise NameTaken(self.kind, name)
        if secrets:
            self._seal(connection_id, secrets)
        return created

    def get(self, connection_id: UUID) -> ConnectionRecord:
        """One live connection."""
        return self._one(_LIVE.where(connections.c.id == connection_id), ConnectionRecord, connection_id)

    def by_name(self, name: str) -> ConnectionRecord:
        """One live connection by name, in any case."""
        return self._one(_LIVE.where(sa.func.lower(connections.c.name) == name.lower()), ConnectionRecord, name)

    def list(self) -> Sequence[ConnectionRecord]:
        """All live connections by name."""
        return self._all(_LIVE.order_by(sa.func.lower(connections.c.name)), ConnectionRecord)

    def page(self, after: str | None = None, limit: int = 50) -> Sequence[ConnectionRecord]:
        """Live connections by name, those behind a name."""
        behind = _LIVE.order_by(sa.func.lower(connections.c.name)).limit(limit)
        if after is not None:
            behind = behind.where(sa.func.lower(connections.c.name) > sa.func.lower(after))
        return self._all(behind, ConnectionRecord)

    def held(self, connection_id: UUID) -> ConnectionRecord:
        """One live connection, which nobody else changes until this transaction ends."""
        mine = _LIVE.where(connections.c.id == connection_id).with_for_update()
        return self._one(mine, ConnectionRecord, connection_id)

    def update(
        self,
        connection_id: UUID,
        *,
        name: str | None = None,
        config: Mapping[str, Json] | None = None,
        secrets: Mapping[str, Json] | None = None,
        schedule: Schedule | Unchanged | None = UNCHANGED,
        streams: Mapping[str, Json] | None = None,
        risk_level: RiskLevel | None = None,
        scopes_mode: ScopesMode | None = None,
        owner: str | None = None,
        credential_locator: Locator | Unchanged | None = UNCHANGED,
    ) -> ConnectionRecord:
        """Replace what is given, keep the rest. A schedule of None means by hand only, a locator of None no locator."""
        given = {
            "name": name, "config": config, "streams": streams, "risk_level": risk_level, "scopes_mode": scopes_mode,
            "owner": owner,
        }  # fmt: skip
        values: dict[str, Any] = {column: value for column, value in given.items() if value is not None}
        if not isinstance(schedule, Unchanged):
            values |= {"schedule": schedule, "next_due_at": _first_due(schedule)}
        if isinstance(credential_locator, Locator):
            hold_secret(self._connection, credential_locator.name)
        if not isinstance(credential_locator, Unchanged):
            values["credential_locator"] = None if credential_locator is None else str(credential_locator)
        if name is not None and self._name_is_anothers(name, connection_id):
            raise NameTaken(self.kind, name)
        updated = self._change(connection_id, values)
        if secrets is not None:
            self._seal(connection_id, secrets)
        return updated

    def set_status(self, connection_id: UUID, status: ConnectionStatus, error: str | None = None) -> ConnectionRecord:
        """How it is doing; `paused` also takes it out of the sweeps."""
        return self._change(connection_id, {"status": status, "error": error})

    def lift(self, connection_id: UUID, by: str) -> ConnectionRecord:
        """End Safe Mode: from now on syncs read everything."""
        values = {"safe_mode_lifted_by": by, "safe_mode_lifted_at": sa.func.clock_timestamp()}
        return self._change(connection_id, {"safe_mode": False, **values})

    def hold(self, connection_id: UUID) -> ConnectionRecord:
        """Put it (back) into Safe Mode until a person lifts it: its risk is not low any more, so policy does not."""
        risk = sa.case((connections.c.risk_level == "low", "medium"), else_=connections.c.risk_level)
        held = {"safe_mode": True, "safe_mode_lifted_by": None, "safe_mode_lifted_at": None, "risk_level": risk}
        return self._change(connection_id, held)

    def forgive(self, connection_id: UUID) -> ConnectionRecord:
        """Forget its failures, since what caused them was repaired: not failing, the circuit closed, due if scheduled.

        A paused one stays paused.
        """
        unpaused = sa.case((connections.c.status == "paused", "paused"), else_="active")
        due = _first_due(self.get(connection_id).schedule)
        forgiven = {"status": unpaused, "error": None, "failures_in_a_row": 0, "circuit_open_until": None}
        return self._change(connection_id, {**forgiven, "next_due_at": due})

    def credentials(self, connection_id: UUID) -> dict[str, Json]:
        """Its own credentials with those of the secret that its locator names.

        Raises:
            CredentialsMissing: the secret, or its field, is not there.
            CredentialsClash: a field comes from both, or from the configuration too with another value.
        """
        record = self.get(connection_id)
        own = self.secrets(connection_id)
        if record.credential_locator is None:
            return own
        locator = Locator.parse(record.credential_locator)
        named = SecretRepository(self._connection, self._tenant_id, self._sealer).resolve(locator)
        check_no_clash(named, own, record.config)
        return {**own, **named}

    def secrets(self, connection_id: UUID) -> dict[str, Json]:
        """Its own credentials, opened; {} when there are none."""
        self.get(connection_id)
        stored = self._first(
            sa.select(*columns_for(SealedSecrets, connection_secrets)).where(
                connection_secrets.c.connection_id == connection_id
            ),
            SealedSecrets,
        )
        return {} if stored is None else self._need_sealer().open(stored, self._tenant_id, connection_id)

    def delete(self, connection_id: UUID) -> None:
        """Take it out of every list, free its name, destroy its credentials, forget its intent, end its repairs."""
        gone: dict[str, Any] = {
            "deleted_at": sa.func.clock_timestamp(),
            "next_due_at": None,
            "config": {},
            "credential_locator": None,
        }
        self._change(connection_id, gone)
        self._connection.execute(
            sa.delete(connection_secrets).where(connection_secrets.c.connection_id == connection_id)
        )
        for consequence in (_CANCEL_REQUESTS, _FORGET_INTENT, *_END_REPAIRS):
            self._connection.execute(consequence, {"id": connection_id})

    def _change(self, connection_id: UUID, values: Mapping[str, Any]) -> ConnectionRecord:
        change = sa.update(connections).where(connections.c.id == connection_id, connections.c.deleted_at.is_(None))
        change = change.values(**values, updated_at=sa.func.clock_timestamp())
        return self._one(change.returning(*_COLUMNS), ConnectionRecord, connection_id)

    def _name_is_anothers(self, name: str, connection_id: UUID) -> bool:
        try:
            return self.by_name(name).id != connection_id
        except NotFound:
            return False

    def _seal(self, connection_id: UUID, secrets: Mapping[str, Json]) -> None:
        stored = sa.select(connection_secrets.c.version).where(connection_secrets.c.connection_id == connection_id)
        version = (self._connection.execute(stored).scalar() or 0) + 1
        sealed = self._need_sealer().seal(secrets, self._tenant_id, connection_id, version)
        values = {name: getattr(sealed, name) for name in ("version", "key_id", "wrapped_key", "ciphertext")}
        new = postgresql.insert(connection_secrets).values(
            tenant_id=self._tenant_id, connection_id=connection_id, **values
        )
        self._connection.execute(new.on_conflict_do_update(index_elements=["tenant_id", "connection_id"], set_=values))

    def _need_sealer(self) -> Sealer:
        if self._sealer is None:
            raise MasterKeyInvalid("Credentials need the master key, and this process was started without one.")
        return self._sealer


_COLUMNS = columns_for(ConnectionRecord, connections)
# As text, since `sync_runs` and `onboarding_intents` stand on this module.
_CANCEL_REQUESTS = sa.text(
    "UPDATE sync_runs SET status = 'canceled', finished_at = clock_timestamp()"
    " WHERE connection_id = :id AND status = 'requested'"
).bindparams(sa.bindparam("id", type_=sa.Uuid))
_FORGET_INTENT = sa.text("DELETE FROM onboarding_intents WHERE connection_id = :id").bindparams(
    sa.bindparam("id", type_=sa.Uuid)
)
_END_REPAIRS = tuple(
    sa.text(f"UPDATE {change} WHERE connection_id = :id AND {pending}").bindparams(sa.bindparam("id", type_=sa.Uuid))
    for change, pending in (
        (
            "repair_proposals SET status = 'superseded', decided_at = clock_timestamp(), decided_by = 'policy',"
            " note = 'the connection was deleted'",
            "status IN ('open', 'refused')",
        ),
        ("holds SET lifted_at = clock_timestamp(), lifted_by = 'policy'", "lifted_at IS NULL"),
        ("mapping_watches SET status = 'stopped', ended_at = clock_timestamp()", "status = 'watching'"),
    )
)
_LIVE = sa.select(*_COLUMNS).where(connections.c.deleted_at.is_(None))


def check_no_clash(named: Mapping[str, Json], own: Mapping[str, Json], config: Mapping[str, Json]) -> None:
    """Raise CredentialsClash, naming fields and never values, unless each field comes from one place."""
    twice = {field for field in named if own.get(field) is not None}
    twice |= {field for field, value in named.items() if config.get(field) not in (None, value)}
    if twice:
        raise CredentialsClash(
            f"Both the connection and the secret of its locator give {', '.join(sorted(twice))};"
            " leave it out in one of the two."
        )


def _first_due(schedule: Schedule | None) -> datetime | None:
    return None if schedule is None else schedule.first_due(datetime.now(UTC))


def lock_live(connection: sa.Connection, connection_id: UUID, *, exclusive: bool = False) -> UUID:
    """Keep a live connection from being deleted meanwhile, alone or beside others; NotFound when there is none."""
    live = sa.select(connections.c.id).where(connections.c.id == connection_id, connections.c.deleted_at.is_(None))
    held = connection.execute(live.with_for_update(key_share=exclusive, read=not exclusive)).scalar()
    if held is None:
        raise NotFound("connection", connection_id)
    return connection_id
