"""What `environment=production` refuses to start with: anything that would put secrets on a wire or a page in clear.

Loopback is exempt: who reads along there reads the process as well.
"""

import ipaddress
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from orchestration.resources.settings import Settings, SettingsInvalid, refuse_weak_secrets

# By libpq: `require` encrypts, the other two also know the server. `prefer`, its default, falls back to clear text.
ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})
POOLED_PORT = 6543
_SHORTEST_TOKEN = 24
_POSTGRES = {
    "DATABASE_URL": "admin_url",
    "AUTONOMOS_DATABASE_URL": "database_url",
    "AUTONOMOS_IDENTITY_URL": "identity_url",
    "AUTONOMOS_OWNER_URL": "owner_url",
    "AUTONOMOS_OPERATOR_URL": "operator_url",
    "AUTONOMOS_DAGSTER_URL": "dagster_url",
}


def refuse_unsafe(settings: Settings) -> None:
    """Outside dev, no start with default or short secrets, connections in clear, or a public address without TLS.

    Raises:
        SettingsInvalid: naming every setting that has to change, never its value.
    """
    refuse_weak_secrets(settings)
    if settings.environment == "dev":
        return
    found = [*_postgres(settings), *_lake(settings.lake_url), *_redis(settings.redis_url), *_web(settings)]
    if found:
        raise SettingsInvalid(f"not safe for production: {'; '.join(found)} (or set AUTONOMOS_ENVIRONMENT=dev)")


def _postgres(settings: Settings) -> Iterator[str]:
    for name, field in _POSTGRES.items():
        url = urlsplit(getattr(settings, field))
        if not url.hostname:
            continue
        if not is_loopback(url.hostname) and dict(parse_qsl(url.query)).get("sslmode") not in ENCRYPTED:
            yield f"{name} needs ?sslmode=require or verify-full"
        if url.port == POOLED_PORT:
            yield f"{name} is a pooler by transaction (port {POOLED_PORT}), which drops session locks: use port 5432"


def _lake(conninfo: str) -> Iterator[str]:
    parts = dict(part.split("=", 1) for part in conninfo.split() if "=" in part)
    if not is_loopback(parts.get("host", "localhost").strip("'")) and parts.get("sslmode") not in ENCRYPTED:
        yield "AUTONOMOS_LAKE_URL needs sslmode=require or verify-full"


def _redis(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    if parts.hostname and parts.scheme != "rediss" and not is_loopback(parts.hostname):
        yield "REDIS_URL needs rediss:// (TLS)"


def _web(settings: Settings) -> Iterator[str]:
    public = urlsplit(settings.public_url)
    if not public.hostname:
        yield "AUTONOMOS_PUBLIC_URL has to say where people reach the app"
    elif public.scheme != "https" and not is_loopback(public.hostname):
        yield "AUTONOMOS_PUBLIC_URL needs https://"
    if "*" in settings.cors_origins:
        yield "AUTONOMOS_CORS_ORIGINS cannot be *"
    token = settings.metrics_token.get_secret_value()
    if token and len(token) < _SHORTEST_TOKEN:
        yield f"AUTONOMOS_METRICS_TOKEN needs {_SHORTEST_TOKEN} characters or more"
    if settings.s3_endpoint and not settings.s3_use_ssl and not is_loopback(settings.s3_endpoint.rpartition(":")[0]):
        yield "AUTONOMOS_S3_USE_SSL has to be true"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, as it is written; no name is looked up."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.startswith("/")  # a Unix socket
