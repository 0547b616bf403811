"""Which addresses the operator allows, and those of sandbox sources that run right now."""

import json
from pathlib import Path

import pytest

from connectors.errors import AddressRefused
from orchestration.resources.settings import Settings, SettingsInvalid, load_settings


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTONOMOS_OUTBOUND_ALLOW", raising=False)


def test_nothing_internal_is_allowed_unless_said(tmp_path: Path) -> None:
    assert Settings(home=tmp_path).outbound().allow == ()


def test_the_operators_list_is_comma_separated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTONOMOS_OUTBOUND_ALLOW", " 10.0.0.0/8:5432 , db.internal,[::1]:80, ")
    settings = load_settings(tmp_path)
    assert settings.outbound().allow == ("10.0.0.0/8:5432", "db.internal", "[::1]:80")
    assert settings.outbound().addresses("10.1.2.3", 5432) == ("10.1.2.3",)
    assert settings.as_environment()["AUTONOMOS_OUTBOUND_ALLOW"] == settings.outbound_allow


@pytest.mark.parametrize("entries", ["10.0.0.1/8", "db.internal:0", "http://db.internal", "db.internal,*"])
def test_a_wrong_entry_stops_the_start_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entries: str
) -> None:
    monkeypatch.setenv("AUTONOMOS_OUTBOUND_ALLOW", entries)
    with pytest.raises(SettingsInvalid, match="outbound_allow"):
        load_settings(tmp_path)


def test_sandbox_sources_are_reachable_while_they_run(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, outbound_allow="10.0.0.1")
    file = tmp_path / "sandbox.json"
    file.write_text(json.dumps({"allow": ["127.0.0.1:4001", "127.0.0.1:4002"]}))
    assert settings.outbound().allow == ("10.0.0.1", "127.0.0.1:4001", "127.0.0.1:4002")
    file.unlink()
    with pytest.raises(AddressRefused):
        settings.outbound().addresses("127.0.0.1", 4001)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"allow": "127.0.0.1:1"}',
        '{"allow": [1, null, "10.0.0.0/8", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "localhost:80"]}',
    ],
)
def test_the_sandbox_file_opens_loopback_ports_and_nothing_else(tmp_path: Path, content: str) -> None:
    (tmp_path / "sandbox.json").write_text(content)
    assert Settings(home=tmp_path).outbound().allow == ()
