"""The configuration of a MongoDB source. Everything but the URL has a default."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.limits import Limits


class MongodbConfig(BaseModel):
    """What a person sets. Without a `database` all are read but the server's own, as `database.collection`.

    `cursor_fields` and `flatten` go by stream name: a dotted path that says when a document changed, and nested paths
    that become columns of their own beside the JSON of the whole.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: SecretStr
    database: str | None = Field(default=None, min_length=1, max_length=63)
    collections: tuple[str, ...] | None = None
    cursor_fields: dict[str, str] = Field(default_factory=dict)
    flatten: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    sample_documents: int = Field(default=1000, ge=1, le=100_000)
    look_back_s: float = Field(default=60, ge=0, le=30 * 86_400)
    change_streams: Literal["auto", "off"] = "auto"
    limits: Limits = Limits()

    @field_validator("url")
    @classmethod
    def _is_mongodb_url(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith(("mongodb://", "mongodb+srv://")):
            raise ValueError("must start with mongodb:// or mongodb+srv://")
        return url
