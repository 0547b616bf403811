"""The caps of a connection are numbers that make sense, or a clear refusal."""

import pytest
from pydantic import ValidationError

from connectors.limits import Limits


def test_the_defaults_are_the_documented_ones() -> None:
    assert Limits().model_dump() == {
        "requests_per_s": 10.0,
        "timeout_s": 60.0,
        "give_up_after_s": 120.0,
        "batch_records": 50_000,
        "batch_mib": 16,
        "streams_at_once": 4,
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("requests_per_s", 0),
        ("requests_per_s", float("nan")),
        ("requests_per_s", -1),
        ("timeout_s", 0),
        ("timeout_s", float("inf")),
        ("give_up_after_s", -1),
        ("batch_records", 0),
        ("batch_mib", 0),
        ("streams_at_once", 0),
        ("streams_at_once", 1_000),
        ("request_per_s", 3),
    ],
)
def test_a_cap_that_makes_no_sense_is_refused_by_name(field: str, value: float) -> None:
    with pytest.raises(ValidationError, match=field):
        Limits.model_validate({field: value})


def test_limits_do_not_change_under_a_running_reader() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Limits().timeout_s = 1.0  # type: ignore[misc]
