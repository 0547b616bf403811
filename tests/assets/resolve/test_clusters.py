"""Which records are one entity."""

from assets.resolve.asset import resolve_entity
from orchestration.resources.lake_session import LakeSession
from tests.assets.canonical_rows import (
    CRM,
    ERP,
    GLOBAL_IDS,
    SHOP,
    account,
    contact,
    partition,
    resolved,
    together,
    write,
)

FIRST_ID, SECOND_ID, THIRD_ID = GLOBAL_IDS


def test_a_domain_joins_across_systems_whatever_the_names(session: LakeSession) -> None:
    rows = account(1, name="Acme", domain="acme.example"), account(2, ERP, name="ACME AG", email="x@acme.example")
    assert resolved(session, "account", *rows, account(3, name="Bolt")) == together([1, 2], [3])


def test_a_name_joins_where_only_one_domain_bears_it(session: LakeSession) -> None:
    rows = (
        account(1, name="Acme Inc", domain="acme.example"),
        account(2, ERP, name="Acme"),
        account(3, SHOP, name="ACME"),
    )
    assert resolved(session, "account", *rows) == together([1, 2, 3])


def test_names_join_records_that_have_no_domain_at_all(session: LakeSession) -> None:
    assert resolved(session, "account", account(1, name="Acme"), account(2, ERP, name="Acme Ltd")) == together([1, 2])


def test_two_domains_under_one_name_leave_those_without_a_domain_apart(session: LakeSession) -> None:
    strong = account(1, name="Acme", domain="acme.example"), account(2, ERP, name="Acme", domain="acme.test")
    weak = account(3, name="Acme"), account(4, ERP, name="Acme Inc")
    assert resolved(session, "account", *strong, *weak) == together([1], [2], [3], [4])


def test_contention_that_comes_later_parts_what_the_name_had_joined(session: LakeSession) -> None:
    rows = account(1, name="Acme", domain="acme.example"), account(2, ERP, name="Acme")
    assert resolved(session, "account", *rows) == together([1, 2])
    late = account(3, SHOP, name="Acme", domain="acme.test")
    assert resolved(session, "account", late) == together([1], [2], [3])
    assert resolved(session, "account", {**late, "_deleted": True}) == together([1, 2])


def test_a_component_with_names_of_two_companies_joins_neither(session: LakeSession) -> None:
    companies = account(1, name="Acme", domain="acme.example"), account(2, name="Bolt", domain="bolt.example")
    between = account(3, ERP, name="Acme", account_id=FIRST_ID), account(4, SHOP, name="Bolt", external_id=FIRST_ID)
    assert resolved(session, "account", *companies, *between) == together([1], [2], [3, 4])


def test_names_chain_through_records_that_an_id_joins(session: LakeSession) -> None:
    pair = account(2, ERP, name="Acme", account_id=FIRST_ID), account(3, SHOP, name="Bolt", external_id=FIRST_ID)
    assert resolved(session, "account", account(1, name="Acme"), *pair, account(4, name="Bolt")) == together(
        [1, 2, 3, 4]
    )


def test_another_systems_id_joins_in_whichever_order_the_two_arrive(session: LakeSession) -> None:
    pointing, pointed_at = account(1, ERP, external_id=FIRST_ID), account(2, account_id=FIRST_ID)
    assert resolved(session, "account", pointing) == together([1])
    assert resolved(session, "account", pointed_at) == together([1, 2])


def test_counted_ids_of_two_systems_are_different_accounts(session: LakeSession) -> None:
    rows = account(1, CRM, account_id="1001"), account(2, ERP, account_id="1001", external_id="1001")
    assert resolved(session, "account", *rows) == together([1], [2])


def test_chains_of_different_keys_are_one_entity(session: LakeSession) -> None:
    rows = [
        account(1, domain="acme.example"),
        account(2, ERP, domain="acme.example", account_id=SECOND_ID),
        account(3, SHOP, external_id=SECOND_ID, account_id=THIRD_ID),
        account(4, ERP, external_id=THIRD_ID),
    ]
    assert resolved(session, "account", *rows) == together([1, 2, 3, 4])


def test_a_chain_of_a_thousand_settles_and_its_middle_can_go(session: LakeSession) -> None:
    def link(number: int) -> dict[str, object]:
        place = number * 7919 % 1000  # keys in no order along the chain
        return account(place + 1, account_id=f"00000{number:06d}Ab", external_id=f"00000{number + 1:06d}Ab")

    chain = [link(number) for number in range(1000)]
    assert resolved(session, "account", *chain) == together(range(1, 1001))
    write(session, "account", [{**chain[500], "_deleted": True}])
    resolve_entity(session, "account")
    assert sorted(map(len, partition(session))) == [499, 500]


def test_contacts_are_one_by_email_only(session: LakeSession) -> None:
    rows = [
        contact(1, email="ann@acme.example", full_name="Ann"),
        contact(2, ERP, email=" ANN@acme.example", full_name="A. Bell"),
        contact(3, full_name="Ann"),
        contact(4, ERP, full_name="Ann"),
    ]
    assert resolved(session, "contact", *rows) == together([1, 2], [3], [4])


def test_a_record_that_came_deleted_is_no_member(session: LakeSession) -> None:
    gone = account(2, ERP, domain="acme.example", _deleted=True)
    assert resolved(session, "account", account(1, domain="acme.example"), gone) == together([1])
