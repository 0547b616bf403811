"""A shadow run says what a mapping would make of the raw rows, and writes nothing."""

import pytest

from assets.mapping.repairs.shadowing import Shadow, ShadowResult
from assets.mapping.rules import FieldRule, StreamMapping, Transform
from assets.normalize.catalog import CANONICAL
from assets.normalize.shadow import NormalizeShadow
from orchestration.resources.lake_session import LakeSession
from tests.assets.extract.batches import STREAM
from tests.assets.normalize.pipes import RULES, HeldPipe

pytestmark = pytest.mark.servers
SHADOW: Shadow = NormalizeShadow()
FIRST = [("1", "Ada", "10", None), ("2", "Bob", "20", None), ("3", "Cy", None, None)]


@pytest.fixture
def pipe(session: LakeSession) -> HeldPipe:
    made = HeldPipe(session)
    made.land(FIRST)
    made.normalize()
    made.land([("1", "Ada", "lots", "x"), ("4", "Ada", "more", "y"), ("5", "Ed", "2.5", None)], deletes=False)
    return made


def shadowed(pipe: HeldPipe, since: int = 0, **options: int) -> ShadowResult:
    return SHADOW.run(pipe.session, pipe.connection_id, pipe.mapping(), CANONICAL, since, **options)


def test_figures_and_reasons_of_what_would_be(pipe: HeldPipe) -> None:
    pipe.hold("note")
    pipe.normalize()
    before = pipe.session.snapshot()
    result = shadowed(pipe, since=2)
    revenue, name = result.targets["annual_revenue"], result.targets["name"]
    assert (result.rows, result.rejected) == (3, 2)
    assert (revenue.filled, revenue.failed, revenue.distinct, revenue.low, revenue.high) == (1, 2, 1, 2.5, 2.5)
    assert (name.filled, name.failed, name.distinct, name.low, len(name.kmv)) == (3, 0, 2, None, 2)
    assert result.reasons == {"annual_revenue: not a decimal number": 2}
    assert pipe.session.snapshot() == before
    assert ShadowResult.from_json(result.to_json()) == result


def test_rows_are_those_of_the_commits_asked_for_and_no_deleted_ones(pipe: HeldPipe) -> None:
    assert [shadowed(pipe, since=since).rows for since in (0, 1, 2, 3)] == [5, 5, 3, 0]
    pipe.land([("5", "Ed", "2.5", None)])
    assert shadowed(pipe).rows == 1


def test_a_sample_is_spread_over_the_rows_and_the_same_each_time(session: LakeSession) -> None:
    pipe = HeldPipe(session)
    pipe.land([(str(number), "x", str(number), None) for number in range(2_000)])
    result = shadowed(pipe, limit=100)
    revenue = result.targets["annual_revenue"]
    assert (result.rows, revenue.filled, len(revenue.kmv)) == (100, 100, 64)
    assert revenue.low is not None and revenue.high is not None
    assert revenue.low < 200 and revenue.high > 1_800
    assert shadowed(pipe, limit=100) == result


def test_moments_are_bounded_in_seconds(session: LakeSession) -> None:
    pipe = HeldPipe(session, rules=[(RULES[0], FieldRule("revenue", "created_at", Transform("epoch", {"unit": "s"})))])
    pipe.land([("1", "x", "86400", None), ("2", "x", "172800", None)])
    created = shadowed(pipe).targets["created_at"]
    assert (created.low, created.high) == (86400.0, 172800.0)


def test_what_stands_is_told_as_what_would_be(pipe: HeldPipe) -> None:
    def standing(before: int | None = None) -> ShadowResult:
        return SHADOW.canonical(pipe.session, pipe.connection_id, pipe.mapping(), CANONICAL, before_version=before)

    pipe.normalize()
    revenue = standing().targets["annual_revenue"]
    assert (standing().rows, revenue.filled, revenue.low, revenue.high) == (4, 3, 2.5, 20.0)
    assert (standing(2).rows, standing(2).targets["annual_revenue"].low) == (3, 10.0)
    same = {name: figures.kmv for name, figures in shadowed(pipe).targets.items() if name == "account_id"}
    pipe.land([("1", "Ada", "1", None), ("4", "Ada", "1", None)], deletes=False)
    pipe.normalize()
    assert {"account_id": standing().targets["account_id"].kmv} == same


def test_a_stream_without_rows_or_entity_has_no_figures(session: LakeSession) -> None:
    pipe = HeldPipe(session)
    assert shadowed(pipe) == ShadowResult(0)
    raw_only = StreamMapping(STREAM, None, 1)
    assert SHADOW.canonical(session, pipe.connection_id, raw_only, CANONICAL) == ShadowResult(0)
