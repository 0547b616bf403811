"""Every kind of event that dashboards hear, with what its data holds: the only list there is.

A kind is `thing.happened`. Data holds ids, names and counts, never values of records, credentials or addresses.
`tell` refuses a kind that is not here; of the history only what FROM_HISTORY names is told, and only the fields named.
"""

from collections.abc import Mapping
from dataclasses import dataclass


class UnknownKind(ValueError):
    """Nobody knows what this event means: name it in EVENT_KINDS."""


@dataclass(frozen=True, slots=True)
class EventKind:
    """`fields` are those of the data; one that is not known, or makes no sense, is null or absent."""

    kind: str
    description: str
    fields: tuple[str, ...] = ()


_SYNC = ("connection_id", "sync_run_id")
_STAGE = ("stage", *_SYNC, "refresh_id", "is_replay")
_FAILED = ("code", "message", "hint", "retryable")
_PROPOSAL = ("proposal_id", "connection_id", "stream", "kind", "note")
_DRIFT = ("drift_id", "connection_id", "stream")
_CONNECTION = ("connection_id", "name")
_HOLD = ("hold_id", "connection_id", "stream", "drift_id", "proposal_id", "fields")
_TASK = ("task_id", "kind", "status", "connection_id")

_LISTED = (
    EventKind(
        "events.lost", "The store of events lost some: what was told after `after` is not told again.", ("after",)
    ),
    EventKind("sync.requested", "A person or a decision asked for a sync or a replay.", (*_SYNC, "kind")),
    EventKind("sync.started", "A sync or a replay runs.", (*_SYNC, "kind")),
    EventKind("sync.stream", "What a sync did to one stream so far.", (*_SYNC, "stream", "read", "loaded", "rejected")),
    EventKind("sync.note", "A sentence for people about a sync.", (*_SYNC, "code", "message", "stream", "level")),
    EventKind("sync.succeeded", "A sync is done.", (*_SYNC, "read", "loaded", "rejected")),
    EventKind("sync.failed", "A sync failed; streams that did not are loaded.", (*_SYNC, *_FAILED, "read", "loaded")),
    EventKind("sync.canceled", "A sync was given up.", _SYNC),
    EventKind("stage.started", "A stage of a run begins.", _STAGE),
    EventKind("stage.finished", "A stage of a run is done: its counts and how long it took.", (*_STAGE, "seconds")),
    EventKind("stage.failed", "A stage of a run failed; it may be tried again.", (*_STAGE, "seconds", "reason")),
    EventKind("records.held", "Records wait until a change is decided on.", (*_SYNC, "stream", "records")),
    EventKind("records.released", "Records that waited are in the views' records.", (*_SYNC, "stream", "records")),
    EventKind("refresh.failed", "The views could not be rebuilt.", ("refresh_id", *_FAILED)),
    EventKind("refresh.canceled", "A rebuild of the views was given up.", ("refresh_id",)),
    EventKind("views.published", "Readers see new views.", ("snapshot_id", "views")),
    EventKind("drift.seen", "A source changed its shape.", (*_SYNC, "changes")),
    EventKind("drift.repaired", "Policy repaired a change by itself.", (*_DRIFT, "proposal_id", "change", "version")),
    EventKind(
        "drift.refused", "No repair is sure enough to ask for.", (*_DRIFT, "proposal_id", "change", "probability")
    ),
    EventKind("drift.evolved", "Policy took a change over as it is.", (*_DRIFT, "reasons")),
    EventKind("drift.accepted", "A person took a change over as it is.", (*_DRIFT, "kind", "note")),
    EventKind("drift.resolved", "A change needs no decision any more.", (*_DRIFT, "kind_of_drift", "field", "why")),
    EventKind("drift.reopened", "A change waits for a decision again.", (*_DRIFT, "kind_of_drift", "field", "why")),
    EventKind("hold.placed", "Records with a change are kept back from now on.", _HOLD),
    EventKind("hold.lifted", "Records that were kept back flow with the next run.", _HOLD),
    EventKind("approval.opened", "A repair waits for a person.", (*_DRIFT, "proposal_id", "change", "probability")),
    EventKind("approval.escalated", "Nobody decided in time; the repair waits on.", (*_PROPOSAL, "expires_at")),
    EventKind("approval.voted", "The first of two persons approved a repair.", (*_PROPOSAL, "verdict")),
    EventKind("approval.approved", "A person approved a repair.", (*_PROPOSAL, "version", "verdict", "renamed_to")),
    EventKind("approval.chosen", "A person chose another candidate of a repair.", (*_PROPOSAL, "version", "verdict")),
    EventKind("approval.edited", "A person put a mapping of their own in force.", (*_PROPOSAL, "version", "verdict")),
    EventKind("approval.rejected", "A person rejected a repair; the mapping stays.", _PROPOSAL),
    EventKind("approval.undone", "A repair was taken back.", ("connection_id", "stream", "version", "repairs", "why")),
    EventKind(
        "mapping.applied", "A mapping version is in force.", ("connection_id", "stream", "entity", "version", "repairs")
    ),
    EventKind(
        "mapping.rolled_back",
        "An earlier mapping is in force again.",
        ("connection_id", "stream", "version", "repairs", "why"),
    ),
    EventKind("repair.passed", "A repair was watched for its syncs and stays.", ("connection_id", "stream", "version")),
    EventKind(
        "contract.changed", "What a change of shape may do was set.", ("connection_id", "stream", "kind", "policy")
    ),
    EventKind("settings.changed", "How repairs are decided was changed.", ("changed",)),
    EventKind("connection.created", "A connection was set up.", (*_CONNECTION, "kind", "safe_mode")),
    EventKind("connection.updated", "A connection was changed.", (*_CONNECTION, "kind", "changed")),
    EventKind("connection.paused", "A connection is out of the schedule.", _CONNECTION),
    EventKind("connection.resumed", "A connection is in the schedule again.", (*_CONNECTION, "was")),
    EventKind("connection.held", "A connection is in Safe Mode again.", (*_CONNECTION, "risk_level")),
    EventKind(
        "connection.safe_mode_lifted", "A connection's syncs read everything.", (*_CONNECTION, "why", "risk_level")
    ),
    EventKind("connection.stream_set", "How a stream is read was changed.", ("connection_id", "stream")),
    EventKind("connection.deleted", "A connection was deleted.", (*_CONNECTION, "kind")),
    EventKind("onboarding.refused", "A source was not connected.", ("intent_id", "name", "kind", "status", "code")),
    EventKind("onboarding.dropped", "An intent to connect a source was forgotten.", ("intent_id", "name", "kind")),
    EventKind("task.requested", "A task waits to be done.", _TASK),
    EventKind("task.started", "A task is being done.", _TASK),
    EventKind("task.progress", "A task came further.", (*_TASK, "progress")),
    EventKind("task.succeeded", "A task is done.", _TASK),
    EventKind("task.failed", "A task failed.", (*_TASK, "error_code")),
    EventKind("task.canceled", "A task was given up.", _TASK),
)

EVENT_KINDS: Mapping[str, EventKind] = {each.kind: each for each in _LISTED}

# Action of the history -> kind of the event. What is not here is not told, such as what concerns members and secrets.
FROM_HISTORY: Mapping[str, str] = {
    "mapping.applied": "mapping.applied",
    "mapping.rolled_back": "mapping.rolled_back",
    "mapping.undone": "approval.undone",
    "drift.asked": "approval.opened",
    "drift.refused": "drift.refused",
    "drift.evolved": "drift.evolved",
    "drift.accepted": "drift.accepted",
    "repair.vote": "approval.voted",
    "repair.rejected": "approval.rejected",
    "repair.settings": "settings.changed",
    "contract.set": "contract.changed",
    **{kind: kind for kind in EVENT_KINDS if kind.partition(".")[0] in ("connection", "onboarding")},
}
# An approval is told by what the person did.
_APPROVED = {
    "approve": "approval.approved", "choose": "approval.chosen", "edit": "approval.edited", "write": "approval.edited",
}  # fmt: skip
_SUBJECT_IDS = {"connection": "connection_id", "intent": "intent_id", "proposal": "proposal_id"}


def from_history(action: str, data: Mapping[str, object]) -> tuple[str, dict[str, object]] | None:
    """Kind and data of the event that tells of an action of the history; None for one that is not told."""
    kind = FROM_HISTORY.get(action)
    if action == "repair.approved":
        kind = _APPROVED.get(str(data.get("verdict", "approve")).partition(" ")[0], "approval.approved")
    if kind is None:
        return None
    thing, _, thing_id = str(data.get("subject", "")).partition(":")
    known = {**data, "changed": sorted(data.keys() - {"subject"})} if kind == "settings.changed" else dict(data)
    if thing in _SUBJECT_IDS:
        known.setdefault(_SUBJECT_IDS[thing], thing_id)
    return kind, {name: known[name] for name in EVENT_KINDS[kind].fields if name in known}
