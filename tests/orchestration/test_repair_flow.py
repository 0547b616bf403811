"""The repair loop over a folder of files: drift, repair or question, decision, replay, watch; on real servers."""

from uuid import UUID

import dagster as dg
import pytest

from assets.mapping.repairs import deciding
from assets.mapping.repairs.deciding import SamePerson, Stale
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import NotFound, NotInState
from tests.lakes import lake, lake_catalog, location
from tests.orchestration.companies import RECORDS, Row, World, renamed, world
from tests.orchestration.test_flow import flow, metadata

__all__ = ["flow", "lake", "lake_catalog", "location", "world"]

pytestmark = pytest.mark.servers


def test_a_rename_repairs_itself_within_the_sync_that_sees_it(world: World) -> None:
    world.rows[3]["phone"] = "+49 30 999"
    result = world.sync(renamed("phone", "zz_contact_line"))
    assert world.version() == 2
    assert world.values("phone") == world.expected("phone")
    assert world.open_events() == []
    assert world.holds() == []
    applied = world.only("applied")
    assert {"mapping.applied", "drift.repaired", "drift.resolved"} <= {kind for kind, _ in world.flow.told()}
    assert (applied.kind, applied.applied_version, applied.base_version) == ("renamed", 2, 1)
    assert applied.shadow is not None
    told = metadata(result, "mapping", "repair_proposals")
    assert (told["applied"], told["asked"]) == (1, 0)
    lineage = metadata(result, "mapping", "field_mapping")["dagster/column_lineage"].deps_by_column
    assert "companies.zz_contact_line" in [dep.column_name for dep in lineage["account.phone"]]
    with world.tenant() as tenant:
        assert [note.kind for note in tenant.notes_outbox.list()] == ["drift"]
        (watch,) = tenant.watches.watching(world.key.connection_id)
        assert (watch.mapping_version, watch.previous_version) == (2, 1)


def test_a_quiet_sync_emits_no_proposals(world: World) -> None:
    world.rows[0]["phone"] = "+49 30 1"
    result = world.sync()
    keys = {event.materialization.asset_key for event in result.get_asset_materialization_events()}
    assert dg.AssetKey(["mapping", "field_mapping"]) in keys
    assert dg.AssetKey(["mapping", "repair_proposals"]) not in keys
    assert world.version() == 1


def test_an_asked_rename_holds_its_records_until_it_is_approved_and_replays_them(world: World) -> None:
    world.set(apply_at=1.0)
    result = world.sync(renamed("phone", "zz_contact_line"))
    assert result.success
    proposal = world.only("open")
    assert proposal.impact["fields"] == ["phone"]
    assert proposal.impact["held"] == RECORDS
    assert world.holds() == [(["zz_contact_line"], "filled")]
    assert world.values("phone") == world.expected("phone")  # the last good version
    before = world.expected("phone")
    world.rows[5]["phone"] = "+49 30 777"
    world.sync(renamed("phone", "zz_contact_line"))
    assert world.values("phone") == before
    assert world.only("open").id == proposal.id
    decided = world.decide(deciding.approve, proposal.id, "ann")
    assert (decided.status, decided.mapping_version) == ("approved", 2)
    world.replay()
    assert world.values("phone") == world.expected("phone")
    assert world.holds() == []
    assert world.open_events() == []
    with pytest.raises(NotInState):
        world.decide(deciding.approve, proposal.id, "bob")
    with world.tenant() as tenant:
        rules = tenant.mappings.active(world.key.connection_id, "companies").rules
        assert [rule["decided_by"] for rule in rules if rule["source"] == "zz_contact_line"] == ["person"]
        assert "repair.approved" in [event.action for event in tenant.audit.list()]
    told = [kind for kind, _ in world.flow.told()]
    story = [
        "drift.seen", "hold.placed", "approval.opened", "records.held", "sync.succeeded", "drift.resolved",
        "hold.lifted", "sync.requested", "approval.approved", "sync.started", "records.released", "sync.succeeded",
    ]  # fmt: skip
    places = iter(told)
    assert [kind for kind in story if kind in places] == story
    assert told.count("approval.approved") == 1


def test_a_rejected_rename_lets_its_records_flow_and_is_not_asked_again(world: World) -> None:
    world.set(apply_at=1.0)
    world.sync(renamed("phone", "zz_contact_line"))
    decided = world.decide(deciding.reject, world.only("open").id, "ann", note="not ours")
    assert decided.status == "rejected"
    world.replay()
    assert set(world.values("phone").values()) == {None}
    assert world.version() == 1
    world.rows[1]["industry"] = "Steel"
    world.sync(renamed("phone", "zz_contact_line"))
    assert world.proposals("open") == []
    assert world.open_events() == []


def test_another_unit_is_read_by_its_own_rule_from_then_on(world: World) -> None:
    cents = {row["hs_object_id"]: f"{int(row['annualrevenue']) * 100}" for row in world.rows}
    world.sync(lambda row: {**row, "annualrevenue": cents[row["hs_object_id"]]})
    assert world.open_events() == []
    rules = world.only("applied").rules
    spans = [(rule["since"], rule["until"]) for rule in rules if rule["target"] == "annual_revenue"]
    assert len(spans) == 2
    assert spans[0] == (spans[1][1] + 1, None)
    assert {k: int(v) for k, v in world.values("annual_revenue").items()} == world.expected("annualrevenue", int)


def test_recoded_kinds_are_read_as_they_were(world: World) -> None:
    codes = {"Tools": "T-1", "Sand": "S-2", "Glass": "G-3", "Paper": "P-4"}
    world.sync(lambda row: {**row, "industry": codes[row["industry"]]})
    if world.proposals("open"):
        world.decide(deciding.approve, world.only("open").id, "ann")
        world.replay()
    assert world.values("industry") == world.expected("industry")


def test_a_split_field_is_joined_again(world: World) -> None:
    def split(row: Row) -> Row:
        first, _, rest = row["name"].partition(" ")
        return {**{name: value for name, value in row.items() if name != "name"}, "zz_a": first, "zz_b": rest}

    world.sync(split)
    if world.proposals("open"):
        world.decide(deciding.approve, world.only("open").id, "ann")
        world.replay()
    assert world.values("name") == world.expected("name")
    assert world.holds() == []


def test_a_second_sync_of_what_waits_asks_nothing_twice(world: World) -> None:
    world.set(apply_at=1.0)
    for number in range(3):
        world.rows[number]["domain"] = f"new{number}.example"
        world.sync(renamed("phone", "zz_contact_line"))
    proposal = world.only("open")
    assert proposal.impact["held"] == RECORDS
    with world.tenant() as tenant:
        assert [note.kind for note in tenant.notes_outbox.list()] == ["approval"]


def test_two_changes_at_once_make_one_version(world: World) -> None:
    def both(row: Row) -> Row:
        return renamed("domain", "zz_site")(renamed("phone", "zz_contact_line")(row))

    world.sync(both)
    assert world.version() == 2
    assert [each.applied_version for each in world.proposals("applied")] == [2, 2]
    assert world.values("phone") == world.expected("phone")


def test_a_field_that_is_gone_is_asked_and_may_be_left_empty(world: World) -> None:
    world.sync(lambda row: {name: value for name, value in row.items() if name != "industry"})
    assert world.values("industry") == world.expected("industry")
    proposal = world.only("open")
    assert proposal.kind == "removed"
    empty = [number for number, each in enumerate(proposal.candidates) if each["source"] is None]
    decided = world.decide(deciding.choose, proposal.id, "ann", empty[0])
    assert decided.status == "approved"
    world.replay()
    assert set(world.values("industry").values()) == {None}
    assert world.holds() == []


def test_another_field_may_be_chosen_in_place_of_one_that_is_gone(world: World) -> None:
    def moved(row: Row) -> Row:
        kept = {name: value for name, value in row.items() if name != "phone"}
        return {**kept, "phone_line_two": f"+1 415 {row['hs_object_id']}"}  # other numbers: no rename

    world.sync(moved)
    (proposal,) = [each for each in world.proposals("open") if each.kind == "removed"]
    (chosen,) = [at for at, each in enumerate(proposal.candidates) if each["source"] == "phone_line_two"]
    assert world.decide(deciding.choose, proposal.id, "ann", chosen).status == "approved"
    world.replay()
    assert world.values("phone") == world.expected("hs_object_id", lambda number: f"+1 415 {number}")


def test_swapped_fields_are_asked_and_approving_puts_them_right(world: World) -> None:
    world.sync(lambda row: {**row, "name": row["domain"], "domain": row["name"]})
    proposal = world.only("open")
    assert proposal.kind == "swapped"
    assert world.values("name") == world.expected("name")
    world.decide(deciding.approve, proposal.id, "ann")
    world.replay()
    assert world.values("name") == world.expected("name")


def test_a_copy_of_a_field_is_never_mapped(world: World) -> None:
    world.sync(lambda row: {**row, "website": row["domain"]})
    assert world.version() == 1
    assert world.open_events() == []
    assert world.proposals() == []


def test_what_the_tenants_own_threshold_does_not_reach_is_asked(world: World) -> None:
    with world.tenant() as tenant:
        tenant.repair_settings.set("ann", apply_at=0.99, ask_at=0.2)
    world.sync(renamed("phone", "zz_contact_line"))
    assert world.version() == 1
    assert any("below 0.99" in reason for reason in world.only("open").reasons)


def test_freeze_stops_the_stream_and_changing_it_later_lets_it_go_on(world: World) -> None:
    with world.tenant() as tenant:
        tenant.contracts.set("freeze", "ann", connection_id=world.key.connection_id)
    before = world.expected("name")
    world.rows[2]["name"] = "Renamed while frozen"
    world.sync(renamed("phone", "zz_contact_line"))
    assert world.holds() == [([], "all")]
    assert world.values("name") == before
    with world.tenant() as tenant:
        tenant.contracts.set(None, "ann", connection_id=world.key.connection_id)
    world.rows[4]["industry"] = "Steel"
    world.sync(renamed("phone", "zz_contact_line"))
    assert world.version() == 2
    assert world.holds() == []
    assert world.values("name") == world.expected("name")
    assert world.values("phone") == world.expected("phone")


def test_evolve_lets_records_flow_with_the_value_empty(world: World) -> None:
    with world.tenant() as tenant:
        tenant.contracts.set("evolve", "ann")
    world.sync(lambda row: {name: value for name, value in row.items() if name != "industry"})
    assert world.holds() == []
    assert world.open_events() == []
    assert set(world.values("industry").values()) == {None}
    with world.tenant() as tenant:
        (event,) = tenant.drift.list(world.key.connection_id, status="resolved")
        assert "evolve" in event.resolution


def test_a_regression_rolls_back_within_one_sync_and_restores_the_values(world: World) -> None:
    good = world.expected("phone")
    world.sync(renamed("phone", "zz_contact_line"))
    assert world.version() == 2

    def emptied(row: Row) -> Row:
        return {**renamed("phone", "zz_contact_line")(row), "zz_contact_line": ""}

    world.sync(emptied)
    assert world.version() == 3
    assert world.only("rolled_back").applied_version == 2
    with world.tenant() as tenant:
        record = tenant.mappings.active(world.key.connection_id, "companies")
        assert record.decided_by == "policy: rollback"
        assert [rule["source"] for rule in record.rules if rule["target"] == "phone"] == ["phone"]
        assert tenant.watches.watching(world.key.connection_id) == []
        assert "rollback" in [note.kind for note in tenant.notes_outbox.list()]
    assert ("renamed", "phone") in world.open_events()
    assert world.only("open").drift_id == world.only("rolled_back").drift_id
    assert world.values("phone") == good  # restored


def test_a_watched_repair_passes_after_enough_good_syncs(world: World) -> None:
    world.set(watch_syncs=1)
    world.sync(renamed("phone", "zz_contact_line"))
    for number, row in enumerate(world.rows[:30]):
        row["industry"] = f"Kind {number % 3}"
    world.sync(renamed("phone", "zz_contact_line"))
    with world.tenant() as tenant:
        assert tenant.watches.watching(world.key.connection_id) == []
    assert world.version() == 2


def test_undo_opens_the_change_again_and_rollback_goes_to_any_version(world: World) -> None:
    good = world.expected("phone")
    world.sync(renamed("phone", "zz_contact_line"))
    undone = world.decide(deciding.undo, world.only("applied").id, "ann")
    assert (undone.status, undone.mapping_version) == ("undone", 3)
    world.replay()
    assert world.values("phone") == good
    assert world.open_events() == [("renamed", "phone")]
    asked = world.only("open")  # what was taken back is asked, not applied
    world.decide(deciding.approve, asked.id, "ann")
    world.replay()
    assert world.version() == 4
    assert world.values("phone") == good
    back = world.decide(deciding.rollback, world.key.connection_id, "companies", 1, "ann")
    assert (back.status, back.mapping_version) == ("rolled_back", 5)
    world.replay()
    assert world.values("phone") == good
    assert world.holds() == [(["zz_contact_line"], "filled")]
    with pytest.raises(NotFound):
        world.decide(deciding.rollback, world.key.connection_id, "companies", 99, "ann")


def test_two_persons_have_to_approve_where_the_tenant_says_so(world: World) -> None:
    world.set(apply_at=1.0, two_person=True)
    world.sync(renamed("phone", "zz_contact_line"))
    proposal = world.only("open")
    assert world.decide(deciding.approve, proposal.id, "ann").status == "waiting_for_second"
    with pytest.raises(SamePerson):
        world.decide(deciding.approve, proposal.id, "ann")
    assert world.version() == 1
    assert world.decide(deciding.approve, proposal.id, "bob").status == "approved"
    assert world.version() == 2


def test_a_stale_proposal_and_another_tenants_are_refused(world: World, control_plane: ControlPlane) -> None:
    world.set(apply_at=1.0)
    world.sync(renamed("phone", "zz_contact_line"))
    proposal = world.only("open")
    with control_plane.operator_session() as operator:
        other: UUID = operator.create_tenant("other", "eve@other.example", "a hash").id
    with control_plane.tenant_session(other) as tenant, pytest.raises(NotFound):
        deciding.approve(tenant, proposal.id, "eve")
    with world.tenant() as tenant:
        record = tenant.mappings.active(world.key.connection_id, "companies")
        changed = [dict(rule, source="name") if rule["target"] == "phone" else rule for rule in record.rules]
        tenant.mappings.save(world.key.connection_id, "companies", record.entity, changed, "by hand", "ann")
    with pytest.raises(Stale):
        world.decide(deciding.approve, proposal.id, "ann")
    assert world.version() == 2
