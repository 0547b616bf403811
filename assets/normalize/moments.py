"""Moments that are not written in ISO form: counted from 1970, or laid out by a strptime format in a zone.

SQL and Python side by side, as in `transforms`. The directives are a closed set that DuckDB and Python read alike.
"""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from zoneinfo import ZoneInfo, available_timezones

from assets.normalize.reading import EXACT, WHITESPACE, Unreadable
from assets.normalize.reading_sql import decimal_sql, literal

MICROS = {"s": 1_000_000, "ms": 1_000, "us": 1}  # of one unit
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_FIRST_SECOND, _LAST_SECOND = Decimal(-62_135_596_800), Decimal("253402300799.999999")  # years 1 to 9999

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_TWO = "[0-9]{1,2}"
_DIRECTIVES = {
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    "m": _TWO,
    "d": _TWO,
    "H": _TWO,
    "I": _TWO,
    "M": _TWO,
    "S": _TWO,
    "f": "[0-9]{1,6}",
    "p": "[aApP][mM]",
    "b": f"(?i:{'|'.join(month[:3] for month in _MONTHS)})",
    "B": f"(?i:{'|'.join(_MONTHS)})",
}


def epoch_sql(x: str, unit: str) -> str:
    """Microseconds since 1970, rounded down, of a number counted in the unit."""
    micros = MICROS[unit]
    number, per_second = decimal_sql(x), Decimal(1_000_000 // micros)
    usual_digits = {"s": 11, "ms": 14, "us": 17}[unit]
    return (
        f"CASE WHEN regexp_full_match({x}, '[0-9]{{1,{usual_digits}}}') THEN try_cast({x} AS BIGINT) * {micros}"
        f" WHEN {number} BETWEEN {_FIRST_SECOND * per_second} AND {_LAST_SECOND * per_second}"
        f" THEN CAST(floor({number} * CAST({micros} AS DECIMAL(7,0))) AS BIGINT) END"
    )


def read_epoch(number: Decimal, unit: str) -> dt.datetime:
    """The moment so many units after 1970 in UTC. Raises Unreadable outside the years 1 to 9999."""
    per_second = Decimal(1_000_000 // MICROS[unit])
    if not _FIRST_SECOND * per_second <= number <= _LAST_SECOND * per_second:
        raise Unreadable("outside the years 1 to 9999")
    micros = EXACT.multiply(number, Decimal(MICROS[unit])).to_integral_value(ROUND_FLOOR)
    return EPOCH + dt.timedelta(microseconds=int(micros))


def as_type(micros: str, duckdb_type: str) -> str:
    """Microseconds since 1970 as a moment or, in UTC, a day."""
    return f"CAST(make_timestamp({micros}) AS DATE)" if duckdb_type == "DATE" else f"make_timestamptz({micros})"


def day_of(moment: dt.datetime) -> dt.date:
    """The day of a moment in UTC."""
    return moment.date()


def same_moment(moment: dt.datetime) -> dt.datetime:
    """The moment itself."""
    return moment


@dataclass(frozen=True, slots=True)
class Layout:
    """A date format made ready: what a text must look like, and in which zone its clock stood."""

    format: str
    zone: str
    pattern: str

    @classmethod
    def parse(cls, layout: str, zone: str) -> "Layout":
        """Raises ValueError for a directive outside the closed set, for no whole date, or an unknown zone."""
        # A digit directive right before another one has no end of its own, so it takes all its digits.
        pattern, names, position = "", [], 0
        while position < len(layout):
            name = layout[position + 1 : position + 2] if layout[position] == "%" else ""
            if name and name != "%":
                if name not in _DIRECTIVES or name in names:
                    raise ValueError(f"%{name} is unknown or given twice; known are {' '.join(_DIRECTIVES)}")
                names.append(name)
                digits = _DIRECTIVES[name]
                is_adjacent = layout[position + 2 : position + 3] == "%" or _follows_directive(layout, position)
                pattern += f"(?P<{name}>{digits.replace('{1,', '{') if is_adjacent else digits})"
            else:
                pattern += re.escape(layout[position])
            position += 2 if name else 1
        year, month = {"Y", "y"} & set(names), {"m", "b", "B"} & set(names)
        if len(year) != 1 or len(month) != 1 or "d" not in names:
            raise ValueError("a format needs one year, one month and a day")
        if ("I" in names) != ("p" in names) or {"H", "I"} <= set(names):
            raise ValueError("%I goes with %p, and not with %H")
        if zone not in available_timezones():
            raise ValueError(f"{zone!r} is no IANA time zone")
        return cls(layout, zone, pattern)

    def moment_sql(self, text: str) -> str:
        """The moment of a trimmed text, or NULL."""
        if self.zone == "UTC":
            return f"make_timestamptz(epoch_us({self._local_sql(text)}))"
        moment = f"timezone({literal(self.zone)}, {self._local_sql(text)})"
        first, last = (f"make_timestamptz({int(second * 1_000_000)})" for second in (_FIRST_SECOND, _LAST_SECOND))
        return f"CASE WHEN {moment} BETWEEN {first} AND {last} THEN {moment} END"

    def day_sql(self, text: str) -> str:
        """The day, as written, of a trimmed text, or NULL."""
        return f"CAST({self._local_sql(text)} AS DATE)"

    def read_day(self, text: str) -> dt.date:
        """See `day_sql`. Raises Unreadable."""
        return self._local(text).date()

    def read_moment(self, text: str) -> dt.datetime:
        """See `moment_sql`. Raises Unreadable."""
        local, zone = self._local(text), ZoneInfo(self.zone)
        try:
            # An hour that the clock shows twice, or never, is the later moment, as in DuckDB's time zones.
            return max(local.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
        except OverflowError:
            raise Unreadable("outside the years 1 to 9999") from None

    def _local_sql(self, text: str) -> str:
        # RE2 spells named groups alike; the guard keeps out what strptime takes beyond the pattern.
        local = f"try_strptime({text}, {literal(self.format)})"
        in_years = f"{local} >= TIMESTAMP '0001-01-01'" if "%Y" in self.format else "true"
        return f"CASE WHEN regexp_full_match({text}, {literal(self.pattern)}) AND {in_years} THEN {local} END"

    def _local(self, text: str) -> dt.datetime:
        match = re.fullmatch(self.pattern, text.strip(WHITESPACE), re.ASCII)
        if not match:
            raise Unreadable(f"not in the format {self.format}")
        part = match.groupdict()
        try:
            return dt.datetime(
                _year(part),
                _month(part),
                int(part["d"]),
                _hour(part),
                int(part.get("M", 0)),
                int(part.get("S", 0)),
                int(part.get("f", "0").ljust(6, "0")),
            )
        except ValueError:
            raise Unreadable("no such day or time") from None


def _follows_directive(layout: str, position: int) -> bool:
    return bool(re.search(r"%[A-Za-z]$", layout[:position].replace("%%", "__")))


def _year(part: dict[str, str]) -> int:
    if "Y" in part:
        return int(part["Y"])
    year = int(part["y"])
    return year + (1900 if year >= 69 else 2000)  # POSIX


def _month(part: dict[str, str]) -> int:
    name = part.get("b") or part.get("B")
    if not name:
        return int(part["m"])
    return next(number for number, month in enumerate(_MONTHS, 1) if month.startswith(name.lower()))


def _hour(part: dict[str, str]) -> int:
    if "I" not in part:
        return int(part.get("H", 0))
    hour = int(part["I"])
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if part["p"].lower() == "pm" else 0)
