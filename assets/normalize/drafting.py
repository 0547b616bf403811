"""A custom entity drafted from a stream: fields from what was observed, and the rules that fill them.

People may choose fields, names and types; what they leave out is taken from the stream. Nothing is stored here.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from assets.fingerprint.fingerprint import ObservedField, ObservedStream
from assets.mapping.fit import read_as
from assets.mapping.rules import FieldRule, StreamMapping
from assets.normalize.catalog import Entity
from assets.normalize.custom import DeclarationInvalid, DeclaredField, FieldType, column_type, identity_of, is_reserved
from assets.normalize.model import BOOKKEEPING_TARGETS

_TYPES: Final[dict[str, FieldType]] = {
    "integer": "integer", "decimal": "decimal", "double": "decimal", "boolean": "boolean", "date": "date",
    "timestamp": "timestamp", "json": "json",
}  # fmt: skip
# Names under which sources keep when a record was changed last.
_CHANGED_AT: Final = frozenset({
    "system_modstamp", "last_modified_date", "last_modified_at", "last_modified", "lastmodified", "updated_at",
    "updated_on", "update_time", "modified_at", "modified_on", "modified", "date_modified", "last_updated_at",
    "changed_at", "last_changed_at",
})  # fmt: skip
_EVIDENCE: Final = ("declared with the entity",)
_LONGEST_NAME: Final = 60  # leaves room for a number


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """What a person said of one field: the source's name, and perhaps a target and a type."""

    source: str
    target: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """Fields of an entity, its key, and the rules from the stream it was drafted from."""

    fields: tuple[DeclaredField, ...]
    key: tuple[str, ...]
    rules: tuple[FieldRule, ...]


def parse_choice(text: str, known: Collection[str]) -> FieldChoice:
    """`source[:target[:type]]`; a source's name may hold colons itself. Raises DeclarationInvalid."""
    parts = text.split(":")
    for kept in range(len(parts), max(0, len(parts) - 3), -1):
        source, rest = ":".join(parts[:kept]), parts[kept:]
        if source in known:
            target, type_ = (*rest, None, None)[:2]
            return FieldChoice(source, target or None, type_ or None)
    raise DeclarationInvalid(f"The stream has no field {parts[0]!r}.", _listed(known))


def draft_entity(name: str, stream: ObservedStream, choices: Sequence[FieldChoice]) -> Draft:
    """The entity that these fields of the stream make, all of them when none was chosen."""
    names = _Names(identity_of(name))
    fields: list[DeclaredField] = []
    rules: list[FieldRule] = []
    key: dict[str, str] = {}
    for choice in choices or [FieldChoice(field.name) for field in stream.fields]:
        observed = _observed(stream, choice.source)
        if choice.target in BOOKKEEPING_TARGETS:
            rules.append(_rule(observed, str(choice.target), BOOKKEEPING_TARGETS[str(choice.target)]))
            continue
        is_identity = stream.primary_key == (observed.name,)
        target = choice.target or names.free(observed.name, may_be_identity=is_identity)
        names.take(target)
        declared = choice.type or ("text" if target == identity_of(name) else _TYPES.get(observed.type, "text"))
        field = DeclaredField(target, declared, observed.description or observed.label or "")  # type: ignore[arg-type]  # checked with the rest of the declaration
        fields.append(field)
        rules.append(_rule(observed, target, column_type(field.type)))
        if observed.name in stream.primary_key:
            key.setdefault(observed.name, target)
    whole_key = tuple(key[name] for name in stream.primary_key) if len(key) == len(stream.primary_key) else ()
    return Draft(tuple(fields), whole_key, (*rules, *_changed_at(stream, rules)))


def draft_rules(
    entity: Entity, stream: ObservedStream, choices: Sequence[FieldChoice], before: StreamMapping | None
) -> tuple[FieldRule, ...]:
    """Rules that fill a declared entity from another stream; without choices, fields are met by name.

    A stream that is this entity already keeps its rules for the targets that are not chosen anew.
    """
    kept = before.rules if before is not None and before.entity == entity.name else ()
    wanted = {column.name for column in entity.columns}
    if not choices:
        filled = {rule.target for rule in kept}
        met = [FieldChoice(field.name, snake_name(field.name)) for field in stream.fields]
        choices = [choice for choice in met if choice.target in wanted - filled]
    rules = []
    for choice in choices:
        observed = _observed(stream, choice.source)
        target = choice.target or snake_name(choice.source)
        duckdb_type = entity.type_of(target) or BOOKKEEPING_TARGETS.get(target)
        if duckdb_type is None:
            hint = (
                f"Add it with 'autonomos entity add-field --entity {entity.name} --field {target}'. {_listed(wanted)}"
            )
            raise DeclarationInvalid(f"The entity {entity.name!r} has no field {target!r}.", hint)
        if choice.type is not None and column_type(choice.type) != duckdb_type:
            raise DeclarationInvalid(f"The field {target!r} is declared with another type.", "Leave out the type.")
        rules.append(_rule(observed, target, duckdb_type))
    chosen = {rule.target for rule in rules}
    rules = [*(rule for rule in kept if rule.target not in chosen), *rules]
    if not any(rule.target in wanted for rule in rules):
        raise DeclarationInvalid(
            f"No field of the stream has the name of a field of {entity.name!r}.",
            "Add --field SOURCE:TARGET.",
        )
    return (*rules, *_changed_at(stream, rules))


def snake_name(source: str) -> str:
    """The name a source's field gets: small letters, digits and underscores. Custom suffixes of vendors go."""
    plain = unicodedata.normalize("NFKD", source.replace("ß", "ss")).encode("ascii", "ignore").decode()
    plain = re.sub(r"__[a-z]$", "", plain)  # Invoice_Line__c of Salesforce
    parted = re.sub(r"([a-z0-9])([A-Z])|([A-Z]+)([A-Z][a-z])", r"\1\3_\2\4", plain)
    name = re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")[:_LONGEST_NAME].rstrip("_")
    return name if name[:1].isalpha() else f"field_{name}".rstrip("_")


class _Names:
    """Targets that are taken already."""

    def __init__(self, identity: str) -> None:
        self._identity = identity
        self._taken: set[str] = set()

    def take(self, name: str) -> None:
        self._taken.add(name)

    def free(self, source: str, *, may_be_identity: bool) -> str:
        """A name for the source's field that no other has. The record's own id is the key alone."""
        base = snake_name(source)
        if is_reserved(base):
            base = f"{base}_value"
        name, number = base, 1
        while name in self._taken or (name == self._identity and not may_be_identity):
            number += 1
            name = f"{base}_{number}"
        return name


def _observed(stream: ObservedStream, source: str) -> ObservedField:
    found = stream.field_named(source)
    if found is None:
        raise DeclarationInvalid(
            f"The stream {stream.name!r} has no field {source!r}.", _listed(field.name for field in stream.fields)
        )
    return found


def _rule(observed: ObservedField, target: str, duckdb_type: str) -> FieldRule:
    return FieldRule(observed.name, target, read_as(observed, duckdb_type), 1.0, "person", _EVIDENCE)


def _changed_at(stream: ObservedStream, rules: Sequence[FieldRule]) -> list[FieldRule]:
    """When the source changed a record, where a field says so by its name and nobody said another."""
    if any(rule.target in ("_source_updated_at", "updated_at") for rule in rules):
        return []
    named = [field for field in stream.fields if snake_name(field.name) in _CHANGED_AT and field.type == "timestamp"]
    named.sort(key=lambda field: snake_name(field.name) != "system_modstamp")
    return [_rule(field, "_source_updated_at", "TIMESTAMPTZ") for field in named[:1]]


def _listed(names: Iterable[str]) -> str:
    shown = sorted(names)
    more = f" and {len(shown) - 20} more" if len(shown) > 20 else ""
    return f"There is: {', '.join(shown[:20])}{more}."
