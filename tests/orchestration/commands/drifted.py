"""A connection whose stream `people` renamed `phone` to `mobile`: raw rows in the lake, drift event, open proposal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from assets.extract.raw_tables import RAW_SCHEMA, raw_columns, raw_table
from assets.fingerprint.fingerprint import observe
from assets.mapping.rules import FieldRule, Transform
from assets.mapping.rules_json import rules_to_json
from connectors.protocol import Field, Stream
from orchestration.commands.access import Access
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.drift import DriftChange
from orchestration.resources.lake import Lake
from orchestration.resources.lake_places import lake_location
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import constant, identifier, literal

STREAM = "people"
FIELDS = ("id", "name", "phone", "mobile")
OLD = (FieldRule("id", "contact_id"), FieldRule("name", "last_name"), FieldRule("phone", "phone"))
NEW_PHONE = FieldRule("mobile", "phone", Transform("trim"), 0.72)
READING = {"old": "phone", "source": "mobile", "transform": {"kind": "cast", "args": {}}, "compared": 4, "explained": 3}
EVIDENCE = {
    "equality": {"compared": 4, "equal": 3, "by_chance": 0.01}, "overlap": 0.75, "name": 0.2, "same_type": True,
    "rivals": [], "readings": [READING],
}  # fmt: skip
SHADOW = {"rows": 2, "rejected": 0, "targets": {}, "reasons": {}}


@dataclass(frozen=True)
class Drifted:
    tenant_id: UUID
    connection_id: UUID
    name: str
    drift_id: UUID
    proposal_id: UUID
    hold_id: UUID
    snapshot_before: int


def land(lake: LakeSession, table: str, rows: Sequence[Mapping[str, str | None]], version: int) -> int:
    """Write raw rows as a commit of that version does; the lake's snapshot after it."""

    def write(session: LakeSession) -> None:
        session.ensure_table(RAW_SCHEMA, table, raw_columns(FIELDS))
        name = name_of(RAW_SCHEMA, table)
        ids = ", ".join(literal(str(row["id"])) for row in rows)
        session.execute(f"DELETE FROM {name} WHERE __record_id IN ({ids})")
        for row in rows:
            values = ", ".join(f"{constant(value)} AS {identifier(field)}" for field, value in row.items())
            session.execute(
                f"INSERT INTO {name} BY NAME SELECT {values}, {literal(str(row['id']))} AS __record_id, "
                f"md5_number_lower({literal(str(row['id']))}) AS __key, 0::UBIGINT AS __hash, '' AS __origin, "
                f"'{version:010d}-batch' AS __batch_id, false AS __deleted"
            )

    lake.transaction(write)
    return lake.snapshot()


def drifted(access: Access, tenant_id: UUID) -> Drifted:
    """The connection, with an open proposal whose hold keeps two records in quarantine."""
    lake = Lake(lake_location(access.settings))
    with lake.session(tenant_id) as session:
        made = drifted_in(access.control_plane, session, tenant_id)
    lake.close()
    return made


def drifted_in(control_plane: ControlPlane, lake: LakeSession | None, tenant_id: UUID) -> Drifted:
    """The same on a session of the tenant's lake; without one nothing is landed."""
    name = f"crm-{uuid4().hex[:8]}"
    before = observe(Stream(STREAM, tuple(Field(field, "text") for field in ("id", "name", "phone"))), {})
    after = observe(Stream(STREAM, tuple(Field(field, "text") for field in ("id", "name", "mobile"))), {})
    with control_plane.tenant_session(tenant_id) as session:
        connection_id = session.connections.create(name, "files", {"path": "/nowhere"}).id
        seen = session.schemas.record(connection_id, STREAM, before.digest, [before.to_json()])
        session.schemas.approve(seen.id, "policy")
        session.schemas.record(connection_id, STREAM, after.digest, [after.to_json()])
        session.mappings.save(connection_id, STREAM, "contact", rules_to_json(OLD), "first mapping", "policy")
    snapshot = _landed(lake, connection_id) if lake else 0
    with control_plane.tenant_session(tenant_id) as session:
        change = DriftChange(
            STREAM, "renamed", "phone", True, evidence=EVIDENCE, fields_before=("phone",), fields_after=("mobile",),
            severity="breaking", probability=0.72, first_version=2, snapshot_before=snapshot,
        )  # fmt: skip
        (event,) = session.drift.report(connection_id, [change])
        proposed = (*OLD[:2], NEW_PHONE, OLD[2])
        (changed,) = rules_to_json([NEW_PHONE])
        candidates = [
            {
                "old": "phone",
                "source": "mobile",
                "transform": {"kind": "cast", "args": {}},
                "probability": 0.72,
                "evidence": [],
            },
            {
                "old": "phone",
                "source": "name",
                "transform": {"kind": "cast", "args": {}},
                "probability": 0.05,
                "evidence": [],
            },
        ]
        proposal = session.proposals.add(
            connection_id, STREAM, kind="renamed", status="open", probability=0.72, base_version=1, drift_id=event.id,
            entity="contact", rules=rules_to_json(proposed), candidates=candidates,
            evidence={"drift": EVIDENCE, "seen": "a digest", "content": "another"},
            changes=[{"target": "phone", "before": None, "after": changed}],
            reasons=["0.72 is below 0.85"], shadow={"before": SHADOW | {"rows": 5}, "tried": SHADOW},
            impact={"views": ["contacts"], "fields": ["contacts.phone"], "held": 2, "records": 7},
        )  # fmt: skip
        hold = session.holds.place(connection_id, STREAM, event.id, 2, ["mobile"], "filled", proposal.id)
    return Drifted(tenant_id, connection_id, name, event.id, proposal.id, hold.id, snapshot)


def _landed(lake: LakeSession, connection_id: UUID) -> int:
    """Seven people, of whom two then have a mobile instead of a phone; the lake's snapshot before that."""
    old_rows = [{"id": str(n), "name": f"Person {n}", "phone": f"+49 30 {n}"} for n in range(1, 8)]
    new_rows = [{"id": str(n), "name": f"Person {n}", "phone": None, "mobile": f" +49 30 {n} "} for n in (2, 3)]
    table = raw_table(connection_id, STREAM)
    snapshot = land(lake, table, old_rows, 1)
    land(lake, table, new_rows, 2)
    return snapshot
