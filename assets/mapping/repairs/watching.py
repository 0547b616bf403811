"""The syncs after a repair: its figures stay as they were, or it is rolled back in the run that sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assets.mapping.repairs.recording import Recorded
from assets.mapping.repairs.repair import read_fields
from assets.mapping.repairs.shadowing import Shadow, ShadowResult
from assets.mapping.repairs.situation import Situation
from assets.mapping.repairs.taking_back import in_force_since, landed, rules_of, rules_without, take_back
from assets.mapping.repairs.telling import note_of
from assets.mapping.repairs.verdict import Verdict, compare
from assets.mapping.rules import StreamMapping
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.control_plane.watches import WatchRecord
from orchestration.resources.lake_session import LakeSession

ROLLBACK = "policy: rollback"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one sync showed of a watched repair."""

    watch: WatchRecord
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Watcher:
    """Looks at what this run landed, with the mapping in force. `counted` are the run's counts by stream."""

    session: LakeSession
    shadow: Shadow
    situation: Situation
    counted: Mapping[str, Mapping[str, Any]]

    def look(self, watches: Sequence[WatchRecord]) -> list[Seen]:
        """The watches that this run says something about: rows landed, and no new drift explains their figures."""
        seen = []
        for watch in watches:
            since = landed(self.counted, watch.stream)
            record = self.situation.mappings.get(watch.stream)
            if since is None or record is None:
                continue
            mapping = StreamMapping(watch.stream, record.entity, record.version, rules_of(record))
            targets = [str(target) for target in watch.baseline.get("targets") or ()]
            if self._is_explained(mapping, targets):
                continue
            tried = self.shadow.run(self.session, self.situation.connection.id, mapping, self.situation.catalog, since)
            if tried.rows:
                seen.append(Seen(watch, compare(tried, reference(watch.baseline), targets)))
        return seen

    def _is_explained(self, mapping: StreamMapping, targets: Sequence[str]) -> bool:
        """Whether open drift is about the fields that the watched targets are read from."""
        read = read_fields([rule for rule in mapping.rules if rule.target in targets])
        events = self.situation.events.get(mapping.stream, ())
        return any(event.is_breaking and read & {*event.fields_before, *event.fields_after} for event in events)


def reference(baseline: Mapping[str, Any]) -> ShadowResult:
    """The figures to compare with: those of before the drift, and as tried for targets that were not filled before."""
    results = {
        name: ShadowResult.from_json(baseline[name]) for name in ("before", "tried") if baseline.get(name) is not None
    }
    before, tried = results.get("before"), results.get("tried")
    if before is None or not before.rows:
        return tried or ShadowResult(0)
    if tried is None or not tried.rows:
        return before
    scale = before.rows / tried.rows
    filled = {
        name: replace(figures, filled=round(figures.filled * scale), failed=round(figures.failed * scale))
        for name, figures in tried.targets.items()
        if name not in before.targets or not before.targets[name].filled
    }
    return replace(before, targets={**before.targets, **filled})


def record_watches(tenant: TenantSession, situation: Situation, seen: Sequence[Seen]) -> Recorded:
    """Count the good syncs, and roll the bad repairs back."""
    done = Recorded()
    tenant.mappings.take_turns(situation.connection.id)
    still = {watch.id for watch in tenant.watches.watching(situation.connection.id)}
    for each in seen:
        if each.watch.id not in still:
            continue
        if not each.verdict.passed:
            roll_back(tenant, situation, each, done)
        elif tenant.watches.seen(each.watch.id).syncs_seen >= each.watch.syncs_wanted:
            tenant.watches.end(each.watch.id, "passed")
            told = {"stream": each.watch.stream, "version": each.watch.mapping_version}
            tenant.tell("repair.passed", {"connection_id": situation.connection.id, **told})
    return done


def roll_back(tenant: TenantSession, situation: Situation, seen: Seen, done: Recorded) -> None:
    """The targets of the watched version as they were before it; its events open and held again."""
    watch = seen.watch
    connection_id = situation.connection.id
    current = tenant.mappings.active(connection_id, watch.stream)
    proposals = [
        each
        for each in in_force_since(tenant.proposals.list(connection_id=connection_id, limit=1000), watch.stream, 0)
        if each.applied_version == watch.mapping_version
    ]
    if current is None or not proposals:
        tenant.watches.end(watch.id, "stopped")
        return
    targets = [str(target) for target in watch.baseline.get("targets") or ()]
    earlier = tenant.mappings.version(connection_id, watch.stream, watch.previous_version)
    rules = rules_without(rules_of(current), rules_of(earlier), targets)
    failed = "; ".join(seen.verdict.of(targets))
    why = f"version {watch.mapping_version} made things worse: {failed}"
    snapshot = watch.baseline.get("snapshot")
    record, events = take_back(
        tenant, proposals, rules, current.entity, "rolled_back", ROLLBACK, why,
        int(str(snapshot)) if snapshot is not None else None,
    )  # fmt: skip
    done.versions.append(record)
    done.rolled_back += [tenant.proposals.get(each.id) for each in proposals]
    for event, proposal in zip(events, proposals, strict=False):
        payload = note_of(
            event, situation.connection.name, f"Rolled back: {why}.", proposal_id=str(proposal.id),
            reasons=list(seen.verdict.of(targets)),
        )  # fmt: skip
        tenant.notes_outbox.put("rollback", f"{watch.id}:{event.id}", payload)
