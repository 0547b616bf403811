"""What is taken out of a text before it leaves the platform, and what is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.resources.redaction import redact, shape


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("write to ada.lovelace+x@mail.example.com soon", "write to [email] soon"),
        ("call +44 20 7946 0958 now", "call [phone] now"),
        ("call (415) 555-2671 now", "call [phone] now"),
        ("pay to DE89 3704 0044 0532 0130 00 today", "pay to [iban] today"),
        ("card 4111 1111 1111 1111 given", "card [card] given"),
        ("SSN 536-90-4399 on file", "SSN [ssn] on file"),
        ("from 192.168.10.4 at noon", "from [ip] at noon"),
        ("key sk-abcdefghijklmnop1234567890", "key [key]"),
    ],
)
def test_personal_data_is_replaced_by_its_kind(text: str, redacted: str) -> None:
    assert redact(text).text == redacted


@pytest.mark.parametrize(
    "text",
    [
        "account_name, annual_revenue and number_of_employees",
        "the order 1234567890123456 of 2026-11-22",  # sixteen digits that no issuer gives out
        "DE89 3704 0044 0532 0130 01",  # wrong check digits
        "version 1.2.3 and part 999.888.777.666",
        "amount 1,234.56 EUR at 99.5 %",
        "0015g00000AbCdEAAV",
    ],
)
def test_what_only_looks_like_it_is_left(text: str) -> None:
    assert redact(text).text == text


def test_what_was_found_is_counted_by_kind() -> None:
    found = redact("a@b.example, c@d.example and 4111111111111111").found
    assert found == {"email": 2, "card": 1}


def test_a_text_beyond_the_limit_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="in parts"):
        redact("x" * 100_001)


@given(st.text(max_size=200))
def test_no_letter_or_digit_of_a_value_is_left_in_its_shape(value: str) -> None:
    masked = shape(value)
    assert len(masked) <= 41
    for before, after in zip(value[:40], masked, strict=False):  # what is longer is cut
        if before.isalpha() or before.isdigit():
            assert after in "Aa9"


@given(st.text(max_size=120))
def test_redacting_twice_finds_nothing_more(value: str) -> None:
    once = redact(value).text
    assert redact(once).text == once
