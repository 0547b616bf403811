"""Views follow what happens to records, to memberships and to the accounts they point at."""

from assets.normalize.catalog import CANONICAL
from assets.unify.asset import refresh_view
from assets.unify.views import view_columns
from orchestration.resources.lake_session import LakeSession
from tests.assets.canonical_rows import (
    CRM,
    ERP,
    GLOBAL_IDS,
    SHOP,
    account,
    at,
    contact,
    opportunity,
    refresh,
    view,
    write,
)


def ids(session: LakeSession, entity: str) -> dict[str, str | None]:
    """First source record of a row -> the entity of the account it points at."""
    return {row["_sources"][0]["record_id"]: row["account_entity_id"] for row in view(session, entity)}


def names(session: LakeSession) -> list[str]:
    return sorted(row["name"] for row in view(session, "account"))


def test_merged_away_entities_leave_the_view(session: LakeSession) -> None:
    write(session, "account", [account(1, name="Acme", _source_updated_at=at(1)), account(2, ERP, name="Bolt")])
    refresh(session)
    assert names(session) == ["Acme", "Bolt"]
    write(session, "account", [account(2, ERP, name="ACME")])
    refresh(session)
    assert names(session) == ["Acme"]
    write(session, "account", [account(2, ERP, name="Bolt")])
    refresh(session)
    assert names(session) == ["Acme", "Bolt"]


def test_a_deleted_record_takes_its_values_and_at_last_the_row_with_it(session: LakeSession) -> None:
    first = account(1, name="Acme", fax="1", domain="acme.example", _source_updated_at=at(2))
    second = account(2, ERP, name="ACME", phone="2", domain="acme.example", _source_updated_at=at(1))
    write(session, "account", [first, second])
    refresh(session)
    write(session, "account", [{**first, "_deleted": True}])
    refresh(session)
    (row,) = view(session, "account")
    assert (row["name"], row["fax"], row["_source_count"]) == ("ACME", None, 1)
    write(session, "account", [{**second, "_deleted": True}])
    refresh(session)
    assert view(session, "account") == []


def test_a_deleted_opportunity_leaves_and_a_returned_one_comes_back(session: LakeSession) -> None:
    deal = opportunity(1, name="Renewal")
    for is_deleted, expected in ((False, 1), (True, 0), (False, 1)):
        write(session, "opportunity", [{**deal, "_deleted": is_deleted}])
        refresh(session)
        assert len(view(session, "opportunity")) == expected


def test_contacts_and_deals_follow_when_their_accounts_merge_and_split(session: LakeSession) -> None:
    here, there = account(1, account_id="A1", name="Acme"), account(2, ERP, account_id="K7", name="Bolt")
    write(session, "account", [here, there])
    write(session, "contact", [contact(1, account_id="A1"), contact(2, ERP, account_id="K7")])
    write(session, "opportunity", [opportunity(1, account_id="A1"), opportunity(2, ERP, account_id="K7")])
    refresh(session)
    assert ids(session, "contact") == ids(session, "opportunity") == {"1": "1", "2": "2"}
    write(session, "account", [{**there, "name": "Acme Ltd"}])
    refresh(session)
    assert ids(session, "contact") == ids(session, "opportunity") == {"1": "1", "2": "1"}
    write(session, "account", [there])
    refresh(session)
    apart = ids(session, "contact")
    assert apart == ids(session, "opportunity")
    assert apart["1"] == "1"
    assert apart["2"] not in {"1", None}
    assert apart["2"] in {row["_entity_id"] for row in view(session, "account")}


def test_the_same_id_in_two_systems_points_within_its_own(session: LakeSession) -> None:
    write(session, "account", [account(1, CRM, account_id="7"), account(2, ERP, account_id="7")])
    write(session, "contact", [contact(1, CRM, account_id="7"), contact(2, ERP, account_id="7")])
    write(session, "contact", [contact(3, SHOP, account_id="7")])
    refresh(session)
    assert ids(session, "contact") == {"1": "1", "2": "2", "3": None}


def test_a_global_id_points_across_systems(session: LakeSession) -> None:
    write(session, "account", [account(1, CRM, account_id=GLOBAL_IDS[0])])
    write(session, "contact", [contact(1, ERP, account_id=GLOBAL_IDS[0])])
    refresh(session)
    assert ids(session, "contact") == {"1": "1"}


def test_a_contact_finds_an_account_that_comes_later_and_loses_one_that_goes(session: LakeSession) -> None:
    write(session, "contact", [contact(1, account_id="A1")])
    refresh(session)
    assert ids(session, "contact") == {"1": None}
    write(session, "account", [account(5, account_id="A1")])
    refresh(session)
    assert ids(session, "contact") == {"1": "5"}
    write(session, "account", [account(5, account_id="A1", _deleted=True)])
    refresh(session)
    assert ids(session, "contact") == {"1": None}


def test_an_account_with_another_id_is_left_by_those_who_point_at_the_old_one(session: LakeSession) -> None:
    write(session, "account", [account(5, account_id="A1")])
    write(session, "contact", [contact(1, account_id="A1"), contact(2, account_id="A2")])
    refresh(session)
    assert ids(session, "contact") == {"1": "5", "2": None}
    write(session, "account", [account(5, account_id="A2")])
    refresh(session)
    assert ids(session, "contact") == {"1": None, "2": "5"}


def test_nothing_new_writes_nothing(session: LakeSession) -> None:
    write(session, "account", [account(1, name="Acme")])
    write(session, "contact", [contact(1, account_id="1")])
    assert refresh(session) == {"account": 1, "contact": 1, "opportunity": 0}
    snapshot = session.snapshot()
    assert refresh(session) == {"account": None, "contact": None, "opportunity": None}
    assert session.snapshot() == snapshot


def test_only_rows_of_what_changed_are_written(session: LakeSession) -> None:
    write(session, "account", [account(key, name=f"Company {key}") for key in range(1, 101)])
    refresh(session)
    write(session, "account", [account(7, name="Company 7", phone="1")])
    assert refresh(session)["account"] == 1


def test_a_record_that_came_after_resolve_is_in_the_view_after_the_next_one(session: LakeSession) -> None:
    write(session, "account", [account(1, domain="acme.example")])
    refresh(session)
    write(session, "account", [account(2, ERP, domain="acme.example", phone="2")])
    refresh_view(session, CANONICAL["account"])  # a refresh under way, whose resolve ran before the batch was committed
    assert [row["_source_count"] for row in view(session, "account")] == [1]
    refresh(session)
    assert [(row["_source_count"], row["phone"]) for row in view(session, "account")] == [(2, "2")]


def test_a_view_without_records_is_there_and_empty(session: LakeSession) -> None:
    assert refresh_view(session, CANONICAL["usage"]) == 0
    assert list(session.columns("unified", "usage")) == list(view_columns(CANONICAL["usage"]))
