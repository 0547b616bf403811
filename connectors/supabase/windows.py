"""Which value of a cursor field the next window starts from, and whether the table went back in time.

Pure: raw Postgres texts in, raw Postgres texts out.
"""

import math
from datetime import UTC, datetime, timedelta

from connectors.supabase.canonical import instant
from connectors.supabase.tables import Column

# A timestamp without zone may be written in the local time of whoever wrote it.
_ZONE_SLACK = timedelta(hours=14)


def next_start(column: Column, newest: str | None, clock: datetime, look_back_s: float) -> str | None:
    """The value above which the next window reads, given the newest value of this one and the source's clock then.

    What is committed, or stamped by a clock that lags, up to `look_back_s` late is read by the next window; a record
    stamped in the future hides none of those written until then. Without a zone the clock cannot be compared with:
    the look-back is counted from the newest value instead.
    """
    if newest is None or column.source_type == "integer":
        return newest
    moment, back = instant(newest), timedelta(seconds=look_back_s)
    if moment is None:
        return (clock - back).isoformat() if newest == "infinity" else newest
    if column.source_type == "date":
        # A day's records may change until the day is over.
        latest = min(moment.date(), clock.date() + timedelta(days=1))
        return (latest - timedelta(days=max(1, math.ceil(look_back_s / 86_400)))).isoformat()
    if column.type == "timestamp with time zone":
        return newest if moment <= clock - back else (clock - back).isoformat()
    start = min(moment, clock.astimezone(UTC) + _ZONE_SLACK) - back
    return start.replace(tzinfo=None).isoformat()


def went_back(column: Column, since: str | None, newest: str | None, look_back_s: float) -> bool:
    """The newest record is older than what was read long ago: the table was restored or cut back."""
    if since is None or newest is None:
        return False
    if column.source_type == "integer":
        return int(newest) < int(since)
    last, start = instant(newest), instant(since)
    return last is not None and start is not None and last < start - timedelta(seconds=look_back_s)
