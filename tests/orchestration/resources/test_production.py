"""What production refuses: connections in clear, pages without TLS, weak tokens. Loopback is exempt."""

from pathlib import Path
from typing import Any

import pytest

from orchestration.resources.production import refuse_unsafe
from orchestration.resources.settings import Settings, SettingsInvalid

PASSWORD = "kT4vQ9zLm2xW8pRs"
PG = f"postgresql://app:{PASSWORD}@db.example:5432/autonomos"
SAFE: dict[str, Any] = {
    "environment": "production",
    "admin_url": f"{PG}?sslmode=require",
    "redis_url": f"rediss://default:{PASSWORD}@cache.example:6379",
    "public_url": "https://app.acme.example",
    "master_key": "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=",
}


def refused(tmp_path: Path, **changed: Any) -> str:
    """The sentence, or nothing."""
    try:
        refuse_unsafe(Settings(home=tmp_path, **{**SAFE, **changed}).with_servers({}))
    except SettingsInvalid as error:
        return str(error)
    return ""


def test_safe_settings_start(tmp_path: Path) -> None:
    assert refused(tmp_path) == ""
    assert refused(tmp_path, admin_url=f"{PG}?sslmode=verify-full&sslrootcert=system") == ""


def test_embedded_servers_on_loopback_are_safe(tmp_path: Path) -> None:
    assert refused(tmp_path, admin_url="", redis_url="") == ""


@pytest.mark.parametrize(
    "changed, named",
    [
        ({"admin_url": PG}, "DATABASE_URL needs ?sslmode"),
        ({"admin_url": f"{PG}?sslmode=prefer"}, "DATABASE_URL needs ?sslmode"),
        ({"admin_url": "", "database_url": PG}, "AUTONOMOS_DATABASE_URL needs ?sslmode"),
        ({"identity_url": PG, "database_url": f"{PG}?sslmode=require"}, "AUTONOMOS_IDENTITY_URL needs ?sslmode"),
        (
            {"database_url": f"{PG}?sslmode=require", "lake_url": f"host=db.example dbname=lake password={PASSWORD}"},
            "AUTONOMOS_LAKE_URL needs sslmode",
        ),
        ({"admin_url": f"{PG}?sslmode=require".replace("5432", "6543")}, "pooler by transaction"),
        ({"redis_url": f"redis://default:{PASSWORD}@cache.example:6379"}, "REDIS_URL needs rediss://"),
        ({"public_url": ""}, "AUTONOMOS_PUBLIC_URL has to say"),
        ({"public_url": "http://app.acme.example"}, "AUTONOMOS_PUBLIC_URL needs https://"),
        ({"cors_origins": "*"}, "AUTONOMOS_CORS_ORIGINS cannot be *"),
        ({"metrics_token": "short"}, "AUTONOMOS_METRICS_TOKEN needs"),
        ({"s3_endpoint": "minio.example:9000", "s3_use_ssl": False}, "AUTONOMOS_S3_USE_SSL"),
        ({"admin_url": "postgresql://app:password@db.example/x?sslmode=require"}, "default or short secret"),
    ],
    ids=[
        "postgres-clear", "postgres-prefer", "app-clear", "identity-clear", "lake-clear", "transaction-pooler",
        "redis-clear", "no-address", "address-clear", "any-origin", "short-token", "s3-clear", "default-password",
    ],
)  # fmt: skip
def test_what_is_unsafe_is_named_and_no_value_is_told(tmp_path: Path, changed: dict[str, Any], named: str) -> None:
    sentence = refused(tmp_path, **changed)
    assert named in sentence
    assert PASSWORD not in sentence and "db.example" not in sentence
    assert refused(tmp_path, **{**changed, "environment": "dev"}) == ""


def test_a_public_address_on_this_machine_needs_no_tls(tmp_path: Path) -> None:
    assert refused(tmp_path, public_url="http://127.0.0.1:8000") == ""
    assert refused(tmp_path, redis_url=f"redis://:{PASSWORD}@[::1]:6379/0") == ""
