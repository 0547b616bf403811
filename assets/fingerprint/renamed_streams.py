"""Whether a stream that came is one that went, under another name: by its fields, its keys and its values."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from assets.extract.raw_tables import raw_table
from assets.fingerprint.agreement import Coded, agreement, lower_bound, name_likeness
from assets.fingerprint.drift import SchemaChange
from assets.fingerprint.fingerprint import ObservedStream, normal_name
from assets.fingerprint.pairs import load_across
from orchestration.resources.lake_session import LakeSession

_LEAST_FIELDS: Final = 0.6
_LEAST_VALUES: Final = 0.8


def find_renamed_streams(
    session: LakeSession, connection_id: UUID, gone: Iterable[ObservedStream], come: Iterable[ObservedStream]
) -> list[SchemaChange]:
    """One event for each stream that went and came; known by the old name, the new one is `renamed_to`."""
    left = list(come)
    changes = []
    for old in gone:
        found = [(evidence, new) for new in left if (evidence := _evidence(session, connection_id, old, new))]
        if not found:
            continue
        evidence, new = max(found, key=lambda entry: (entry[0]["probability"], name_likeness(old.name, entry[1].name)))
        left.remove(new)
        probability = float(evidence.pop("probability"))
        changes.append(
            SchemaChange("stream_renamed", old.name, (), (), None, None, "breaking", None, probability, evidence)
        )
    return changes


def _evidence(
    session: LakeSession, connection_id: UUID, old: ObservedStream, new: ObservedStream
) -> dict[str, Any] | None:
    ours, theirs = ({normal_name(field.name) for field in side.fields} for side in (old, new))
    fields = len(ours & theirs) / max(len(ours | theirs), 1)
    if fields < _LEAST_FIELDS:
        return None
    tables = raw_table(connection_id, old.name), raw_table(connection_id, new.name)
    pairs = load_across(session, *tables, len(ours))
    if pairs is None:
        return None
    coded = Coded(pairs)
    shared = [name for name in coded.before if name in coded.after]
    agreed = [agreement(coded.before[name], coded.after[name]) for name in shared]
    telling = [one for one in agreed if one.by_chance < 0.5]
    compared, equal = sum(one.compared for one in telling), sum(one.equal for one in telling)
    if not compared or equal < _LEAST_VALUES * compared:
        return None
    probability = lower_bound(int(pairs.count * equal / compared), pairs.count) * (0.5 + 0.5 * fields)
    return {
        "renamed_to": new.name, "probability": round(probability, 4), "fields": round(fields, 3),
        "equality": {"compared": compared, "equal": equal, "by_chance": 0.0}, "records": pairs.count,
        "name": round(name_likeness(old.name, new.name), 3),
    }  # fmt: skip
