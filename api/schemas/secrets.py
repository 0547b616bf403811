"""A tenant's own secrets: values go in, and only names and times come out."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.schemas.values import JsonObject
from orchestration.control_plane.tenant_secrets import LARGEST_VALUE


def _storable(text: str) -> str:
    """Where it goes it is JSON, which holds anything but half of a pair of surrogates."""
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("holds a character that cannot be stored")
    return text


# What is no name of a secret names none: 404, as for one that is absent.
SecretName = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", description="Name of the secret.", examples=["crm-key"])
]


class SecretIn(BaseModel):
    """A secret's value: fields of a configuration, or a text that fills one field."""

    model_config = ConfigDict(extra="forbid")

    value: JsonObject | Annotated[str, Field(min_length=1, max_length=LARGEST_VALUE), AfterValidator(_storable)] = (
        Field(description="Sealed, and never answered.", examples=[{"url": "https://acme.supabase.co", "key": "..."}])
    )


class SecretOut(BaseModel):
    """That there is a secret."""

    name: str
    version: int = Field(description="How often it was put.")
    created_at: datetime
    updated_at: datetime
    used_by: list[str] = Field(description="Names of the connections that take their credentials from it.")
