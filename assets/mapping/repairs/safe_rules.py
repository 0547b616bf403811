"""Whether rules that a person wrote can be taken: known targets, known transforms, sensible spans.

What only compiling tells (a format that no date has) is told by normalize's plan, which callers may pass along.
"""

from typing import Final, get_args

from assets.mapping.rules import StreamMapping, TransformKind
from assets.normalize.model import BOOKKEEPING_TARGETS, ENTITIES, columns_of
from orchestration.control_plane.errors import Conflict
from orchestration.control_plane.tenant_session import TenantSession

MOST_RULES: Final = 5_000
_KINDS: Final = frozenset(get_args(TransformKind))


class EditInvalid(Conflict):
    """The edited rules cannot be applied; str() says which one and why."""


def check_rules(tenant: TenantSession, mapping: StreamMapping) -> None:
    """Raises EditInvalid for the first rule that cannot be taken."""
    if mapping.entity is None:
        raise EditInvalid("The stream is mapped to no entity; there is nothing that rules could fill.")
    if not 0 < len(mapping.rules) <= MOST_RULES:
        raise EditInvalid(f"A mapping has 1 to {MOST_RULES} rules, not {len(mapping.rules)}.")
    targets = _targets(tenant, mapping.entity)
    for rule in mapping.rules:
        if rule.target not in targets:
            raise EditInvalid(f"{mapping.entity} has no field {rule.target!r}; there are {', '.join(sorted(targets))}.")
        if not rule.source:
            raise EditInvalid(f"The rule for {rule.target} names no source field.")
        if rule.transform.kind not in _KINDS:
            raise EditInvalid(f"There is no transform {rule.transform.kind!r}; there are {', '.join(sorted(_KINDS))}.")
        if rule.since < 0 or (rule.until is not None and rule.until < rule.since):
            raise EditInvalid(f"The rule for {rule.target} ends before it begins.")


def _targets(tenant: TenantSession, entity: str) -> frozenset[str]:
    if entity in ENTITIES:
        return frozenset(column.name for column in columns_of(ENTITIES[entity])) | frozenset(BOOKKEEPING_TARGETS)
    for declared in tenant.custom_entities.list():
        if declared.name == entity:
            names = {str(field["name"]) for field in declared.fields}
            return frozenset(names) | {f"{entity}_id"} | frozenset(BOOKKEEPING_TARGETS)
    raise EditInvalid(f"There is no entity {entity!r} any more.")
