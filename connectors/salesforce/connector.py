"""Salesforce: what the org offers and what the login may do; reading itself is `reading`'s work."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from connectors.errors import ConfigInvalid, ConnectorError, StreamError
from connectors.outbound.policy import Outbound
from connectors.protocol import Capabilities, Connector, Cursor, Grants, Item, Note, Stream
from connectors.salesforce.client import Org
from connectors.salesforce.config import SalesforceConfig
from connectors.salesforce.failures import from_exception
from connectors.salesforce.objects import Described, described, is_noise, is_offered, write_rights
from connectors.salesforce.reading import Reading
from connectors.salesforce.sample import sample
from connectors.salesforce.soql import MOST_DEFINITIONS, hidden_fields_query

_SHOWN = 20
# So that the answer stays below MOST_DEFINITIONS with the fields that are hidden.
_OBJECTS_A_QUERY, _FIELDS_A_QUERY = 10, 1_000


class SalesforceConnector(Connector[SalesforceConfig]):
    """One org, by one login."""

    kind = "salesforce"
    config_model = SalesforceConfig
    capabilities = Capabilities(
        incremental=True, detects_deletes=True, declares_types=True, bulk=True, has_credentials=True, streams_at_once=4
    )

    def __init__(self, config: SalesforceConfig, outbound: Outbound | None = None) -> None:
        super().__init__(config, outbound)
        self._org = Org(config, self.outbound, self._tell)

    def check(self) -> None:
        """Log in, look at the quota and list the objects. Raises ConnectorError."""
        self._org.get("limits")
        self._wanted()

    def grants(self) -> Grants:
        """What the login may change, as the org's own describe tells this login."""
        summaries = self._summaries()
        rights = write_rights(summaries)
        shown = rights[:_SHOWN]
        if len(rights) > _SHOWN:
            shown = (*shown, f"and {len(rights) - _SHOWN} more")
        evidence = (
            f"Salesforce's describe, asked with this login, of {len(summaries)} objects: {len(rights)} may be changed."
        )
        return Grants(shown, evidence)

    def pin(self) -> SalesforceConfig:
        """With the org's own address and the way to log in made explicit."""
        found = {"instance_url": self._org.instance_url, "domain": None, "auth": self.config.kind_of_auth}
        if self.config.kind_of_auth == "jwt_bearer":
            found["jwt_audience"] = self.config.audience
        return self.config.model_copy(update=found)

    def discover(self) -> list[Stream]:
        """Every object to read, with the fields this login may see; what is left out is told in notes."""
        names = self._wanted()
        if self.config.objects is None:
            names = self._without_noise(names)
        with ThreadPoolExecutor(self.config.limits.streams_at_once, "salesforce-describe") as pool:
            found = [one for one in pool.map(self._described, names) if one is not None]
        self._tell_hidden(found)
        return [one.stream for one in found]

    def read(self, stream: Stream, cursor: Cursor | None, limit: int | None = None) -> Iterator[Item]:
        """What changed since the cursor, oldest first, and what was deleted."""
        if limit is not None:
            yield sample(self._org, stream, limit)
            return
        yield from Reading(self._org, self.config, self._tell, stream).items(cursor)

    def classify(self, error: Exception, stream: str) -> ConnectorError:
        """What an error of a library or the disk means; its text is not repeated."""
        return from_exception(error, stream)

    def close(self) -> None:
        """Let go of connections."""
        self._org.close()

    def _tell(self, note: Note) -> None:
        """To whoever takes notes by now: that is set after the connector is made."""
        self.notes(note)

    def _summaries(self) -> list[dict[str, Any]]:
        summaries: list[dict[str, Any]] = self._org.get("sobjects")["sobjects"]
        return summaries

    def _wanted(self) -> list[str]:
        """The objects that can be read. Raises ConfigInvalid when one that was named is not there."""
        there = [str(one["name"]) for one in self._summaries() if is_offered(one)]
        wanted = self.config.objects
        if wanted is None:
            return there
        missing = sorted(set(wanted) - set(there))
        if missing:
            raise ConfigInvalid(
                f"The org shows this login no object called {', '.join(missing[:_SHOWN])}.",
                hint="Correct `objects`, or give the user read access.",
            )
        return [name for name in there if name in wanted]

    def _without_noise(self, there: list[str]) -> list[str]:
        left_out = [name for name in there if is_noise(name)]
        if left_out:
            message = f"System objects are left out; name them in `objects` to read them: {_listed(left_out)}."
            self.notes(Note("objects_left_out", message))
        return [name for name in there if not is_noise(name)]

    def _described(self, name: str) -> Described | None:
        try:
            found = described(self._org.get(f"sobjects/{name}/describe", name))
        except StreamError as error:
            self.notes(Note("object_not_described", error.message, name, "warning"))
            return None
        if not found.stream.primary_key:
            self.notes(
                Note("object_without_id", "The object has no Id that the login may see: left out.", name, "warning")
            )
            return None
        if found.compounds:
            message = f"Compound fields are read by their parts: {', '.join(found.compounds)}."
            self.notes(Note("compound_fields", message, name))
        if found.files:
            message = f"Fields that hold files are not read: {', '.join(found.files)}."
            self.notes(Note("file_fields", message, name, "warning"))
        return found

    def _tell_hidden(self, found: list[Described]) -> None:
        """Name the fields that the org has and this login may not see."""
        seen = {one.stream.name: one.names for one in found}
        for chunk in _chunks(seen):
            try:
                answer = self._org.get("query", "FieldDefinition", {"q": hidden_fields_query(chunk)})
            except StreamError as error:
                message = f"Whether fields are hidden from this login could not be found out. {error.message}"
                self.notes(Note("hidden_fields_unknown", message))
                return
            # Whether LIMIT is heeded here is documented as uncertain: a cut answer may claim to be whole.
            if not answer.get("done", True) or len(answer["records"]) >= MOST_DEFINITIONS:
                message = f"More fields than Salesforce lists at once: some may be hidden, of {_listed(chunk)}."
                self.notes(Note("hidden_fields_unknown", message))
            hidden: dict[str, list[str]] = {}
            for record in answer["records"]:
                name, field = _entity(record), str(record["QualifiedApiName"])
                if name in seen and field not in seen[name]:
                    hidden.setdefault(name, []).append(field)
            for name, fields in hidden.items():
                message = (
                    f"The org has {len(fields)} fields that this login is not shown, by field-level security or "
                    f"because a feature is off: {_listed(fields)}."
                )
                self.notes(Note("fields_hidden", message, name, "warning"))


def _entity(record: dict[str, Any]) -> str:
    """The object a FieldDefinition is of: a parent field comes as a nested record."""
    parent = record.get("EntityDefinition")
    return str(parent["QualifiedApiName"]) if isinstance(parent, dict) else ""


def _chunks(seen: Mapping[str, frozenset[str]]) -> Iterator[list[str]]:
    """Objects whose fields fit into one answer, as far as the fields in sight tell."""
    chunk: list[str] = []
    size = 0
    for name, fields in seen.items():
        if chunk and (len(chunk) == _OBJECTS_A_QUERY or size + len(fields) > _FIELDS_A_QUERY):
            yield chunk
            chunk, size = [], 0
        chunk.append(name)
        size += len(fields)
    if chunk:
        yield chunk


def _listed(names: list[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
