"""A source's configuration, parted into what may be stored and shown and what is a credential.

A field of the configuration's top level is a credential when a `SecretStr` is anywhere in it; it is sealed as a whole.
"""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic_core import to_jsonable_python

from connectors.registry import KINDS
from orchestration.control_plane.intent import normal_address


def split_secrets(config: BaseModel) -> tuple[dict[str, Any], dict[str, Any]]:
    """The configuration as JSON without its credentials, and the credentials with their values."""
    values = {name: getattr(config, name) for name in type(config).model_fields}
    secrets = {name: _revealed(value) for name, value in values.items() if _holds_secret(value)}
    return config.model_dump(mode="json", exclude=set(secrets)), secrets


def storable_config(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """What of a configuration that was never tried may be stored: known fields that cannot be credentials.

    Addresses lose login and query, where credentials are put by mistake. Of an unknown kind nothing is kept.
    """
    model = KINDS[kind].config_model if kind in KINDS else BaseModel
    plain = {name for name, field in model.model_fields.items() if not _may_hold_secret(field.annotation)}
    return {name: _without_login(value) for name, value in config.items() if name in plain}


def secret_fields(kind: str) -> list[str]:
    """The fields of a kind's configuration that may hold credentials; none of an unknown kind."""
    model = KINDS[kind].config_model if kind in KINDS else BaseModel
    return [name for name, field in model.model_fields.items() if _may_hold_secret(field.annotation)]


def _holds_secret(value: Any) -> bool:
    if isinstance(value, BaseModel):
        return any(_holds_secret(getattr(value, name)) for name in type(value).model_fields)
    if isinstance(value, Mapping):
        return any(map(_holds_secret, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_holds_secret, value))
    return isinstance(value, SecretStr)


def _revealed(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, BaseModel):
        return {name: _revealed(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {str(name): _revealed(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_revealed(item) for item in value]
    return to_jsonable_python(value)


def _may_hold_secret(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return any(_may_hold_secret(field.annotation) for field in annotation.model_fields.values())
    return annotation is SecretStr or any(map(_may_hold_secret, get_args(annotation)))


def _without_login(value: Any) -> Any:
    if isinstance(value, str):
        return normal_address("url", value) if "://" in value else value
    if isinstance(value, Mapping):
        return {str(name): _without_login(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_login(item) for item in value]
    return value
