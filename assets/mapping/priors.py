"""What other tenants made of fields of the same name in the same kind of source, among tenants that share.

Only keyed hashes of connector and field name cross, with words of the canonical model; `control_plane.priors` sees to
that. Here they become candidates beside the names', and this tenant's own decisions are given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assets.mapping.candidates import Candidate, FieldCandidates
from assets.mapping.fit import fit
from assets.mapping.rules import FieldRule
from assets.normalize.model import ENTITIES
from orchestration.control_plane.priors import Prior
from orchestration.control_plane.tenant_session import TenantSession

Shared = Mapping[str, Sequence[Prior]]  # by field name


def shared_priors(tenant: TenantSession, connector: str, fields: Sequence[str]) -> Shared:
    """What others made of these fields; nothing for a tenant that does not share."""
    if not fields or not tenant.repair_settings.get().share_priors:
        return {}
    hashes = {tenant.priors.field_hash(connector, name): name for name in fields}
    found: dict[str, list[Prior]] = {}
    for prior in tenant.priors.look_up(connector, list(hashes)):
        found.setdefault(hashes[prior.field_hash], []).append(prior)
    return found


def give_priors(tenant: TenantSession, connector: str, entity: str | None, rules: Sequence[FieldRule]) -> None:
    """Give what a person decided to tenants that share, if this one does. Only fields of the canonical model."""
    if entity not in ENTITIES or not tenant.repair_settings.get().share_priors:
        return
    told = [rule for rule in rules if rule.decided_by == "person" and rule.target in ENTITIES[entity].model_fields]
    tenant.priors.contribute(
        connector, [(tenant.priors.field_hash(connector, rule.source), entity, rule.target) for rule in told]
    )


def add_priors(ranked: Sequence[FieldCandidates], entity: str, shared: Shared) -> list[FieldCandidates]:
    """The fields' candidates with those of other tenants; what is settled stays settled."""
    return [
        _with_priors(entry, entity, shared.get(entry.field.name, ())) if not entry.settled else entry
        for entry in ranked
    ]


def _with_priors(entry: FieldCandidates, entity: str, priors: Sequence[Prior]) -> FieldCandidates:
    """Laplace's rule of succession: n of N tenants give (n + 1) / (N + 2), so that five of one mind reach 0.85."""
    fitting = [prior for prior in priors if prior.entity == entity and prior.target in ENTITIES[entity].model_fields]
    asked = sum(prior.tenants for prior in fitting)
    best = {candidate.target: candidate for candidate in entry.ranked}
    for prior in fitting:
        reading = fit(entry.field, entity, prior.target)
        probability = round((prior.tenants + 1) / (asked + 2) * reading.factor, 4)
        if prior.target not in best or best[prior.target].probability < probability:
            why = f"{prior.tenants} other tenants that share have decided so"
            reasons = (why, *((reading.evidence,) if reading.evidence else ()))
            best[prior.target] = Candidate(
                entry.field.name, prior.target, probability, reading.transform, reasons, "prior"
            )
    return replace(entry, ranked=tuple(sorted(best.values(), key=lambda each: (-each.probability, each.target))))
