"""Names as words: split, unglued, spelled out, translated."""

import pytest

from assets.mapping.matching.contrast import heads_apart, opposed
from assets.mapping.matching.words import concepts_of, words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("CustName", ("customer", "name")),
        ("cust_nm", ("customer", "name")),
        ("customername", ("customer", "name")),
        ("CUSTCRTDT", ("customer", "created", "date")),
        ("BillingPostalCode", ("billing", "postal", "code")),
        ("Telefonnummer", ("phone", "number")),
        ("Straße", ("street",)),
        ("fecha_nacimiento", ("date", "birth")),
        ("date_of_birth", ("date", "birth")),
        ("qty", ("quantity",)),
        ("amounts", ("amount",)),
        ("HTTPStatus", ("http", "status")),
        ("discount %", ("discount", "percent")),
        ("notation", ("notation",)),
        ("__c", ("__c",)),
        ("§", ("§",)),
    ],
)
def test_a_name_is_read_as_words(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


def test_a_vendor_s_name_and_the_canonical_name_share_a_concept() -> None:
    assert ("account", "number_of_employees") in concepts_of("NumberOfEmployees") & concepts_of("employee_count")


def test_opposites_are_told_from_halves_and_from_names_without_a_side() -> None:
    names = [("billing", "city"), ("shipping", "city"), ("city",), ("billing", "or", "shipping", "mailing", "city")]
    against, alone = opposed(names, names)
    assert against[0, 1] == 1
    assert against[0, 0] == 0
    assert (against[0, 2], alone[0, 2]) == (0, 1)
    assert against[3, 1] == 0  # it names every side


def test_synonyms_as_last_words_are_not_apart() -> None:
    assert heads_apart([("order", "date")], [("order", "day"), ("order", "number")]).tolist() == [[0, 1]]
