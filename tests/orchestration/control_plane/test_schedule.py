"""When a connection is due again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.control_plane.errors import ScheduleInvalid
from orchestration.control_plane.schedule import Schedule

NOON = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(("text", "seconds"), [("900", 900), ("90s", 90), ("15m", 900), ("2h", 7_200), ("1d", 86_400)])
def test_an_interval_is_read_in_any_unit(text: str, seconds: int) -> None:
    assert Schedule.parse(text) == Schedule(interval_s=seconds)


@pytest.mark.parametrize("text", ["900", "15m", "0 6 * * 1-5", "*/5 * * * * Europe/Berlin"])
def test_a_schedule_survives_its_text(text: str) -> None:
    assert Schedule.parse(str(Schedule.parse(text))) == Schedule.parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "5", "0", "-3m", "999999999999999999d", "* * * *", "61 * * * *", "0 0 30 2 *", "0 6 * * * Mars/Base",
     "0 6 * * * ../etc/passwd", "0 6 * * * UTC extra", "½h"],
)  # fmt: skip
def test_what_is_no_schedule_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ScheduleInvalid) as refused:
        Schedule.parse(text)
    assert str(refused.value).endswith(".")


def test_an_interval_and_cron_at_once_are_refused() -> None:
    with pytest.raises(ScheduleInvalid):
        Schedule(interval_s=60, cron="* * * * *")


@given(interval_s=st.integers(10, 10_000), late_s=st.floats(0, 1_000_000))
def test_an_interval_keeps_its_phase_and_skips_what_it_missed(interval_s: int, late_s: float) -> None:
    now = NOON + timedelta(seconds=late_s)
    due = Schedule(interval_s=interval_s).next_due(NOON, now)
    assert now < due <= now + timedelta(seconds=interval_s)
    assert (due - NOON) % timedelta(seconds=interval_s) == timedelta(0)


def test_cron_follows_the_clocks_of_its_zone() -> None:
    schedule = Schedule.parse("0 6 * * * Europe/Berlin")
    before_the_change = schedule.next_due(NOON - timedelta(days=1), NOON - timedelta(days=1))
    after_the_change = schedule.next_due(NOON, NOON)  # 29 March 2026: clocks go forward in the night
    assert (before_the_change.hour, after_the_change.hour) == (5, 4)


def test_a_new_interval_is_due_at_once_and_new_cron_at_its_next_time() -> None:
    assert Schedule(interval_s=60).first_due(NOON) == NOON
    assert Schedule(cron="30 * * * *").first_due(NOON) == NOON + timedelta(minutes=30)
