"""One stream of one connection under test: land versions of a file, hold, map anew, normalize, look."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import duckdb

from assets.extract.accounting import StreamCounts
from assets.extract.landing import Landing
from assets.mapping.rules import FieldRule, StreamMapping
from assets.normalize.delta import StreamNormalizer
from assets.normalize.outcome import NOTHING_LANDED, NormalizedStream
from assets.normalize.written import count_written
from orchestration.resources.lake_session import LakeSession
from orchestration.resources.sql_text import literal
from tests.assets.extract.batches import STREAM, Row, batch_of, landing_on

FIELDS = ("id", "name", "revenue", "note")
RULES = (FieldRule("id", "account_id"), FieldRule("name", "name"), FieldRule("revenue", "annual_revenue"))


@dataclass(frozen=True)
class HeldHere:
    """A hold as the control plane hands it over."""

    since_version: int
    fields: tuple[str, ...] = ()
    match: str = "all"
    restore_snapshot: int | None = None
    restore_targets: tuple[str, ...] = ()
    stream: str = STREAM
    id: UUID = field(default_factory=uuid4)


@dataclass
class HeldPipe:
    """A stream with every version of its mapping, and the holds in force."""

    session: LakeSession
    connection_id: UUID = field(default_factory=uuid4)
    rules: list[tuple[FieldRule, ...]] = field(default_factory=lambda: [RULES])
    entity: str = "account"
    holds: list[HeldHere] = field(default_factory=list)

    def landing(self) -> Landing:
        return landing_on(self.session, self.connection_id)

    def land(self, rows: Sequence[Row], *, fields: Sequence[str] = FIELDS, deletes: bool = True) -> StreamCounts:
        return self.landing().land(batch_of(rows, fields=fields, deletes=deletes))

    @property
    def version(self) -> int:
        """Of the stream's newest commit."""
        return self.landing().state.version

    def mapping(self, version: int | None = None) -> StreamMapping:
        number = version or len(self.rules)
        return StreamMapping(STREAM, self.entity, number, self.rules[number - 1])

    def remap(self, *rules: FieldRule) -> None:
        self.rules.append(rules)

    def hold(self, *fields: str, match: str = "filled", since: int | None = None, **restore: Any) -> HeldHere:
        """From the newest commit on."""
        placed = HeldHere(self.version if since is None else since, fields, match, **restore)
        self.holds.append(placed)
        return placed

    def lift(self, hold: HeldHere) -> None:
        self.holds.remove(hold)

    def normalize(self, first_version: int | None = None) -> NormalizedStream:
        """A run that landed the newest commit; what it says it wrote is what it wrote, each record once."""
        version = self.version if first_version is None else first_version
        normalizer = StreamNormalizer(
            self.session, self.connection_id, self.mapping(), version, previous=self.mapping, holds=tuple(self.holds)
        )
        outcome = normalizer.run()
        written = count_written(self.session, self.connection_id, outcome)
        assert (written.rows, written.keys) == (written.told, written.told), (outcome, written)
        assert outcome.first_snapshot <= outcome.last_snapshot
        assert not outcome.changed or outcome.batch_id
        return outcome

    def replay(self) -> NormalizedStream:
        """A run without a reading of the source."""
        return self.normalize(NOTHING_LANDED)

    def accounts(self, columns: str = "account_id, name, annual_revenue::DOUBLE") -> list[tuple[object, ...]]:
        """Live canonical rows."""
        own = f"_connection_id = {literal(str(self.connection_id))} AND NOT _deleted"
        return self.session.rows(f"SELECT {columns} FROM lake.canonical.account WHERE {own} ORDER BY account_id")

    def quarantined(self) -> list[tuple[str, str]]:
        """Record and hold of each entry."""
        if not self.session.columns("canonical", "quarantine"):
            return []
        own = f"connection_id = {literal(str(self.connection_id))}"
        return self.session.rows(f"SELECT record_id, hold_id FROM lake.canonical.quarantine WHERE {own} ORDER BY ALL")

    def held_records(self) -> list[str]:
        return sorted({record for record, _ in self.quarantined()})

    def rejects(self) -> dict[str, str]:
        """Record -> the text that did not fit."""
        found = self.session.rows(
            "SELECT record_id, errors FROM lake.canonical.rejected_records WHERE stage = 'normalize' "
            f"AND connection_id = {literal(str(self.connection_id))}"
        )
        return {record: json.loads(errors)[0]["value"] for record, errors in found}


def tally(done: NormalizedStream) -> dict[str, int]:
    """What happened, without what did not."""
    names = ("loaded", "rejected", "held", "deleted", "recovered", "replayed", "rederived", "restored", "unrestored")
    return {name: count for name in names if (count := getattr(done, name))}


class Cut:
    """A lake connection that breaks at one of its statements, as where the worker is killed."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, at: int) -> None:
        self.connection = connection
        self.left = at

    def execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        self.left -= 1
        if self.left == 0 and sql != "ROLLBACK":
            raise ConnectionError("the worker is gone")
        return self.connection.execute(sql)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)
