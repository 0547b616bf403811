"""Per field the latest source's word, and where every row came from."""

import datetime as dt

from orchestration.resources.lake_session import LakeSession
from tests.assets.canonical_rows import CRM, ERP, SHOP, Row, account, at, refresh, view, write


def only(session: LakeSession, *rows: Row) -> Row:
    """The one row of the view `accounts` over these records of one company."""
    write(session, "account", [{"domain": "acme.example", **row} for row in rows])
    refresh(session)
    (found,) = view(session, "account")
    return found


def test_every_field_is_that_of_the_record_changed_last(session: LakeSession) -> None:
    older = account(1, CRM, name="Acme", industry="Tools", _source_updated_at=at(8))
    newer = account(2, ERP, name="Acme AG", industry="Machines", _source_updated_at=at(9))
    row = only(session, older, newer)
    assert (row["name"], row["industry"], row["account_id"]) == ("Acme AG", "Machines", "2")
    assert row["_source_updated_at"] == at(9)


def test_a_field_the_latest_does_not_know_comes_from_the_one_before(session: LakeSession) -> None:
    oldest = account(1, CRM, phone="1", industry="Tools", tags=["a"], _source_updated_at=at(7))
    middle = account(2, ERP, phone="2", _source_updated_at=at(8))
    latest = account(3, SHOP, name="Acme", _source_updated_at=at(9))
    row = only(session, oldest, middle, latest)
    assert (row["name"], row["phone"], row["industry"], row["tags"]) == ("Acme", "2", "Tools", ["a"])
    assert row["legal_name"] is None


def test_a_record_without_a_source_time_comes_last(session: LakeSession) -> None:
    row = only(session, account(1, name="No time", fax="1"), account(2, ERP, name="Acme", _source_updated_at=at(1)))
    assert (row["name"], row["fax"]) == ("Acme", "1")


def test_a_tie_goes_to_the_smaller_key_in_whichever_order_they_came(session: LakeSession) -> None:
    write(session, "account", [account(2, ERP, domain="acme.example", name="Second", _source_updated_at=at(8))])
    row = only(session, account(1, CRM, name="First", _source_updated_at=at(8)))
    assert row["name"] == "First"


def test_sources_name_every_record_latest_first(session: LakeSession) -> None:
    row = only(session, account(1, CRM, _source_updated_at=at(8)), account(2, ERP, _source_updated_at=at(9)))
    assert row["_source_count"] == 2
    assert row["_sources"] == [
        {"connection_id": ERP, "record_id": "2", "updated_at": at(9)},
        {"connection_id": CRM, "record_id": "1", "updated_at": at(8)},
    ]
    assert row["_sources"][0]["updated_at"].utcoffset() == dt.timedelta(0)


def test_a_record_alone_is_a_row_of_the_same_form(session: LakeSession) -> None:
    row = only(session, account(7, CRM, name="Acme", _source_updated_at=at(8)))
    assert (row["name"], row["_source_count"], row["_entity_id"]) == ("Acme", 1, "7")
    assert row["_sources"] == [{"connection_id": CRM, "record_id": "7", "updated_at": at(8)}]
