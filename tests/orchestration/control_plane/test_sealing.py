"""Credentials open only for whom and where they were sealed."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.control_plane.errors import MasterKeyInvalid, SecretsUnreadable
from orchestration.control_plane.sealing import Sealer

KEY = bytes(range(32))
TENANT, CONNECTION = uuid4(), uuid4()
SECRETS = {"token": "pässword"}


def test_what_is_sealed_opens_again() -> None:
    sealed = Sealer(KEY).seal(SECRETS, TENANT, CONNECTION, 3)
    assert Sealer(KEY).open(sealed, TENANT, CONNECTION) == SECRETS
    assert b"ssword" not in sealed.ciphertext + sealed.wrapped_key


def test_two_seals_of_the_same_are_different() -> None:
    first, second = (Sealer(KEY).seal(SECRETS, TENANT, CONNECTION, 1) for _ in range(2))
    assert first.ciphertext != second.ciphertext
    assert first.wrapped_key != second.wrapped_key


@pytest.mark.parametrize(("tenant", "connection"), [(uuid4(), CONNECTION), (TENANT, uuid4())])
def test_another_tenants_or_connections_row_does_not_open(tenant: UUID, connection: UUID) -> None:
    with pytest.raises(SecretsUnreadable):
        Sealer(KEY).open(Sealer(KEY).seal(SECRETS, TENANT, CONNECTION, 1), tenant, connection)


def test_an_older_version_does_not_open_as_a_newer_one() -> None:
    with pytest.raises(SecretsUnreadable):
        Sealer(KEY).open(replace(Sealer(KEY).seal(SECRETS, TENANT, CONNECTION, 1), version=2), TENANT, CONNECTION)


@given(place=st.integers(0), part=st.sampled_from(["ciphertext", "wrapped_key"]))
def test_a_changed_byte_is_noticed(place: int, part: str) -> None:
    sealed = Sealer(KEY).seal(SECRETS, TENANT, CONNECTION, 1)
    changed = bytearray(getattr(sealed, part))
    changed[place % len(changed)] ^= 1
    with pytest.raises(SecretsUnreadable):
        Sealer(KEY).open(replace(sealed, **{part: bytes(changed)}), TENANT, CONNECTION)


def test_cut_short_is_noticed() -> None:
    sealed = Sealer(KEY).seal(SECRETS, TENANT, CONNECTION, 1)
    with pytest.raises(SecretsUnreadable):
        Sealer(KEY).open(replace(sealed, ciphertext=b"short"), TENANT, CONNECTION)


def test_another_master_key_is_named() -> None:
    other = Sealer(bytes(range(1, 33)))
    with pytest.raises(SecretsUnreadable, match=other.key_id):
        other.open(Sealer(KEY).seal(SECRETS, TENANT, CONNECTION, 1), TENANT, CONNECTION)


def test_base64_and_hex_are_the_same_key() -> None:
    base64_text = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    assert Sealer(base64_text).key_id == Sealer(KEY.hex()).key_id == Sealer(KEY).key_id


@pytest.mark.parametrize("key", ["", "short", "é" * 43, "a" * 43, b"x" * 32, KEY[:31], KEY + b"x"])
def test_a_weak_or_broken_master_key_is_refused(key: bytes | str) -> None:
    with pytest.raises(MasterKeyInvalid):
        Sealer(key)
