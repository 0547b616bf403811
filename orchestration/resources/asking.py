"""How hard and how long a source is asked: tighter limits put over those of a connection."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from connectors.limits import Limits
from connectors.protocol import Connector
from connectors.registry import KINDS
from orchestration.control_plane.safe_mode import SAFE_REQUESTS_PER_S

ConfigT = TypeVar("ConfigT", bound=BaseModel)


def asked_slowly(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with Safe Mode's cap on requests, where the kind has such a limit."""
    declared = KINDS[kind].config_model.model_fields.get("limits") if kind in KINDS else None
    allowed = declared.annotation if declared is not None else None
    if not (isinstance(allowed, type) and issubclass(allowed, Limits)):
        return dict(config)
    limits = config.get("limits")
    limits = dict(limits) if isinstance(limits, Mapping) else {}
    wanted = limits.get("requests_per_s", SAFE_REQUESTS_PER_S)
    slow = isinstance(wanted, int | float) and wanted <= SAFE_REQUESTS_PER_S
    return {**config, "limits": {**limits, "requests_per_s": wanted if slow else SAFE_REQUESTS_PER_S}}


def asked_briefly(connector: Connector[Any], patience_s: float | None) -> Connector[Any]:
    """The connector for somebody who waits: no call takes longer, with all its attempts; the same one without end.

    Its configuration is not one to store: `as_configured` gives the limits back.
    """
    limits = getattr(connector.config, "limits", None)
    if patience_s is None or not isinstance(limits, Limits):
        return connector
    brief = {name: min(getattr(limits, name), patience_s) for name in ("timeout_s", "give_up_after_s")}
    config = connector.config.model_copy(update={"limits": limits.model_copy(update=brief)})
    connector.close()
    return type(connector)(config, connector.outbound)


def as_configured(config: ConfigT, before: BaseModel) -> ConfigT:
    """The configuration with the limits of another one."""
    limits = getattr(before, "limits", None)
    return config if limits is None else config.model_copy(update={"limits": limits})
