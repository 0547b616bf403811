"""Partition keys."""

from uuid import UUID

import pytest

from orchestration.partitions import ConnectionKey, tenant_of

TENANT, CONNECTION = UUID(int=1), UUID(int=2)


def test_a_connection_key_is_read_back_as_written() -> None:
    key = ConnectionKey(TENANT, CONNECTION)
    assert ConnectionKey.parse(str(key)) == key
    assert str(key) == f"{TENANT}/{CONNECTION}"


@pytest.mark.parametrize(
    "text", ["", str(TENANT), f"{TENANT}/", f"{TENANT}/x", f"x/{CONNECTION}", f"{TENANT}/{CONNECTION}/"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        ConnectionKey.parse(text)


def test_both_kinds_of_key_name_their_tenant() -> None:
    assert tenant_of(str(ConnectionKey(TENANT, CONNECTION))) == TENANT
    assert tenant_of(str(TENANT)) == TENANT
