"""Passwords are stored as argon2id with the parameters of the design, and unknown users cost the same."""

import pytest

from orchestration.control_plane.errors import ConfigurationError
from orchestration.control_plane.passwords import hash_password, password_matches


def test_the_hash_carries_the_parameters_and_matches_only_its_password() -> None:
    stored = hash_password("correct horse")
    assert stored.startswith("$argon2id$") and "m=19456,t=2,p=1" in stored
    assert password_matches("correct horse", stored)
    assert not password_matches("wrong horse", stored)


def test_nobody_has_the_password_of_an_unknown_user() -> None:
    assert not password_matches("nobody has this password", None)
    assert not password_matches("anything", "not a hash")


@pytest.mark.parametrize("password", ["", "short", "x" * 2_000])
def test_too_short_and_too_long_are_refused(password: str) -> None:
    with pytest.raises(ConfigurationError):
        hash_password(password)
    assert not password_matches(password, None)
