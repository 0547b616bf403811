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

    url: SecretStr = Field(
        description="the connection string, such as mongodb+srv://reader:password@cluster.mongodb.net"
    )
    database: str | None = Field(
        default=None, min_length=1, max_length=63, description="the one to read; default: all but the server's own"
    )
    collections: tuple[str, ...] | None = Field(None, description="collections to read; default: all")
    cursor_fields: dict[str, str] = Field(
        default_factory=dict, description="the path that says when a document changed, as JSON by collection"
    )
    flatten: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="nested paths that become columns of their own, as JSON by collection"
    )
    sample_documents: int = Field(default=1000, ge=1, le=100_000, description="documents looked at to find the fields")
    look_back_s: float = Field(
        default=60, ge=0, le=30 * 86_400, description="how far before the cursor changes are read again"
    )
    change_streams: Literal["auto", "off"] = Field(
        "auto", description="whether changes are followed as they happen, where the server offers it"
    )
    limits: Limits = Limits()

    @field_validator("url")
    @classmethod
    def _is_mongodb_url(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith(("mongodb://", "mongodb+srv://")):
            raise ValueError("must start with mongodb:// or mongodb+srv://")
        return url
