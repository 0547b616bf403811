"""Where settings come from, and what is refused."""

import base64
import json
import os
from pathlib import Path

import pytest

from orchestration.resources.postgres_urls import libpq_form, url_for_role
from orchestration.resources.secrets import SecretsUnreadable, load_secrets
from orchestration.resources.settings import Settings, SettingsInvalid, load_settings, refuse_weak_secrets

STRONG = "a-password-nobody-has-guessed"
KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(autouse=True)
def _no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AUTONOMOS_") or name in ("DATABASE_URL", "REDIS_URL")]:
        monkeypatch.delenv(name)


def test_embedded_urls_come_from_state_and_secrets(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(json.dumps({"ports": {"postgres": 5001, "valkey": 5002, "webserver": 5003}}))
    settings = load_settings(tmp_path)
    password = load_secrets(tmp_path)["app_password"]
    assert settings.embedded_postgres and settings.embedded_redis
    assert settings.database_url == f"postgresql+psycopg2://autonomos_app:{password}@127.0.0.1:5001/autonomos"
    assert settings.redis_url.endswith("@127.0.0.1:5002/0")
    assert settings.lake_url.startswith("host=127.0.0.1 port=5001 dbname=lake user=autonomos_lake password=")
    assert settings.webserver_url == "http://127.0.0.1:5003"
    assert len(settings.master_key_bytes()) == 32
    moved = settings.with_servers({"postgres": 6001})
    assert moved.embedded_postgres
    assert "127.0.0.1:6001/" in moved.database_url


def test_database_url_is_the_login_everything_is_derived_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://me:p%40ss@db.example:6543/start?sslmode=require")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example:6379/1")
    settings = load_settings(tmp_path)
    assert not settings.embedded_postgres
    assert not settings.embedded_redis
    assert settings.admin_url == "postgresql+psycopg2://me:p%40ss@db.example:6543/start?sslmode=require"
    assert settings.owner_url.startswith("postgresql+psycopg2://autonomos_owner:")
    assert settings.owner_url.endswith("@db.example:6543/autonomos?sslmode=require")
    assert settings.lake_url.endswith("sslmode=require")
    assert settings.redis_url == "redis://cache.example:6379/1"


def test_urls_given_one_by_one_are_taken_as_they_are(tmp_path: Path) -> None:
    url = "postgresql+psycopg2://app:x@db.example/autonomos"
    settings = Settings(home=tmp_path, database_url=url).with_servers({})
    assert not settings.embedded_postgres
    assert (settings.database_url, settings.admin_url, settings.operator_url) == (url, "", "")


def test_another_process_sees_what_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = Settings(home=tmp_path, port=8123, redis_url="redis://cache.example/1", master_key=KEY)  # type: ignore[arg-type]
    for name, value in given.with_servers({}).as_environment().items():
        monkeypatch.setenv(name, value)
    seen = Settings()
    assert (seen.home, seen.port, seen.redis_url) == (tmp_path, 8123, "redis://cache.example/1")
    assert seen.embedded_postgres and not seen.embedded_redis
    assert seen.master_key_bytes() == bytes(range(32))


def test_nothing_secret_is_shown(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    shown = repr(settings) + str(settings)
    assert not [name for name, secret in load_secrets(tmp_path).items() if secret in shown]


def test_secrets_are_made_once_and_are_readable_by_us_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = load_secrets(home)
    assert (home / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert load_secrets(home) == first
    assert len(set(first.values())) == len(first)
    assert [path.name for path in home.iterdir()] == ["secrets.json"]


def test_a_new_kind_of_secret_joins_the_old_ones(tmp_path: Path) -> None:
    known = load_secrets(tmp_path)
    dropped = known.pop("lake_password")
    (tmp_path / "secrets.json").write_text(json.dumps(known))
    completed = load_secrets(tmp_path)
    assert completed.items() > known.items()
    assert completed["lake_password"] != dropped


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_a_damaged_secrets_file_is_named_and_kept(tmp_path: Path, content: str) -> None:
    (tmp_path / "secrets.json").write_text(content)
    with pytest.raises(SecretsUnreadable, match=r"secrets\.json"):
        load_secrets(tmp_path)
    assert (tmp_path / "secrets.json").read_text() == content


@pytest.mark.parametrize("password", ["postgres", "tiny1", "aaaaaaaaaaaaaaaaaaaaaaaa", ""])
def test_weak_passwords_are_refused_outside_dev_and_never_shown(tmp_path: Path, password: str) -> None:
    url = f"postgresql://me:{password}@db.example/x"
    weak = Settings(home=tmp_path, environment="production", admin_url=url).with_servers({})
    with pytest.raises(SettingsInvalid, match="DATABASE_URL") as refused:
        refuse_weak_secrets(weak)
    assert not password or password not in str(refused.value).replace("DATABASE_URL", "")
    refuse_weak_secrets(Settings(home=tmp_path, admin_url=url).with_servers({}))


def test_strong_and_generated_secrets_pass_outside_dev(tmp_path: Path) -> None:
    url = f"postgresql://me:{STRONG}@db.example/x"
    refuse_weak_secrets(Settings(home=tmp_path, environment="production", admin_url=url).with_servers({}))


@pytest.mark.parametrize("key", ["not base64!", base64.b64encode(b"too short").decode()])
def test_a_master_key_of_another_form_is_refused(tmp_path: Path, key: str) -> None:
    settings = Settings(home=tmp_path, master_key=key).with_servers({})  # type: ignore[arg-type]
    with pytest.raises(SettingsInvalid, match="AUTONOMOS_MASTER_KEY"):
        refuse_weak_secrets(settings)


def test_a_setting_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTONOMOS_PORT", "eighty")
    with pytest.raises(SettingsInvalid, match="port"):
        load_settings()


def test_libpq_form_quotes_what_needs_it() -> None:
    assert (
        libpq_form("postgresql://a%20b:it's@h:1/d?sslmode=require")
        == r"host=h port=1 dbname=d user='a b' password='it\'s' sslmode=require"
    )


def test_another_role_on_the_same_server() -> None:
    url = url_for_role("postgresql://me:x@h:1/d?sslmode=require", "role", "p@ss", "lake")
    assert url == "postgresql://role:p%40ss@h:1/lake?sslmode=require"
