"""The configuration of a Supabase source: the Data API's address and key, a database URL, or both.

With a database URL records are read straight from Postgres; without one through the Data API.
"""

from typing import Self
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.limits import Limits

_WANTED = "must look like https://PROJECT.supabase.co"


class SupabaseConfig(BaseModel):
    """What a person sets. `key` is an API key of the project: publishable, secret, anon or service_role.

    `token` is a JWT of a role of its own, such as one that may only read; it goes beside the key, which opens the
    gateway. `primary_keys` names the key of tables and views of which the Data API does not tell it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str | None = Field(None, description="the project's URL, such as https://abcd.supabase.co; goes with a key")
    key: SecretStr | None = Field(None, description="an API key of the project, under Settings, API keys")
    token: SecretStr | None = Field(
        None, description="a JWT of a role that may only read, beside the key; needed where the key could write"
    )
    database_url: SecretStr | None = Field(
        None, description="instead of URL and key: postgresql://reader:password@host:5432/postgres"
    )
    db_schema: str = Field(default="public", min_length=1, max_length=63, description="whose tables are read")
    tables: tuple[str, ...] | None = Field(None, description="tables and views to read; default: all of the schema")
    primary_keys: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="keys of tables that do not tell theirs, as JSON by table"
    )
    cursor_fields: dict[str, str] = Field(
        default_factory=dict, description="the column that grows with every change, as JSON by table"
    )
    look_back_s: float = Field(
        default=600, ge=0, le=30 * 86_400, description="how far before the cursor changes are read again"
    )
    page_records: int = Field(default=10_000, ge=1, le=100_000, description="records of one request")
    limits: Limits = Limits()

    @field_validator("url")
    @classmethod
    def _is_web_address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise ValueError(_WANTED)
        try:
            httpx.URL(url)
        except httpx.InvalidURL:  # the client's own idea of an address; its text quotes the URL
            raise ValueError(_WANTED) from None
        return url.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _is_postgres_address(cls, url: SecretStr | None) -> SecretStr | None:
        if url and urlsplit(url.get_secret_value()).scheme not in ("postgres", "postgresql"):
            raise ValueError("must start with postgres:// or postgresql://")
        return url

    @model_validator(mode="after")
    def _has_a_way_in(self) -> Self:
        if (self.url is None) != (self.key is None):
            raise ValueError("url and key belong together")
        if self.token is not None and self.key is None:
            raise ValueError("token goes beside url and key")
        if self.url is None and self.database_url is None:
            raise ValueError("url and key, or database_url, are needed")
        return self
