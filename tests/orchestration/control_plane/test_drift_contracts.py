"""Contracts on drift: the narrowest that was said counts, and what was said can be taken back."""

from uuid import uuid4

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import ContractInvalid, NotFound
from tests.orchestration.control_plane.tenant import Tenant

pytestmark = pytest.mark.servers


def test_the_narrowest_contract_counts(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        crm, erp = tenant.connection, session.connections.create("erp", "files", {}).id
        contracts = session.contracts
        assert contracts.effective(crm, "deals", "renamed") is None
        # From the widest on; each covers one case fewer than the one before it.
        contracts.set("evolve", "ann")
        assert contracts.effective(erp, "deals", "unit") == "evolve"
        contracts.set("hold", "ann", kind="renamed")
        assert contracts.effective(erp, "deals", "renamed") == "hold"
        contracts.set("freeze", "ann", crm)
        assert contracts.effective(crm, "deals", "renamed") == "freeze"
        contracts.set("evolve", "ann", crm, kind="renamed")
        assert contracts.effective(crm, "deals", "renamed") == "evolve"
        contracts.set("hold", "ann", crm, "deals")
        assert contracts.effective(crm, "deals", "renamed") == "hold"
        contracts.set("freeze", "ann", crm, "deals", "renamed")
        of_crm = contracts.all_effective(crm)
        assert (of_crm("deals", "renamed"), of_crm("deals", "unit")) == ("freeze", "hold")
        assert (of_crm("people", "renamed"), of_crm("people", "unit")) == ("evolve", "freeze")
        of_erp = contracts.all_effective(erp)
        assert (of_erp("deals", "renamed"), of_erp("deals", "unit")) == ("hold", "evolve")
        assert len(contracts.list()) == len(contracts.list(crm)) == 6
        assert len(contracts.list(erp)) == 2


def test_saying_it_again_replaces_and_none_takes_it_back(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        first = session.contracts.set("hold", "ann", tenant.connection, kind="unit")
        second = session.contracts.set("freeze", "bob", tenant.connection, kind="unit")
        assert first is not None and second is not None
        assert (second.id, second.policy, second.decided_by) == (first.id, "freeze", "bob")
        assert session.contracts.set(None, "ann", tenant.connection) is None  # another scope
        assert session.contracts.list() == [second]
        session.contracts.set(None, "ann", tenant.connection, kind="unit")
        assert session.contracts.list() == []


def test_what_cannot_be_a_contract_is_refused_with_the_reason(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        with pytest.raises(ContractInvalid, match="evolve, hold, freeze, not 'allow'"):
            session.contracts.set("allow", "ann")  # type: ignore[arg-type]
        with pytest.raises(ContractInvalid, match="connection"):
            session.contracts.set("hold", "ann", stream="deals")
        with pytest.raises(NotFound):
            session.contracts.set("hold", "ann", uuid4())
