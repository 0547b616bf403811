"""Drift events: one event with all its fields, its first sight kept, its resolution taken back."""

from dataclasses import replace
from uuid import uuid4

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.drift import DriftChange
from orchestration.control_plane.errors import NotFound
from orchestration.control_plane.migrations import runner
from orchestration.control_plane.provisioning import OWNER
from tests.orchestration.control_plane.databases import Database
from tests.orchestration.control_plane.tenant import Tenant

pytestmark = pytest.mark.servers

RENAMED = DriftChange(
    "accounts", "renamed", "nm", is_breaking=True, before={"type": "text"}, after={"type": "text"},
    evidence={"equality": {"compared": 90, "equal": 90}}, fields_before=["nm"], fields_after=["name"],
    probability=0.97, first_version=7, snapshot_before=70,
)  # fmt: skip


def test_an_event_names_all_its_fields_and_keeps_its_first_sight(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        (first,) = session.drift.report(tenant.connection, [RENAMED])
        assert (first.fields_before, first.fields_after, first.severity) == (["nm"], ["name"], "breaking")
        assert (first.probability, first.first_version, first.snapshot_before) == (0.97, 7, 70)
        surer = replace(RENAMED, probability=0.99, first_version=9, snapshot_before=90, severity="warning")
        (again,) = session.drift.report(tenant.connection, [surer])
        assert (again.id, again.probability, again.severity) == (first.id, 0.99, "warning")
        assert (again.first_version, again.snapshot_before) == (7, 70)


def test_a_first_sight_that_was_unknown_is_filled_in(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.drift.report(tenant.connection, [replace(RENAMED, first_version=None, snapshot_before=None)])
        (again,) = session.drift.report(tenant.connection, [RENAMED])
        assert (again.first_version, again.snapshot_before) == (7, 70)


def test_a_resolution_can_be_taken_back(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        (event,) = session.drift.report(tenant.connection, [RENAMED])
        session.drift.resolve(event.id, "applied", "policy")
        assert session.drift.open() == []
        reopened = session.drift.reopen(event.id, "rejects rose", "watch")
        assert (reopened.id, reopened.status, reopened.resolution, reopened.resolved_by) == (
            event.id, "open", None, None,
        )  # fmt: skip
        assert (reopened.reopened_by, reopened.reopened_why, reopened.first_version) == ("watch", "rejects rose", 7)
        assert session.drift.reopen(event.id, "again", "ann") == reopened  # it is open: nothing to do
        assert session.drift.resolve(event.id, "rejected", "ann").resolved_by == "ann"
        with pytest.raises(NotFound):
            session.drift.reopen(uuid4(), "x", "ann")


def test_one_reported_again_meanwhile_stands_for_the_one_to_reopen(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        (event,) = session.drift.report(tenant.connection, [RENAMED])
        session.drift.resolve(event.id, "applied", "policy")
        (newer,) = session.drift.report(tenant.connection, [RENAMED])
        assert session.drift.reopen(event.id, "undone", "ann").id == newer.id
        assert [each.id for each in session.drift.open()] == [newer.id]


def test_events_from_before_are_given_their_fields_and_severity(database: Database) -> None:
    """Rows of every tenant, although row-level security binds the login that migrates."""
    runner.downgrade(database.url(OWNER), "0004", allow_destructive=True)
    control_plane = database.control_plane()
    with control_plane.operator_session() as operator:
        tenants = [operator.create_tenant(name, f"{name}@example.com", "x").id for name in ("acme", "other")]
    control_plane.dispose()
    with database.superuser() as connection:
        for tenant_id in tenants:
            owner = str(tenant_id)
            connection.exec_driver_sql(
                "INSERT INTO connections (tenant_id, id, name, kind, config)"
                f" VALUES ('{owner}', '{owner}', 'c', 'f', '{{}}');"
                " INSERT INTO drift_events (tenant_id, id, connection_id, stream, kind, field, is_breaking, evidence)"
                f" SELECT '{owner}', gen_random_uuid(), '{owner}', 's', kind, field, breaking, '{{}}' FROM (VALUES"
                " ('added', 'a', false), ('removed', 'r', true), ('retyped', 't', true), ('stream_removed', '', true)"
                " ) AS v (kind, field, breaking)"
            )
    runner.migrate(database.url(OWNER))
    control_plane = database.control_plane()
    for tenant_id in tenants:
        with control_plane.tenant_session(tenant_id) as session:
            told = {
                event.kind: (event.fields_before, event.fields_after, event.severity) for event in session.drift.open()
            }
        assert told == {
            "added": ([], ["a"], "info"),
            "removed": (["r"], [], "breaking"),
            "retyped": (["t"], ["t"], "breaking"),
            "stream_removed": ([], [], "breaking"),
        }
    control_plane.dispose()
