"""One case of a play: a stream, what was done to its shape, what the product saw, did and left."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from orchestration.control_plane.drift import DriftRecord
from orchestration.control_plane.proposals import ProposalRecord
from orchestration.drift_play.mutation import NONE, Expected, Mutation
from orchestration.drift_play.person import Verdict
from orchestration.drift_play.truth import Comparison, Wrong

Seen = Literal["detected", "misclassified", "missed", "unprovable", "quiet"]
_IGNORED = frozenset({"stream_added", "stream_removed"})  # beside a renamed stream


@dataclass(slots=True)
class Case:
    """Filled as the play goes on. `early_wrong`: values that stood wrong before anybody was asked, beyond what is held.

    `repair_s`: seconds from the start of the sync that saw it until the canonical rows were right, the person's
    thinking left out.
    """

    connector: str
    connection: str
    stream: str
    round: int
    mutation: Mutation
    events: list[DriftRecord] = field(default_factory=list)
    proposals: list[ProposalRecord] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    early_wrong: list[Wrong] = field(default_factory=list)
    early_lost: int = 0
    held: int = 0
    replayed: int = 0
    end: Comparison = field(default_factory=Comparison)
    still_held: int = 0
    repair_s: float | None = None
    errors: list[str] = field(default_factory=list)

    @property
    def seen(self) -> Seen:
        """How what was reported compares with what was done.

        detected: every event that had to come came. misclassified: one did not, but another event is over its fields.
        missed: nothing is. unprovable: nothing in the data shows what happened, so nothing had to come.
        """
        if self.mutation.kind == NONE:
            return "quiet"
        missing = [one for one in self.mutation.events if one.required and not self._matches(one)]
        if not missing:
            return "unprovable" if self.mutation.proof == "unprovable" else "detected"
        told = {name for event in self.events for name in (*event.fields_before, *event.fields_after)}
        return "misclassified" if told & self.mutation.fields else "missed"

    @property
    def false_alarms(self) -> list[DriftRecord]:
        """Events over fields that the mutation did not touch."""
        renamed = self.mutation.new_name is not None
        return [
            event
            for event in self.events
            if not (renamed and (event.kind.startswith("stream_") or event.kind in _IGNORED))
            and not {*event.fields_before, *event.fields_after} & self.mutation.fields
        ]

    @property
    def renames_claimed(self) -> set[tuple[str, str]]:
        """Pairs of names reported as one field renamed."""
        return {
            (event.fields_before[0], event.fields_after[0])
            for event in self.events
            if event.kind == "renamed" and event.fields_before and event.fields_after
        }

    @property
    def renames_found(self) -> set[tuple[str, str]]:
        """Renames that happened and were reported so."""
        return self.mutation.pairs & self.renames_claimed

    @property
    def true_pairs(self) -> set[tuple[str, str]]:
        """Every rename that would be right to claim, also those that nothing proves."""
        unproved = {
            (before, after)
            for one in self.mutation.events
            if "renamed" in one.kinds and len(one.before) == len(one.after) == 1
            for before in one.before
            for after in one.after
        }
        return self.mutation.pairs | unproved

    def with_status(self, *statuses: str) -> list[ProposalRecord]:
        """Proposals as they were before the person came."""
        return [proposal for proposal in self.proposals if proposal.status in statuses]

    @property
    def wrong_repairs(self) -> list[Wrong]:
        """Of targets that an applied repair changed: values that are not true."""
        changed = {str(change["target"]) for one in self.with_status("applied") for change in one.changes}
        return [wrong for wrong in self.early_wrong if wrong.target in changed]

    @property
    def silently_wrong(self) -> list[Wrong]:
        """Values wrong before anybody was asked that no repair changed: a change that was let through."""
        repaired = {wrong.target for wrong in self.wrong_repairs}
        return [wrong for wrong in self.early_wrong if wrong.target not in repaired]

    @property
    def is_right(self) -> bool:
        """Whether all is as it should be at the end, and nothing wrong was applied before."""
        return self.end.holds and not self.wrong_repairs and not self.still_held and not self.errors

    def _matches(self, expected: Expected) -> bool:
        return any(is_expected(event, expected) for event in self.events)


def is_expected(event: DriftRecord, expected: Expected) -> bool:
    """Whether the event is of one of the kinds and over the fields; where only one side is named, over that side."""
    if event.kind not in expected.kinds:
        return False
    before, after = frozenset(event.fields_before), frozenset(event.fields_after)
    both = before == expected.before and after == expected.after
    one_sided = (not after or not expected.after) and before == expected.before and bool(before)
    return both or one_sided or (not before and not expected.before and after == expected.after)


def events_of(events: Sequence[DriftRecord], *streams: str) -> list[DriftRecord]:
    """The events of streams with these names."""
    return [event for event in events if event.stream in streams]
