"""How a source is opened: with its own credentials, slowly while in Safe Mode, and closed whatever happens."""

from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

import pytest

from connectors.files.connector import FilesConnector
from connectors.outbound.policy import Outbound
from connectors.registry import KINDS
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.safe_mode import SAFE_REQUESTS_PER_S
from orchestration.partitions import ConnectionKey
from orchestration.resources.asking import asked_slowly
from orchestration.resources.sources import Sources
from tests.assets.extract.scripted import ScriptedConnector

pytestmark = pytest.mark.servers

KEY = bytes(range(32))


class Closing(FilesConnector):
    """Files, but it tells when it is closed and what it was made with."""

    closed: ClassVar[list[Outbound]] = []

    def close(self) -> None:
        self.closed.append(self.outbound)


@pytest.fixture
def closing(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Outbound]]:
    monkeypatch.setitem(KINDS, "files", Closing)
    Closing.closed = []
    yield Closing.closed


def connect(control_plane: ControlPlane, tenant_id: UUID, **options: Any) -> ConnectionKey:
    with control_plane.tenant_session(tenant_id) as session:
        return ConnectionKey(tenant_id, session.connections.create("files", "files", {"path": "/"}, **options).id)


@pytest.fixture
def tenants(control_plane: ControlPlane) -> tuple[UUID, UUID]:
    with control_plane.operator_session() as operator:
        made = [operator.create_tenant(name, f"ann@{name}.example", "a hash").id for name in ("acme", "bolt")]
    return made[0], made[1]


def test_an_opened_source_has_its_streams_settings_and_is_closed_at_the_end(
    control_plane: ControlPlane, tenants: tuple[UUID, UUID], closing: list[Outbound]
) -> None:
    key = connect(control_plane, tenants[0], streams={"people": {"drop": ["x"]}})
    allowed = Outbound(("127.0.0.1:1",))
    with Sources(control_plane, lambda: allowed, KEY).open(key) as opened:
        assert opened.connector.config.path is not None
        assert opened.streams == {"people": {"drop": ["x"]}}
        assert closing == []
    assert closing == [allowed]
    with pytest.raises(KeyboardInterrupt), Sources(control_plane).open(key):
        raise KeyboardInterrupt
    assert len(closing) == 2


def test_the_key_of_hashed_columns_is_the_tenants_own_and_shown_nowhere(
    control_plane: ControlPlane, tenants: tuple[UUID, UUID], closing: list[Outbound]
) -> None:
    keys = []
    for tenant_id in (*tenants, tenants[0]):
        with control_plane.tenant_session(tenant_id) as session:
            known = session.connections.list()
        key = ConnectionKey(tenant_id, known[0].id) if known else connect(control_plane, tenant_id)
        with Sources(control_plane, master_key=KEY).open(key) as opened:
            keys.append(opened.hash_key)
            assert "hash_key" not in repr(opened)
    assert len(closing) == 3
    assert (len(keys[0]), keys[0] == keys[2], keys[0] == keys[1], KEY in keys) == (32, True, False, False)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (None, SAFE_REQUESTS_PER_S),
        ({}, SAFE_REQUESTS_PER_S),
        ({"requests_per_s": 50}, SAFE_REQUESTS_PER_S),
        ({"requests_per_s": 0.5}, 0.5),
        ({"requests_per_s": "many"}, SAFE_REQUESTS_PER_S),
    ],
)
def test_in_safe_mode_a_source_is_asked_slowly(
    monkeypatch: pytest.MonkeyPatch, limits: dict[str, Any] | None, expected: float
) -> None:
    monkeypatch.setitem(KINDS, "scripted", ScriptedConnector)
    config = {"url": "x"} if limits is None else {"url": "x", "limits": {"timeout_s": 5, **limits}}
    slow = asked_slowly("scripted", config)
    assert slow["limits"]["requests_per_s"] == expected
    assert {**slow, "limits": None} == {**config, "limits": None}
    assert slow["limits"].get("timeout_s") == (None if limits is None else 5)
    assert asked_slowly("files", config) == config
