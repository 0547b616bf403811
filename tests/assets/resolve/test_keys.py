"""Which texts identify a company or a person, and which only look as if they did."""

import duckdb
import pytest

from assets.resolve.keys import (
    MATCH_KEYS,
    global_id,
    normalised_domain,
    normalised_email,
    normalised_name,
    reference_key,
)


def read(expression: str, **values: str | None) -> object:
    """The SQL expression over one row with these columns; others it may name are NULL."""
    row = {"domain": None, "website": None, "email": None, "name": None, "id": None, **values}
    listed = ", ".join("NULL::VARCHAR" if v is None else "'" + v.replace("'", "''") + "'" for v in row.values())
    found = duckdb.sql(f"SELECT {expression} FROM (VALUES ({listed})) AS t({', '.join(row)})").fetchone()
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("values", "domain"),
    [
        ({"domain": "Acme.Example"}, "acme.example"),
        ({"website": "https://www.acme.example/about?x=1"}, "acme.example"),
        ({"website": "HTTP://WWW2.ACME.EXAMPLE:8080"}, "acme.example"),
        ({"website": "  acme.example.  "}, "acme.example"),
        ({"email": "info@Acme.Example"}, "acme.example"),
        ({"email": "info@acme.example, sales@acme.example"}, "acme.example"),
        ({"domain": "acme.example", "website": "other.example"}, "acme.example"),
        ({"website": "http://localhost"}, None),
        ({"email": "no at sign"}, None),
        ({}, None),
    ],
)
def test_the_domain_comes_from_the_first_address_that_has_one(values: dict[str, str], domain: str | None) -> None:
    assert read(normalised_domain(), **values) == domain


@pytest.mark.parametrize(
    "values",
    [
        {"email": "jo@gmail.com"},
        {"domain": "googlemail.com"},
        {"website": "https://www.facebook.com/acme"},
        {"website": "https://de.linkedin.com/company/acme"},
        {"website": "acme.myshopify.com"},
    ],
)
def test_addresses_that_many_companies_share_are_no_domain(values: dict[str, str]) -> None:
    assert read(normalised_domain(), **values) is None


def test_a_domain_that_says_nothing_leaves_the_word_to_the_next_address() -> None:
    assert read(normalised_domain(), domain="n/a", website="acme.example") == "acme.example"
    assert read(normalised_domain(), domain="gmail.com", email="jo@acme.example") == "acme.example"
    assert read(normalised_domain(), website="facebook.com/acme", email="jo@acme.example") == "acme.example"


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Acme Inc.", "acme"),
        ("ACME, Incorporated", "acme"),
        ("Müller GmbH & Co. KG", "muller"),
        ("Société Générale S.A.", "societe generale"),
        ("O’Neill Ltd", "oneill"),
        ("Co-op Bank plc", "co op bank"),
        ("Ag Growers Group", "ag growers"),
        ("Газпром", "газпром"),
        ("東芝 Co., Ltd.", "東芝"),
        ("3M Company", "3m"),
    ],
)
def test_a_name_loses_case_accents_punctuation_and_legal_forms(name: str, plain: str) -> None:
    assert read(normalised_name(), name=name) == plain


@pytest.mark.parametrize("name", ["Inc.", "Co., Ltd.", "Group", "N/A", "n.a.", "Unknown", "---", "   ", None])
def test_a_name_that_tells_nobody_apart_is_none(name: str | None) -> None:
    assert read(normalised_name(), name=name) is None


def test_companies_in_other_scripts_are_not_one_for_their_legal_form() -> None:
    first, second = (read(MATCH_KEYS["account"].weak, name=name) for name in ("東芝 Co., Ltd.", "日立 Co., Ltd."))
    assert first is not None
    assert first != second


@pytest.mark.parametrize(
    "identifier", ["0015g00000AbCdEAAV", "550e8400-e29b-41d4-a716-446655440000", "507f1f77bcf86cd799439011"]
)
def test_a_long_mixed_id_is_the_same_thing_everywhere(identifier: str) -> None:
    assert read(global_id("id"), id=identifier) is not None
    assert read(reference_key("'crm'", "id"), id=identifier) == read(reference_key("'erp'", "id"), id=identifier)


@pytest.mark.parametrize("identifier", ["1001", "K-20001", "CUSTOMER-00001", "CUST0000012345", "INV-2024-000123", None])
def test_an_id_that_is_counted_up_belongs_to_its_connection(identifier: str | None) -> None:
    assert read(global_id("id"), id=identifier) is None
    here, there = (read(reference_key(f"'{name}'", "id"), id=identifier) for name in ("crm", "erp"))
    assert (here is None and there is None) if identifier is None else here != there


@pytest.mark.parametrize(("email", "key"), [(" Ann@Acme.Example ", "ann@acme.example"), ("ann", None), ("@x", None)])
def test_an_email_is_compared_without_case_and_blanks(email: str, key: str | None) -> None:
    assert read(normalised_email(), email=email) == key


def test_a_record_without_anything_to_match_has_no_key_at_all() -> None:
    for entity, keys in MATCH_KEYS.items():
        listed = ("own", "external", "strong", "weak")
        found = {name: read(getattr(keys, name), account_id=None, external_id=None) for name in listed}
        assert found == dict.fromkeys(listed), entity
    assert read(reference_key("'crm'", "id")) is None
