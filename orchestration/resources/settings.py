"""Where everything is: folders, database and Redis URLs, ports, the master key.

Every setting is an environment variable AUTONOMOS_<NAME>. Two are also read under their customary bare names:

- `DATABASE_URL`: a Postgres of your own (15 or newer, with pgvector). The login must be allowed to create roles and
  databases; the databases `autonomos`, `dagster` and `lake` and one role for each purpose are made with it, and it is
  used for nothing else. Where you have no such login, make roles and databases yourself and set AUTONOMOS_DATABASE_URL
  (run-time role), AUTONOMOS_IDENTITY_URL, AUTONOMOS_OWNER_URL, AUTONOMOS_OPERATOR_URL, AUTONOMOS_LAKE_URL and
  AUTONOMOS_DAGSTER_URL.
- `REDIS_URL`: a Redis or Valkey of your own.

Without them the embedded servers are used: passwords are in secrets.json, ports in state.json of AUTONOMOS_HOME.
"""

import base64
import binascii
import json
import os
import re
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote, unquote, urlsplit

from pydantic import Field, PrivateAttr, SecretStr, field_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from connectors.outbound.policy import Outbound
from orchestration.resources.postgres_urls import libpq_form, url_for_role
from orchestration.resources.secrets import load_secrets

REPOSITORY = Path(__file__).resolve().parents[2]
_MIN_SECRET_LENGTH = 16
_KNOWN_DEFAULTS = frozenset({"autonomos", "changeme", "default", "password", "postgres", "redis", "root", "secret"})
# Field -> (role, database, name of its password in secrets.json)
_ROLES = {
    "database_url": ("autonomos_app", "autonomos", "app_password"),
    "owner_url": ("autonomos_owner", "autonomos", "owner_password"),
    "operator_url": ("autonomos_operator", "autonomos", "operator_password"),
    "identity_url": ("autonomos_identity", "autonomos", "identity_password"),
    "dagster_url": ("autonomos_dagster", "dagster", "dagster_password"),
    "lake_url": ("autonomos_lake", "lake", "lake_password"),
}

_SANDBOX_ADDRESS = re.compile(r"127\.0\.0\.1:[1-9]\d{0,4}")
_BARE_NAMES = {"DATABASE_URL": "admin_url", "REDIS_URL": "redis_url"}


class SettingsInvalid(Exception):
    """A setting cannot be used as given; the sentence names it."""


class Settings(BaseSettings):
    """Values as given; `load_settings` adds what the embedded servers know. URLs hold passwords: never print them."""

    model_config = SettingsConfigDict(env_prefix="AUTONOMOS_", extra="ignore")

    home: Path = REPOSITORY / ".autonomos"
    environment: Literal["dev", "production"] = "dev"
    host: str = "127.0.0.1"
    port: int = 8000
    dagster_host: str = "127.0.0.1"
    dagster_port: int = 3000
    workers: int = Field(default=2, ge=1, le=64)
    data_path: str = ""  # a folder, or s3://bucket/prefix; default <home>/data
    files_root: str = ""  # a folder for each tenant's own files, which its connections may read; default <home>/files
    upload_limit_mb: int = Field(default=256, ge=1, le=65_536)  # of one file sent over HTTP
    files_limit_mb: int = Field(default=10_240, ge=1, le=16_777_216)  # of a tenant's files together
    lake_memory_limit: str = "1GB"  # of DuckDB in each worker; more spills to disk
    lake_threads: int = Field(default=2, ge=1, le=64)
    s3_endpoint: str = ""  # host:port of an S3 other than AWS
    s3_region: str = "us-east-1"
    s3_key_id: str = ""
    s3_secret: SecretStr = SecretStr("")
    s3_use_ssl: bool = True
    view_readers: int = Field(default=16, ge=1, le=1024)  # published snapshots the app keeps open
    view_memory_limit: str = "512MB"  # of DuckDB in each of them
    view_threads: int = Field(default=2, ge=1, le=64)
    view_query_timeout_s: float = Field(default=10, gt=0, le=600)
    view_rows_mb: int = Field(default=4096, ge=0, le=1_048_576)  # of disk, for copies of large views that are read
    view_cache_mb: int = Field(default=64, ge=0, le=65_536)  # of answered pages kept, over all tenants

    admin_url: str = Field(default="", repr=False)
    database_url: str = Field(default="", repr=False)
    owner_url: str = Field(default="", repr=False)
    operator_url: str = Field(default="", repr=False)
    identity_url: str = Field(default="", repr=False)
    dagster_url: str = Field(default="", repr=False)
    lake_url: str = Field(default="", repr=False)  # libpq form: "host=... dbname=lake ..."
    redis_url: str = Field(default="", repr=False)
    webserver_url: str = ""  # Dagster's webserver, for whoever asks it for runs
    metrics_token: SecretStr = SecretStr("")  # lets Prometheus read /metrics from another machine
    log_level: Literal["debug", "info", "warning", "error"] = "info"  # of the app
    drain_s: float = Field(default=0, ge=0, le=300)  # for balancers to look elsewhere before the app stops listening
    shutdown_grace_s: int = Field(default=10, ge=1, le=300)  # for requests that run to finish
    revision: str = ""  # of the source code, where the build knows it
    public_url: str = ""  # where people reach the app, for links in notes; without it notes name commands
    master_key: SecretStr = SecretStr("")  # base64 of 32 bytes; seals the credentials of connections
    registration: Literal["", "open", "invited"] = ""  # who may register; "" is open in dev, invited in production
    login_failures_per_account: int = Field(default=10, ge=1)  # in 15 minutes, from one address
    login_failures_per_address: int = Field(default=100, ge=1)  # in 15 minutes, over all accounts
    events_kept: int = Field(default=10_000, ge=100)  # live events of a tenant that can be read again, about
    streams_per_tenant: int = Field(default=1000, ge=1)  # open event streams of one tenant, in one process
    streams_per_process: int = Field(default=5000, ge=1)
    allowed_hosts: str = ""  # names this app answers for besides localhost and public_url's; *.example.com; * is any
    cors_origins: str = ""  # origins whose pages may call the API, comma-separated; none by default
    max_body_bytes: int = Field(default=1_048_576, ge=1)  # of a request, uploads of files apart
    rate_limit_tenant: int = Field(default=30_000, ge=1)  # requests a minute of a tenant, all its callers together
    rate_limit_actor: int = Field(default=6_000, ge=1)  # of one member or API key
    rate_limit_address: int = Field(default=3_000, ge=1)  # of an address that does not say who asks, or is not believed
    outbound_allow: str = ""  # internal addresses sources may have, comma-separated: host:port or 10.0.0.0/8:5432

    _given: dict[str, object] = PrivateAttr(default_factory=dict)

    def model_post_init(self, _: object) -> None:
        """Keep apart what a person gave from what `with_servers` fills in later."""
        self._given = {name: getattr(self, name) for name in self.model_fields_set}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then AUTONOMOS_ variables, then the two customary bare names."""
        bare = {field: os.environ[name] for name, field in _BARE_NAMES.items() if os.environ.get(name)}
        return init_settings, env_settings, InitSettingsSource(settings_cls, bare)

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().absolute()

    @field_validator("admin_url", "database_url", "owner_url", "operator_url", "identity_url", "dagster_url")
    @classmethod
    def _psycopg2(cls, url: str) -> str:
        """SQLAlchemy 2.1 reads the bare scheme as psycopg 3, which is not installed."""
        for scheme in ("postgres://", "postgresql://"):
            if url.startswith(scheme):
                return "postgresql+psycopg2://" + url.removeprefix(scheme)
        return url

    @field_validator("outbound_allow")
    @classmethod
    def _readable(cls, entries: str) -> str:
        Outbound(allow=_split(entries))  # raises ValueError that names the entry
        return entries

    @property
    def embedded_postgres(self) -> bool:
        """Whether Postgres is one of the servers we start."""
        return not self._given.get("admin_url") and not self._given.get("database_url")

    @property
    def embedded_redis(self) -> bool:
        """Whether Valkey is one of the servers we start."""
        return not self._given.get("redis_url")

    @property
    def data(self) -> str:
        """Where Parquet and published catalogs live, without a trailing slash."""
        return self.data_path.rstrip("/") or str(self.home / "data")

    @property
    def registration_is_open(self) -> bool:
        """Whether anybody who reaches the app may make an organisation."""
        return (self.registration or {"dev": "open", "production": "invited"}[self.environment]) == "open"

    @property
    def files(self) -> Path:
        """Where each tenant has a folder for its own files."""
        return Path(self.files_root).expanduser().absolute() if self.files_root else self.home / "files"

    def outbound(self) -> Outbound:
        """Which addresses sources may have now: public ones, the operator's, and the sandbox sources that run."""
        return Outbound(allow=(*_split(self.outbound_allow), *_sandbox_addresses(self.home)))

    def as_environment(self) -> dict[str, str]:
        """The variables that make another process see what was given here."""
        given = {name: v.get_secret_value() if isinstance(v, SecretStr) else str(v) for name, v in self._given.items()}
        return {f"AUTONOMOS_{name.upper()}": value for name, value in given.items()}

    def generated_password(self, name: str) -> str:
        """A password of secrets.json, for the server that asks for it."""
        return load_secrets(self.home)[name]

    def master_key_bytes(self) -> bytes:
        """The 32 bytes of the master key.

        Raises:
            SettingsInvalid: it is not base64 of 32 bytes.
        """
        try:
            key = base64.b64decode(self.master_key.get_secret_value(), validate=True)
        except binascii.Error:
            key = b""
        if len(key) != 32:
            raise SettingsInvalid("AUTONOMOS_MASTER_KEY must be base64 of 32 bytes (openssl rand -base64 32)")
        return key

    def with_servers(self, ports: dict[str, int]) -> Self:
        """These settings with every URL filled in, given the ports of the embedded servers."""
        secrets = load_secrets(self.home)
        known: dict[str, object] = {}
        if not self.master_key.get_secret_value():
            known["master_key"] = SecretStr(secrets["master_key"])
        if not self._given.get("database_url"):
            known |= self._database_urls(secrets, ports.get("postgres", 0))
        if self.embedded_redis:
            known["redis_url"] = (
                f"redis://:{quote(secrets['redis_password'], safe='')}@127.0.0.1:{ports.get('valkey', 0)}/0"
            )
        if not self._given.get("webserver_url"):
            known["webserver_url"] = f"http://{self.dagster_host}:{ports.get('webserver', self.dagster_port)}"
        return self.model_copy(update=known)

    def _database_urls(self, secrets: dict[str, str], port: int) -> dict[str, object]:
        password = quote(secrets["postgres_password"], safe="")
        embedded = f"postgresql+psycopg2://postgres:{password}@127.0.0.1:{port}/postgres"
        admin = str(self._given.get("admin_url") or embedded)
        urls: dict[str, object] = {"admin_url": admin}
        for field, (role, database, secret) in _ROLES.items():
            url = url_for_role(admin, role, secrets[secret], database)
            urls[field] = libpq_form(url) if field == "lake_url" else url
        return urls


def load_settings(home: Path | None = None) -> Settings:
    """Settings from the environment, completed with the URLs of the embedded servers as they run now.

    Raises:
        SettingsInvalid: a value cannot be used.
    """
    try:
        settings = Settings() if home is None else Settings(home=home)
    except ValueError as error:
        raise SettingsInvalid(f"a setting cannot be used: {error}") from None
    return settings.with_servers(running_ports(settings.home))


def running_ports(home: Path) -> dict[str, int]:
    """Ports the embedded servers of this home took last, by process name; empty before the first start."""
    try:
        return {str(name): int(port) for name, port in json.loads((home / "state.json").read_text())["ports"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _sandbox_addresses(home: Path) -> tuple[str, ...]:
    """Loopback addresses that running sandbox sources wrote down; never anything else, whoever wrote the file."""
    try:
        entries = json.loads((home / "sandbox.json").read_text())["allow"]
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    if not isinstance(entries, list):
        return ()
    return tuple(entry for entry in entries if isinstance(entry, str) and _is_sandbox(entry))


def _is_sandbox(entry: str) -> bool:
    return bool(_SANDBOX_ADDRESS.fullmatch(entry)) and int(entry.rpartition(":")[2]) <= 65535


def _split(entries: str) -> tuple[str, ...]:
    return tuple(entry.strip() for entry in entries.split(",") if entry.strip())


def refuse_weak_secrets(settings: Settings) -> None:
    """Outside dev, no start with a default, empty or short secret.

    Raises:
        SettingsInvalid: naming every setting that is too weak, never its value.
    """
    settings.master_key_bytes()
    if settings.environment == "dev":
        return
    urls = {
        "DATABASE_URL": settings.admin_url,
        "AUTONOMOS_DATABASE_URL": settings.database_url,
        "AUTONOMOS_OWNER_URL": settings.owner_url,
        "AUTONOMOS_OPERATOR_URL": settings.operator_url,
        "AUTONOMOS_IDENTITY_URL": settings.identity_url,
        "AUTONOMOS_DAGSTER_URL": settings.dagster_url,
        "REDIS_URL": settings.redis_url,
    }
    weak = [name for name, url in urls.items() if url and _is_weak(unquote(urlsplit(url).password or ""))]
    if len(set(settings.master_key_bytes())) < 8:
        weak.append("AUTONOMOS_MASTER_KEY")
    if weak:
        raise SettingsInvalid(
            f"outside dev a default or short secret is refused: {', '.join(weak)} need one of "
            f"{_MIN_SECRET_LENGTH} characters or more (or set AUTONOMOS_ENVIRONMENT=dev)"
        )


def _is_weak(secret: str) -> bool:
    return len(secret) < _MIN_SECRET_LENGTH or secret.lower() in _KNOWN_DEFAULTS or len(set(secret)) < 6
