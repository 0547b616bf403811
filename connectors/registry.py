"""Which kinds of source exist, and how one is made from stored configuration."""

from typing import Any

from pydantic import ValidationError

from connectors.errors import ConfigInvalid
from connectors.files.connector import FilesConnector
from connectors.protocol import Connector

_CLASSES: tuple[type[Connector[Any]], ...] = (FilesConnector,)
KINDS: dict[str, type[Connector[Any]]] = {connector.kind: connector for connector in _CLASSES}


def connector_for(kind: str, config: dict[str, Any]) -> Connector[Any]:
    """The connector of this kind with this configuration.

    Raises:
        ConfigInvalid: the kind is unknown, or a field of the configuration is wrong.
    """
    if kind not in KINDS:
        raise ConfigInvalid(
            f"There is no kind of source called {kind!r}.", hint=f"Known kinds: {', '.join(sorted(KINDS))}."
        )
    connector = KINDS[kind]
    try:
        return connector(connector.config_model.model_validate(config))
    except ValidationError as error:
        raise ConfigInvalid(
            f"The configuration is wrong: {_sentence(error)}", hint="Correct it and try again."
        ) from None


def _sentence(error: ValidationError) -> str:
    """Each wrong field with its message; never the value given, which may be a secret."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    return (
        "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']) or 'configuration'}: {problem['msg']}"
            for problem in problems
        )
        + "."
    )
