"""A stream that becomes another entity, or none, leaves nothing of itself where it was."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from assets.mapping.rules import FieldRule, StreamMapping
from assets.normalize.catalog import CANONICAL, EntityCatalog
from assets.normalize.delta import StreamNormalizer
from assets.normalize.outcome import MappingSuperseded, NormalizedStream
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import literal
from tests.assets.extract.batches import STREAM, Row, batch_of, landing_on
from tests.assets.normalize.declarations import catalog_of, declaration

pytestmark = pytest.mark.servers
LINE = declaration("line", {"name": "text", "amount": "decimal"})
CATALOG = catalog_of(LINE)
RULES = {
    "account": (FieldRule("id", "account_id"), FieldRule("name", "name")),
    "contact": (FieldRule("id", "contact_id"), FieldRule("name", "full_name")),
    "line": (FieldRule("name", "name"), FieldRule("amount", "amount")),
    None: (),
}
FIRST: list[Row] = [("1", "Ada", "10"), ("2", "Bob", "2.5"), ("3", "Cy", "none")]


@dataclass
class Stream:
    """One stream that is mapped anew now and then."""

    session: LakeSession
    connection_id: UUID
    version: int = 0

    def land(self, rows: list[Row]) -> None:
        landing_on(self.session, self.connection_id).land(batch_of(rows, fields=("id", "name", "amount"), deletes=True))

    def become(self, entity: str | None, catalog: EntityCatalog = CATALOG) -> NormalizedStream:
        """A new version of the mapping, normalized."""
        self.version += 1
        return self.normalize(entity, catalog)

    def normalize(self, entity: str | None, catalog: EntityCatalog = CATALOG) -> NormalizedStream:
        mapping = StreamMapping(STREAM, entity, self.version, RULES[entity])
        return StreamNormalizer(self.session, self.connection_id, mapping, 0, catalog).run()

    def live(self, entity: str) -> list[str]:
        """Ids of the records that the entity's table holds of this connection."""
        table = CATALOG[entity].table
        if not self.session.columns("canonical", table):
            return []
        found = self.session.rows(
            f"SELECT _source_record_id FROM {name_of('canonical', table)} WHERE NOT _deleted "
            f"AND _connection_id = {literal(str(self.connection_id))} ORDER BY 1"
        )
        return [record for (record,) in found]

    def rejected(self) -> list[str]:
        found = self.session.rows(
            "SELECT record_id FROM lake.canonical.rejected_records WHERE stage = 'normalize' "
            f"AND connection_id = {literal(str(self.connection_id))}"
        )
        return [record for (record,) in found]


@pytest.fixture
def stream(session: LakeSession) -> Stream:
    made = Stream(session, uuid4())
    made.land(FIRST)
    return made


def test_a_raw_stream_becomes_a_custom_entity_from_what_landed(stream: Stream) -> None:
    assert stream.become(None).entity is None
    outcome = stream.become("line")
    assert (outcome.entity, outcome.loaded, outcome.rejected, outcome.buried) == ("line", 2, 1, 0)
    assert (stream.live("line"), stream.rejected()) == (["1", "2"], ["3"])
    rows = stream.session.rows(f"SELECT line_id, name, amount::VARCHAR FROM lake.canonical.{outcome.table} ORDER BY 1")
    assert rows == [("1", "Ada", "10.000000000"), ("2", "Bob", "2.500000000")]


def test_a_stream_is_in_one_table_however_it_moves(stream: Stream) -> None:
    moves = [("account", 0), ("line", 3), ("contact", 2), ("account", 3), (None, 3), ("line", 0)]
    for entity, buried in moves:
        assert stream.become(entity).buried == buried
        held = {name: stream.live(name) for name in ("account", "contact", "line") if stream.live(name)}
        assert held == ({entity: ["1", "2"] if entity == "line" else ["1", "2", "3"]} if entity else {})
        assert stream.rejected() == (["3"] if entity == "line" else [])


def test_what_lands_after_a_move_goes_to_the_new_table_only(stream: Stream) -> None:
    stream.become("account")
    stream.become("line")
    stream.land([("1", "Ada B", "11"), ("2", "Bob", "2.5")])
    outcome = stream.normalize("line")
    assert (outcome.buried, outcome.deleted) == (0, 1)
    assert (stream.live("line"), stream.live("account")) == (["1", "2"], [])


def test_a_buried_row_is_the_newest_of_its_key_in_the_feed(stream: Stream) -> None:
    before = stream.session.snapshot()
    stream.become("account")
    stream.become("line")
    inserted = stream.session.insertions("canonical", "account", before, stream.session.snapshot())
    newest = (
        f"SELECT * FROM ({inserted}) QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _mapping_version DESC) = 1"
    )
    assert stream.session.rows(f"SELECT DISTINCT _deleted, _mapping_version FROM ({newest})") == [(True, 2)]


def test_another_stream_of_a_longer_name_and_another_connection_stay(stream: Stream) -> None:
    other = Stream(stream.session, uuid4())
    other.land(FIRST)
    other.become("account")
    stream.become("account")
    table = name_of("canonical", "account")
    longer = f"SELECT * REPLACE ({literal(STREAM)} || '#x#9' AS _raw, '9' AS _source_record_id, 9 AS _key) FROM {table}"
    stream.session.execute(
        f"INSERT INTO {table} {longer} WHERE _connection_id = {literal(str(stream.connection_id))} LIMIT 1"
    )
    stream.become("line")
    assert (stream.live("account"), other.live("account")) == (["9"], ["1", "2", "3"])


def test_a_mapping_onto_a_retired_entity_keeps_the_stream_raw_and_comes_back(stream: Stream) -> None:
    stream.become("line")
    outcome = stream.normalize("line", CANONICAL)
    assert (outcome.entity, outcome.buried, stream.live("line"), stream.rejected()) == (None, 2, [], [])
    assert stream.normalize("line").loaded == 2
    assert stream.live("line") == ["1", "2"]


def test_an_old_mapping_is_not_applied_over_a_newer_one(stream: Stream) -> None:
    stream.become("account")
    stream.become("line")
    stream.version = 1
    with pytest.raises(MappingSuperseded):
        stream.normalize("account")
    assert (stream.live("line"), stream.live("account")) == (["1", "2"], [])
