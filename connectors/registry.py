"""Which kinds of source exist, and how one is made from stored configuration."""

from typing import Any

from pydantic import ValidationError

from connectors.errors import ConfigInvalid
from connectors.files.connector import FilesConnector
from connectors.mongodb.connector import MongodbConnector
from connectors.outbound.policy import Outbound
from connectors.protocol import Connector
from connectors.salesforce.connector import SalesforceConnector
from connectors.supabase.connector import SupabaseConnector

_CLASSES: tuple[type[Connector[Any]], ...] = (
    FilesConnector,
    SalesforceConnector,
    SupabaseConnector,
    MongodbConnector,
)
KINDS: dict[str, type[Connector[Any]]] = {connector.kind: connector for connector in _CLASSES}


def connector_for(kind: str, config: dict[str, Any], outbound: Outbound | None = None) -> Connector[Any]:
    """The connector of this kind with this configuration; `outbound` allows addresses beyond the public ones.

    Raises:
        ConfigInvalid: the kind is unknown, or a field of the configuration is wrong.
    """
    if kind not in KINDS:
        raise ConfigInvalid(
            f"There is no kind of source called {kind!r}.", hint=f"Known kinds: {', '.join(sorted(KINDS))}."
        )
    connector = KINDS[kind]
    try:
        return connector(connector.config_model.model_validate(config), outbound)
    except ValidationError as error:
        wrong = _sentence(error)
    # Raised out here, because pydantic's error holds the values given and would stay behind this one as its context.
    raise ConfigInvalid(f"The configuration is wrong: {wrong}", hint="Correct it and try again.")


def _sentence(error: ValidationError) -> str:
    """Each wrong field with its message; never the value given, which may be a secret."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    return (
        "; ".join(
            ": ".join(filter(None, [".".join(str(part) for part in problem["loc"]), _words(problem["msg"])]))
            for problem in problems
        )
        + "."
    )


def _words(message: str) -> str:
    """What a check of ours says, without how pydantic announces it."""
    return message.removeprefix("Value error, ")
