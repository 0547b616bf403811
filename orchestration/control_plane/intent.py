"""What somebody asks to have connected, and what makes two such intents the same one.

The digest is over what identifies the source, never over credentials: the same source asked for again, with other
credentials or other options, is the same intent. `namespace` is how one source is connected twice on purpose.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator

from orchestration.control_plane.columns import Json, dump_json
from orchestration.control_plane.locators import Locator
from orchestration.control_plane.safe_mode import RiskLevel, ScopesMode

# Fields of configuration that say which source it is, in any kind; those of ADDRESSES are enough by themselves.
ADDRESSES = ("path", "instance_url", "url", "host", "database_url")
_WITHIN = ("database", "schema", "db_schema")
# Where everybody's sign-in is, whoever they are.
_SHARED_DOMAINS = ("login", "test", "login.salesforce.com", "test.salesforce.com")

Word = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")
]


def _hyphens(value: object) -> object:
    """`read-only` is what people type, `read_only` what is stored."""
    return value.replace("-", "_") if isinstance(value, str) else value


class Intent(BaseModel):
    """One source to connect. `config` may hold credentials: it is never shown, and never stored as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Word
    kind: Word
    config: dict[str, Json] = Field(default_factory=dict, repr=False)
    resource_ids: tuple[Word, ...] = ()
    credential_locator: str | None = None
    scopes_mode: Annotated[ScopesMode, BeforeValidator(_hyphens)] = "read_only"
    namespace: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    risk_level: RiskLevel = "low"
    evidence: dict[str, Json] = Field(default_factory=dict)
    owner: Word = "operator"

    @field_validator("credential_locator")
    @classmethod
    def _is_locator(cls, text: str | None) -> str | None:
        return None if text is None else str(Locator.parse(text))

    @property
    def locator(self) -> Locator | None:
        """Where its credentials are, when they are a secret of the tenant's."""
        return None if self.credential_locator is None else Locator.parse(self.credential_locator)

    def with_config(self, config: Mapping[str, Json]) -> Self:
        """The same intent with another configuration."""
        return self.model_copy(update={"config": dict(config)})

    @property
    def digest(self) -> str:
        """SHA-256 of what identifies the source, in hex."""
        identity = {
            "kind": self.kind,
            "resource_ids": sorted(self.resource_ids),
            "namespace": self.namespace,
            "source": self._source(),
        }
        return hashlib.sha256(dump_json(identity).encode()).hexdigest()

    def _source(self) -> dict[str, Json]:
        """Which source it is; without an address of its own the name decides, lest two sources be taken for one."""
        within = {field: self.config[field] for field in _WITHIN if self.config.get(field)}
        for field in ADDRESSES:
            if isinstance(self.config.get(field), str) and self.config[field]:
                return {"address": normal_address(field, self.config[field]), **within}
        domain = self.config.get("domain")
        if isinstance(domain, str) and domain.lower().removeprefix("https://") not in ("", *_SHARED_DOMAINS):
            return {"address": domain.lower(), **within}
        if self.resource_ids:
            return within
        return (
            {"credentials": self.credential_locator, **within}
            if self.credential_locator
            else {"name": self.name.lower()}
        )


_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^/?#]*@)?(?P<place>[^/?#]*)(?P<path>[^?#]*)", re.IGNORECASE)


def normal_address(field: str, value: str) -> str:
    """A path made absolute; a URL without login, query and letter case, so without anything secret."""
    if field == "path":
        return str(Path(value).expanduser().absolute()) if "\0" not in value else value
    found = _URL.match(value.strip())
    if found is None:
        return value.strip().lower().rpartition("@")[2]
    scheme, place, path = found["scheme"].lower(), found["place"].lower(), found["path"].rstrip("/")
    return f"{scheme.replace('postgresql', 'postgres')}://{place}{path}"
