"""Whatever is landed, held, let go, deleted and mapped anew, in any order: nothing is lost, doubled or let through."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from assets.mapping.rules import FieldRule, Transform
from assets.normalize.outcome import NOTHING_LANDED
from orchestration.resources.lake_session import LakeSession
from tests.assets.canonical_rows import local_lake
from tests.assets.normalize.pipes import RULES, HeldHere, HeldPipe

IDS = ("1", "2", "3", "4", "5")
TIMES_TEN = FieldRule("revenue", "annual_revenue", Transform("scale", {"factor": "10"}))
VARIANTS = {"plain": RULES, "scaled": (*RULES[:2], TIMES_TEN), "noted": (*RULES, FieldRule("note", "industry"))}

Version = dict[str, tuple[str, str | None]]  # record -> revenue and note
versions = st.dictionaries(
    st.sampled_from(IDS), st.tuples(st.sampled_from(("1", "2", "bad")), st.sampled_from((None, "x", "y"))), min_size=1
)
steps = st.one_of(
    st.tuples(st.just("sync"), versions),
    st.tuples(st.just("land"), versions),
    st.tuples(st.just("hold"), st.tuples(st.sampled_from(("filled", "empty", "all")), st.integers(0, 2))),
    st.tuples(st.just("lift"), st.integers(0, 3)),
    st.tuples(st.just("map"), st.sampled_from(sorted(VARIANTS))),
    st.tuples(st.just("replay"), st.none()),
)


@dataclass
class Expected:
    """What must stand, worked out record by record."""

    variant: str = "plain"
    raw: Version = field(default_factory=dict)
    landed_in: dict[str, int] = field(default_factory=dict)
    canonical: dict[str, tuple[float, str | None]] = field(default_factory=dict)

    def land(self, version: Version, commit: int) -> int:
        """How many records are new or changed."""
        changed = [record for record in version if self.raw.get(record) != version[record]]
        self.landed_in.update(dict.fromkeys(changed, commit))
        self.raw = dict(version)
        return len(changed)

    def is_covered(self, record: str, hold: HeldHere) -> bool:
        note = self.raw[record][1]
        matches = {"filled": note is not None, "empty": note is None, "all": True}[hold.match]
        return matches and self.landed_in[record] >= hold.since_version

    def normalize(self, holds: list[HeldHere]) -> tuple[set[str], set[str]]:
        """Records held and records rejected; the others are canonical as the mapping reads them now."""
        held = {record for record in self.raw if any(self.is_covered(record, hold) for hold in holds)}
        rejected = {record for record in self.raw if record not in held and self.raw[record][0] == "bad"}
        self.canonical = {record: row for record, row in self.canonical.items() if record in self.raw}
        for record in self.raw.keys() - held - rejected:
            revenue, note = self.raw[record]
            factor = 10 if self.variant == "scaled" else 1
            self.canonical[record] = (float(revenue) * factor, note if self.variant == "noted" else None)
        return held, rejected


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LakeSession]:
    folder: Path = tmp_path_factory.mktemp("lake")
    with local_lake(folder) as session:
        yield session


def play(pipe: HeldPipe, expected: Expected, kind: str, what: object) -> None:
    """One step, and what has to be true after a normalization."""
    first, landed = NOTHING_LANDED, 0
    if kind in ("sync", "land"):
        version: Version = what  # type: ignore[assignment]  # of the strategy for this kind
        counts = pipe.land([(record, f"n{record}", *values) for record, values in sorted(version.items())])
        first, landed = pipe.version, expected.land(version, pipe.version)
        assert counts.landed == landed
        if kind == "land":
            return
    elif kind == "hold":
        how: tuple[str, int] = what  # type: ignore[assignment]  # of the strategy for this kind
        pipe.hold("note", match=how[0], since=max(0, pipe.version - how[1]))
        return
    elif kind == "lift":
        if pipe.holds:
            pipe.lift(pipe.holds[int(str(what)) % len(pipe.holds)])
        return
    elif kind == "map":
        expected.variant = str(what)
        pipe.remap(*VARIANTS[expected.variant])
        return
    outcome = pipe.normalize(first)
    assert outcome.loaded + outcome.rejected + outcome.held == landed
    if not expected.raw:
        return
    held, rejected = expected.normalize(pipe.holds)
    rows = pipe.accounts("account_id, annual_revenue::DOUBLE, industry")
    assert {str(record): row for record, *row in rows} == {r: list(row) for r, row in expected.canonical.items()}
    assert (set(pipe.held_records()), set(pipe.rejects())) == (held, rejected)
    again = pipe.normalize(first)
    assert (again.changed, again.held, again.rejected) == (False, outcome.held, outcome.rejected)


@settings(
    max_examples=12,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.lists(steps, min_size=6, max_size=16))
def test_no_record_is_lost_doubled_or_let_through(local: LakeSession, sequence: list[tuple[str, object]]) -> None:
    pipe, expected = HeldPipe(local), Expected()
    play(pipe, expected, "sync", dict.fromkeys(IDS, ("1", None)))
    for kind, what in [*sequence, ("replay", None)]:
        play(pipe, expected, kind, what)
    pipe.holds.clear()
    play(pipe, expected, "replay", None)
    assert pipe.quarantined() == []
