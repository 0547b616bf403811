"""A source of one stream on a real lake, seen by the fingerprint after every sync."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

from assets.extract.landing import Landing
from assets.extract.raw_tables import raw_table
from assets.extract.state import StreamState, load_states
from assets.fingerprint.comparing import Window, compare
from assets.fingerprint.drift import SchemaChange
from assets.fingerprint.fingerprint import ObservedStream
from assets.fingerprint.observing import observe_stream
from orchestration.control_plane.drift import DriftRecord
from orchestration.partitions import ConnectionKey
from orchestration.resources.lake_session import LakeSession
from tests.assets.extract.batches import STREAM, batch_of, classify

Columns = Mapping[str, Sequence[str | None]]
FIRST = ("Ada", "Bob", "Cleo", "Dan", "Eve", "Fritz", "Gus", "Hanna", "Ivo", "Jo", "Kim", "Lena", "Max", "Nora", "Otto")
LAST = ("Ames", "Bell", "Cole", "Dorn", "Egan", "Falk", "Gray", "Holt", "Iker", "Jung", "Kerr", "Lang", "Moss", "Noll")


class Source:
    """One connection's stream; each sync lands whole columns, all texts."""

    def __init__(self, session: LakeSession, key: str = "id") -> None:
        self.session, self.key = session, key
        self.connection = ConnectionKey(uuid4(), uuid4())

    def sync(self, columns: Columns, stream: str = STREAM) -> tuple[ObservedStream, Window]:
        """Land the rows; what is seen of them, and where they can be compared."""
        connection_id = self.connection.connection_id
        state = load_states(self.session, connection_id).get(stream, StreamState(stream))
        since, snapshot = state.version + 1, self.session.snapshot()
        batch = batch_of(list(zip(*columns.values(), strict=True)), fields=list(columns), key=[self.key])
        landing = Landing(self.session, connection_id, state, classify)
        landing.land(replace(batch, stream=replace(batch.stream, name=stream)))
        observed = observe_stream(self.session, self.connection, landing.state, since)
        return observed, Window(self.session, raw_table(connection_id, stream), since, snapshot)


def drift_between(
    session: LakeSession, before: Columns, after: Columns, opened: Sequence[DriftRecord] = (), key: str = "id"
) -> list[SchemaChange]:
    """What is told of a source that held the one and then the other."""
    source = Source(session, key)
    approved, _ = source.sync(before)
    observed, window = source.sync(after)
    return [sighting.change for sighting in compare(approved, observed, window, opened)]


def told(changes: Sequence[SchemaChange]) -> set[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Kind and fields of each."""
    return {(change.kind, change.fields_before, change.fields_after) for change in changes}


def customers(count: int = 120, seed: int = 1) -> dict[str, list[str | None]]:
    """Records as a CRM has them, with the correlations that real ones have."""
    draw = random.Random(seed)
    rows = range(count)
    created = [date(2023, 1, 1) + timedelta(days=draw.randrange(900)) for _ in rows]
    countries = [draw.choice(["DE", "US", "US", "FR", "NL"]) for _ in rows]
    first, last = [draw.choice(FIRST) for _ in rows], [draw.choice(LAST) for _ in rows]
    return {
        "id": [str(1000 + row) for row in rows],
        "first_name": list(first),
        "last_name": list(last),
        "email": [f"{a}.{b}{row}@example.com".lower() for a, b, row in zip(first, last, rows, strict=True)],
        "phone": [f"+49 30 {draw.randrange(10**6, 10**7)}" if draw.random() < 0.8 else None for _ in rows],
        "revenue": [f"{draw.uniform(100, 90000):.2f}" for _ in rows],
        "employees": [str(draw.randrange(1, 5000)) for _ in rows],
        "country": list(countries),
        "currency": ["USD" if country == "US" else "EUR" for country in countries],
        "status": [draw.choice(["open", "won", "lost", "open"]) for _ in rows],
        "is_active": [draw.choice(["true", "true", "true", "false"]) for _ in rows],
        "created_at": [day.isoformat() for day in created],
        "updated_at": [(day + timedelta(days=draw.choice([0, 0, 3, 40]))).isoformat() for day in created],
        "zip": [f"{draw.randrange(100000):05d}" for _ in rows],
    }


def renamed(columns: Columns, **names: str) -> dict[str, Sequence[str | None]]:
    """The same columns, some under other names."""
    return {names.get(name, name): texts for name, texts in columns.items()}
