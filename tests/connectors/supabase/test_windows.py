"""Where the next window starts: late commits and wrong clocks hide nothing."""

from datetime import UTC, datetime

import pytest

from connectors.supabase.tables import Column, Table, cursor_column
from connectors.supabase.windows import next_start, went_back

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ZONED = Column("at", "timestamp with time zone")
LOCAL = Column("at", "timestamp without time zone")
DAY = Column("at", "date")
NUMBER = Column("at", "bigint")


@pytest.mark.parametrize(
    ("column", "newest", "expected"),
    [
        (ZONED, None, None),
        (ZONED, "2026-02-01 00:00:00+00", "2026-02-01 00:00:00+00"),  # settled long ago
        (ZONED, "2026-03-01 11:59:00+00", "2026-03-01T11:50:00+00:00"),
        (ZONED, "2026-03-05 00:00:00+00", "2026-03-01T11:50:00+00:00"),  # a clock ahead
        (ZONED, "infinity", "2026-03-01T11:50:00+00:00"),
        (LOCAL, "2026-03-01 05:00:00", "2026-03-01T04:50:00"),  # written west of Greenwich
        (LOCAL, "2026-03-09 00:00:00", "2026-03-02T01:50:00"),
        (DAY, "2026-03-01", "2026-02-28"),
        (DAY, "2026-04-01", "2026-03-01"),
        (NUMBER, "17", "17"),
    ],
)
def test_the_next_window_starts_at_what_is_settled(column: Column, newest: str | None, expected: str | None) -> None:
    assert next_start(column, newest, NOW, 600) == expected


def test_a_table_set_back_is_noticed() -> None:
    assert went_back(ZONED, "2026-03-01T11:50:00+00:00", "2026-01-01 00:00:00+00", 600)
    assert not went_back(ZONED, "2026-03-01T11:50:00+00:00", "2026-03-01 11:49:00+00", 600)
    assert not went_back(ZONED, None, "2026-01-01 00:00:00+00", 600)
    assert went_back(NUMBER, "10", "9", 600)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("updated_at", True),
        ("lastModifiedDate", True),
        ("DATE_MODIFIED", True),
        ("created_at", False),
        ("updater", False),
    ],
)
def test_a_cursor_field_has_a_plausible_name_and_type(name: str, found: bool) -> None:
    def chosen(kind: str, *, nullable: bool = False, has_default: bool = False, key: tuple[str, ...] = ("id",)) -> bool:
        columns = (Column("id", "bigint", nullable=False), Column(name, kind, nullable, has_default))
        return cursor_column(Table("t", columns, key), {}) is not None

    assert chosen("timestamp with time zone") is found
    assert chosen("timestamp without time zone", nullable=True, has_default=True) is found
    assert not chosen("timestamp with time zone", nullable=True)
    assert not chosen("text")
    assert not chosen("timestamp with time zone", key=())
