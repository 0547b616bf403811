"""Cursors rotate, budgets end a tick, the last change of a partition counts."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from orchestration.sweeping import Budget, ChangeCursor, DueCursor, last_of_each, room_left, sweep_pages

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
AMPLE = Budget(seconds=1e9, requests=10**9)
Place = tuple[datetime, UUID]


def places(count: int) -> list[Place]:
    return [(NOON + timedelta(seconds=number), UUID(int=number)) for number in range(count)]


def reader(due: list[Place], page_size: int, visited: list[Place]):
    def read(cursor: DueCursor) -> list[Place]:
        page = [place for place in due if cursor.place is None or place > cursor.place][:page_size]
        visited.extend(page)
        return page

    return read


@given(count=st.integers(0, 40), page_size=st.integers(1, 9))
def test_a_round_visits_everything_that_is_due_once(count: int, page_size: int) -> None:
    visited: list[Place] = []
    cursor, requested = sweep_pages(
        reader(places(count), page_size, visited), DueCursor(), page_size, AMPLE, lambda: 0.0
    )
    assert visited == places(count)
    assert requested == count
    assert cursor == DueCursor()


@given(count=st.integers(1, 40), page_size=st.integers(1, 9), most=st.integers(1, 20))
def test_ticks_with_a_small_budget_go_on_where_the_last_one_stopped(count: int, page_size: int, most: int) -> None:
    visited: list[Place] = []
    cursor, ticks = DueCursor(), 0
    while ticks == 0 or cursor.place is not None:
        cursor, _ = sweep_pages(
            reader(places(count), page_size, visited),
            DueCursor.parse(cursor.serialize()),
            page_size,
            Budget(seconds=1e9, requests=most),
            lambda: 0.0,
        )
        ticks += 1
        assert ticks <= count + 1
    assert visited == places(count)


def test_a_tick_ends_when_its_time_is_up() -> None:
    moments = iter(range(100))
    visited: list[Place] = []
    cursor, requested = sweep_pages(
        reader(places(50), 5, visited), DueCursor(), 5, Budget(seconds=3, requests=10**9), lambda: float(next(moments))
    )
    assert requested == 15
    assert cursor.place == places(50)[14]


def test_cursors_survive_being_stored_and_being_unreadable() -> None:
    cursor = DueCursor((NOON, uuid4()))
    assert DueCursor.parse(cursor.serialize()) == cursor
    assert DueCursor.parse(DueCursor().serialize()) == DueCursor()
    assert DueCursor.parse("not json") == DueCursor.parse(None) == DueCursor()
    assert ChangeCursor.parse(ChangeCursor(7, 9).serialize()) == ChangeCursor(7, 9)
    assert ChangeCursor.parse("[1]") == ChangeCursor.parse(None) == ChangeCursor()


def test_the_last_change_of_a_partition_counts() -> None:
    added, deleted = last_of_each([("a", False), ("b", False), ("a", True), ("c", True), ("c", False)])
    assert (sorted(added), deleted) == (["b", "c"], ["a"])


def test_room_grows_with_the_workers_and_is_never_negative() -> None:
    assert room_left(active=0, workers=2) == 16
    assert room_left(active=0, workers=10) == 80
    assert room_left(active=500, workers=2) == 0
