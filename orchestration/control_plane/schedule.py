"""When a connection is due again: every so many seconds, or by five cron fields in a time zone.

Pure arithmetic, no clock of its own. An interval keeps its phase, so connections made apart stay apart.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from orchestration.control_plane.errors import ScheduleInvalid

SHORTEST_INTERVAL_S = 10
LONGEST_INTERVAL_S = 366 * 86_400
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Schedule:
    """Either `interval_s` or `cron` (with `zone`, an IANA name) is given; anything else raises ScheduleInvalid."""

    interval_s: int | None = None
    cron: str | None = None
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if (self.interval_s is None) == (self.cron is None):
            raise ScheduleInvalid("A schedule is either an interval or cron fields, one of the two.")
        if self.interval_s is not None and not SHORTEST_INTERVAL_S <= self.interval_s <= LONGEST_INTERVAL_S:
            raise ScheduleInvalid(f"An interval is between {SHORTEST_INTERVAL_S} seconds and 366 days.")
        if self.cron is not None:
            self.first_due(datetime.now(UTC))

    @classmethod
    def parse(cls, text: str) -> "Schedule":
        """`900`, `15m`, `2h`, `1d`, or `0 6 * * 1-5`, the last with a zone behind it or not (`Europe/Berlin`)."""
        words = text.split()
        if len(words) == 1:
            return cls(interval_s=_seconds(words[0]))
        if len(words) in (5, 6):
            return cls(cron=" ".join(words[:5]), zone=words[5] if len(words) == 6 else "UTC")
        raise ScheduleInvalid(f"Not a schedule: {text!r}. Write '15m', '2h', '1d' or five cron fields.")

    def __str__(self) -> str:
        """The form `parse` reads back."""
        return f"{self.interval_s}s" if self.interval_s is not None else f"{self.cron} {self.zone}"

    def first_due(self, now: datetime) -> datetime:
        """When a new connection is due: at once for an interval, at the next match for cron."""
        return now if self.interval_s is not None else self.next_due(now, now)

    def next_due(self, previous: datetime, now: datetime) -> datetime:
        """The first time after `now`; missed ones are skipped, not made up."""
        if self.interval_s is not None:
            missed = max(0, int((now - previous).total_seconds() // self.interval_s))
            return previous + timedelta(seconds=self.interval_s * (missed + 1))
        try:
            found = next(CronSim(self.cron or "", now.astimezone(ZoneInfo(self.zone))))
        except (CronSimError, StopIteration):
            raise ScheduleInvalid(f"Not five cron fields that ever match: {self.cron!r}.") from None
        except (KeyError, ValueError, OSError):  # what ZoneInfo raises for unknown, malformed and directory names
            raise ScheduleInvalid(f"Unknown time zone: {self.zone!r}.") from None
        return found.astimezone(UTC)


def _seconds(word: str) -> int:
    number, unit = (word[:-1], word[-1]) if word[-1] in _UNITS else (word, "s")
    if not (number.isascii() and number.isdigit()):
        raise ScheduleInvalid(f"Not an interval: {word!r}. Write '900', '15m', '2h' or '1d'.")
    return int(number[:12]) * _UNITS[unit]
