"""Declarations of a tenant's own entities: names that are one's own, fields that grow, an end that is remembered."""

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import NameTaken, NotFound
from tests.orchestration.control_plane.tenant import Tenant, new_tenant

pytestmark = pytest.mark.servers
AMOUNT = {"name": "amount", "type": "decimal", "description": "What it cost", "required": False}
NOTE = {"name": "note", "type": "text", "description": "", "required": False}


def test_a_declaration_is_kept_as_it_was_made_and_is_in_the_history(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        made = session.custom_entities.declare("line", "lines", [AMOUNT], ["amount"], "user ann")
        assert (made.fields, made.key, made.created_by, made.retired_at) == ([AMOUNT], ["amount"], "user ann", None)
        assert session.custom_entities.get("line") == made
        assert list(session.custom_entities.list()) == [made]
        (event,) = [event for event in session.audit.list() if event.action.startswith("entity.")]
        assert (event.action, event.subject, event.actor) == ("entity.declared", "entity:line", "user ann")
        assert event.data["fields"] == [AMOUNT]
        session.audit.verify()


@pytest.mark.parametrize(("name", "view"), [("line", "others"), ("other", "lines"), ("lines", "x"), ("x", "line")])
def test_a_live_name_or_view_is_taken_for_this_tenant_alone(
    control_plane: ControlPlane, tenant: Tenant, name: str, view: str
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.custom_entities.declare("line", "lines", [AMOUNT], [], "user ann")
        with pytest.raises(NameTaken):
            session.custom_entities.declare(name, view, [AMOUNT], [], "user ann")
    other = new_tenant(control_plane, "other")
    with control_plane.tenant_session(other.id) as session:
        assert session.custom_entities.declare(name, view, [NOTE], [], "user bob").fields == [NOTE]


def test_fields_are_added_at_the_end_and_never_twice(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        made = session.custom_entities.declare("line", "lines", [AMOUNT], [], "user ann")
        assert session.custom_entities.add_fields("line", [NOTE], "user bob").fields == [AMOUNT, NOTE]
        assert session.custom_entities.get("line").id == made.id
        with pytest.raises(NameTaken, match="note"):
            session.custom_entities.add_fields("line", [NOTE], "user bob")
        with pytest.raises(NotFound):
            session.custom_entities.add_fields("column", [NOTE], "user bob")
        assert [event.action for event in session.audit.list()].count("entity.extended") == 1


def test_a_retired_name_is_free_again_and_the_old_declaration_kept(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        first = session.custom_entities.declare("line", "lines", [AMOUNT], [], "user ann")
        assert session.custom_entities.retire("line", "user bob").retired_at is not None
        with pytest.raises(NotFound):
            session.custom_entities.retire("line", "user bob")
        with pytest.raises(NotFound):
            session.custom_entities.get("line")
        again = session.custom_entities.declare("line", "lines", [NOTE], [], "user ann")
        assert [record.id for record in session.custom_entities.list()] == [again.id]
        assert {record.id for record in session.custom_entities.list(retired=True)} == {first.id, again.id}
        assert "entity.retired" in [event.action for event in session.audit.list()]
