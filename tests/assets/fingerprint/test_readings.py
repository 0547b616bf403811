"""Properties of how values are read anew: what was made is found, and what is only alike is not."""

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.fingerprint.moves import Movement
from assets.fingerprint.pairs import Pairs, Texts
from assets.fingerprint.readings import find_split, read_change, split_part
from tests.assets.fingerprint.source_play import FIRST, LAST, Columns, customers, renamed

# A loaded machine is slow, not wrong.
unhurried = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 10**6)


def amounts(seed: int, count: int = 60) -> list[str]:
    draw = random.Random(seed)
    return [f"{draw.uniform(1, 9000):.2f}" for _ in range(count)]


@unhurried
@given(seeds, st.sampled_from([10, 100, 1000, 60, 12, 1024]))
def test_a_unit_is_found_and_read_back(seed: int, factor: int) -> None:
    old = amounts(seed)
    finding = read_change(old, [str(Decimal(text) * factor) for text in old])
    assert finding is not None and finding.transform is not None
    assert (finding.kind, finding.evidence["factor"]) == ("unit", factor)
    assert abs(Decimal(finding.transform["args"]["factor"]) * factor - 1) < Decimal("0.00001")


@unhurried
@given(seeds)
def test_ordinary_changes_of_numbers_are_no_unit(seed: int) -> None:
    old, draw = amounts(seed), random.Random(seed)
    assert read_change(old, [f"{float(text) * draw.uniform(0.8, 1.3):.2f}" for text in old]) is None
    assert read_change(old, [f"{float(text) * 1.1:.2f}" for text in old]) is None  # prices go up


@unhurried
@given(seeds, st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%b %d, %Y", "%d-%b-%y"]))
def test_a_date_format_is_proven_by_the_moments(seed: int, layout: str) -> None:
    draw = random.Random(seed)
    days = [date(2021, 1, 1) + timedelta(days=draw.randrange(1500)) for _ in range(60)]
    finding = read_change([day.isoformat() for day in days], [day.strftime(layout) for day in days])
    assert finding is not None and finding.transform is not None
    assert finding.transform["args"]["format"] == layout
    assert finding.explained == 60


def test_day_and_month_changing_places_is_a_locale() -> None:
    days = [date(2024, 1 + i % 12, 1 + i % 28) for i in range(60)]
    finding = read_change([d.strftime("%d/%m/%Y") for d in days], [d.strftime("%m/%d/%Y") for d in days])
    assert finding is not None
    assert finding.kind == "locale"


@unhurried
@given(seeds)
def test_a_change_of_state_is_no_recoding(seed: int) -> None:
    draw = random.Random(seed)
    old = [draw.choice(["open", "won", "lost"]) for _ in range(40)]
    assert read_change(old, [{"open": "won", "won": "won", "lost": "open"}[text] for text in old]) is None


def test_codes_that_lose_a_class_are_less_sure() -> None:
    old = ["a", "b", "c"] * 40 + ["d"] * 5
    finding = read_change(old, [{"a": "1", "b": "2", "c": "3", "d": "3"}[text] for text in old])
    assert finding is not None
    assert finding.kind == "enum"
    assert finding.probability < 0.85


@unhurried
@given(seeds, st.sampled_from([" ", ", ", "-", " / "]))
def test_a_split_is_found_in_its_order(seed: int, mark: str) -> None:
    draw = random.Random(seed)
    first, last = ([draw.choice(names) for _ in range(50)] for names in (FIRST, LAST))
    whole = [f"{a}{mark}{b}" for a, b in zip(first, last, strict=True)]
    found = find_split(whole, [first, last])
    assert found is not None
    assert found[0] == mark
    assert [split_part(text, mark, 0) for text in whole] == first
    assert find_split(whole, [last, first]) is None


def moved(before: Columns, after: Columns) -> Movement:
    """What moved, as the lake would give the records: columns of both shapes on both sides."""
    count = len(next(iter(before.values())))
    nothing: Texts = [None] * count
    names = [*before, *(name for name in after if name not in before)]
    sides = [{name: side.get(name, nothing) for name in names} for side in (before, after)]
    return Movement(Pairs(count, *sides), list(before), list(after))


def edited(texts: Sequence[str | None], draw: random.Random) -> list[str | None]:
    """Some records change in the ordinary course of business."""
    return [draw.choice(texts) if draw.random() < 0.03 else text for text in texts]


def test_unrelated_fields_are_never_a_rename(record_property: Callable[[str, object], None]) -> None:
    """One field goes and another, correlated with those that stay, comes: over many tables, no rename is claimed."""
    claimed = []
    tables = 150
    for seed in range(tables):
        draw = random.Random(seed)
        base = customers(count=draw.choice([8, 30, 120]), seed=seed)
        gone, kept_as = draw.sample([name for name in base if name != "id"], 2)
        other = customers(count=len(base["id"]), seed=seed + 10_000)
        before = {name: texts for name, texts in base.items() if name != kept_as}
        after = {name: edited(texts, draw) for name, texts in before.items() if name not in (gone, "id")}
        came = base[kept_as] if seed % 2 else other[gone]
        after |= {"id": before["id"], "brand_new": came}
        claimed += [(seed, move) for move in moved(before, after).moves]
    record_property("false_renames", f"{len(claimed)} of {tables}")
    print(f"false renames: {len(claimed)} of {tables} tables")
    assert claimed == []


def test_renames_among_edited_records_are_found(record_property: Callable[[str, object], None]) -> None:
    found = asked = 0
    for seed in range(100):
        draw = random.Random(seed)
        base = customers(count=100, seed=seed)
        old = draw.choice([name for name in base if name != "id"])
        after = renamed({name: edited(texts, draw) for name, texts in base.items()}, **{old: "brand_new"})
        moves = moved(base, after).moves
        right = [move for move in moves if (move.kind, move.before, move.after) == ("renamed", (old,), ("brand_new",))]
        assert len(moves) == len(right), (seed, old, moves)
        found += bool(right)
        asked += any(move.probability >= 0.85 for move in right)
    record_property("renames", f"{found} of 100 found, {asked} sure")
    print(f"renames: {found} of 100 found, {asked} sure")
    assert found >= 97


def test_a_thousand_columns_renamed_at_once() -> None:
    draw = random.Random(1)
    before = {f"c{i}": [str(draw.randrange(10**6)) for _ in range(200)] for i in range(1000)}
    names = {name: f"d{position}" for position, name in enumerate(before)}
    movement = moved(before, renamed(before, **names))
    assert {(move.before[0], move.after[0]) for move in movement.moves} == set(names.items())
