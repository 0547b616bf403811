"""The embedded servers as the fixtures start them."""

from pathlib import Path

import psycopg2
import pytest
import redis

from orchestration.embedded.postgres import prepare_postgres

pytestmark = pytest.mark.servers


def _dsn(url: str) -> str:
    return url.replace("+psycopg2", "")


def test_postgres_is_18_with_vectors_and_scram(postgres_admin_url: str) -> None:
    connection = psycopg2.connect(_dsn(postgres_admin_url))
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            assert cursor.fetchone()[0].startswith("18")
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
            cursor.execute("SELECT '[1,2]'::vector <-> '[1,3]'::vector")
            assert cursor.fetchone()[0] == 1.0
            cursor.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'")
            assert cursor.fetchone()[0].startswith("SCRAM-SHA-256")
    finally:
        connection.close()


def test_postgres_refuses_a_wrong_password(postgres_admin_url: str) -> None:
    wrong = _dsn(postgres_admin_url).replace("test-postgres-password", "guess")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(wrong)


def test_valkey_needs_its_password_and_keeps_an_append_only_file(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    with (
        redis.Redis.from_url(redis_url.replace("test-redis-password", "guess")) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()


def test_the_cluster_of_a_removed_home_is_put_aside_and_kept(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    first = prepare_postgres(tmp_path, "the first password")
    assert prepare_postgres(tmp_path, "the first password").data == first.data
    assert not list(first.data.parent.glob("postgres.of-removed-home-*"))
    second = prepare_postgres(tmp_path, "the password of a new home")
    (kept,) = first.data.parent.glob("postgres.of-removed-home-*")
    assert (kept / "PG_VERSION").exists()
    assert (second.data / "PG_VERSION").exists()
