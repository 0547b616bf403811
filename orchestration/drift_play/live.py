"""A play with a source that runs: its streams as they are now are the truth, and the stack does the syncing.

Only columns that a mapping reads plainly into one field are touched, so that what is true of them is known.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from assets.extract.raw_tables import RAW_SCHEMA, raw_table
from assets.normalize.model import ENTITIES, canonical_columns, identity_fields
from connectors.protocol import SourceType
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.mappings import MappingRecord
from orchestration.drift_play.case import Case
from orchestration.drift_play.facts import Fact, Kind
from orchestration.drift_play.ground import Ground
from orchestration.drift_play.mutation import Setting
from orchestration.drift_play.mutations import mutate
from orchestration.drift_play.referee import Played, Referee
from orchestration.drift_play.sources.running import NotForPlay, RunningSource
from orchestration.drift_play.streams import Column, Record, WorldStream, as_text
from orchestration.drift_play.words import Style
from orchestration.partitions import ConnectionKey
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import identifier, literal

# Changes that can be made to any source that runs and are met by its next sync.
LIVE_KINDS = (
    "rename_subtle", "rename_total", "rename_short", "rename_foreign", "drop", "add_copy", "swap", "unit", "enum",
)  # fmt: skip
FEWEST_RECORDS, MOST_RECORDS = 40, 20_000
_CHOICES = 12  # a text that says at most so many things is a choice
_STYLES: Mapping[str, Style] = {"salesforce": "pascal", "supabase": "snake", "mongodb": "camel", "files": "title"}
_TYPES: Mapping[str, tuple[Kind, SourceType]] = {
    "VARCHAR": ("text", "text"), "BIGINT": ("count", "integer"), "DATE": ("day", "date"),
}  # fmt: skip
_STAMPS = frozenset({"created_at", "updated_at", "_source_updated_at", "_deleted", "last_activity_at"})


@dataclass(frozen=True, slots=True)
class LiveSetting:
    """What is played with: one connection of the ground's tenant, and the doors to its source."""

    ground: Ground
    connection: ConnectionRecord
    source: RunningSource


def play_live(
    at: LiveSetting, seed: int, mutations: int, kinds: Sequence[str], say: Callable[[str], None]
) -> list[Case]:
    """Change the source so many times, one stream after the other.

    Raises:
        NotForPlay: nothing of the source is mapped plainly enough, or no kind that was asked for can be played live.
    """
    able = [kind for kind in kinds if kind in LIVE_KINDS]
    if not able:
        raise NotForPlay(f"A source that runs can be changed in these ways: {', '.join(LIVE_KINDS)}.")
    random = Random(f"drift play {seed}")  # noqa: S311 - a game, not a secret
    key = ConnectionKey(at.ground.tenant_id, at.connection.id)
    say("Reading the source as it is.")
    at.ground.sync(key)
    cases: list[Case] = []
    for number in range(1, mutations + 1):
        streams = _streams(at)
        if not streams:
            raise NotForPlay("No stream of this connection is mapped plainly enough to be played with.")
        cases.append(_play_one(at, key, random, random.choice(streams), able, number))
        say(f"{number}: {cases[-1].stream}, {cases[-1].mutation.kind}: {cases[-1].seen}")
    return cases


def _play_one(
    at: LiveSetting, key: ConnectionKey, random: Random, stream: WorldStream, kinds: Sequence[str], number: int
) -> Case:
    before, targets = list(stream.columns), [column.facts[0] for column in stream.columns]
    made = mutate(Setting(stream, targets, random), kinds)
    at.source.show(stream, before)
    played = Played(at.connection.name, key, [stream], {stream.number: targets})
    cases = {stream.number: Case(at.connection.kind, at.connection.name, stream.name, number, made)}
    Referee(at.ground).judge(played, cases)
    return cases[stream.number]


def _streams(at: LiveSetting) -> list[WorldStream]:
    """The streams that can be played with, as they are."""
    ground, connection = at.ground, at.connection
    with ground.control_plane.tenant_session(ground.tenant_id) as session:
        mappings = list(session.mappings.list(connection.id))
        keys = {name: fields[0].get("primary_key", []) for name, fields in _baselines(session, connection.id).items()}
    with ground.lake.session(ground.tenant_id) as lake:
        made = [
            _stream(lake, connection, mapping, str(keys[mapping.stream][0]), number)
            for number, mapping in enumerate(mappings, 1)
            if mapping.entity in ENTITIES and len(keys.get(mapping.stream, ())) == 1
        ]
    return [one for one in made if one.columns and FEWEST_RECORDS <= len(one.records) <= MOST_RECORDS]


def _baselines(session: Any, connection_id: UUID) -> dict[str, list[dict[str, Any]]]:
    return {name: record.fields for name, record in session.schemas.baselines(connection_id).items()}


def _stream(
    lake: LakeSession, connection: ConnectionRecord, mapping: MappingRecord, key: str, number: int
) -> WorldStream:
    """Records with what is canonical of them now, and the columns that tell it plainly."""
    entity = str(mapping.entity)
    plain = _plain(mapping, entity, key)
    raw = name_of(RAW_SCHEMA, raw_table(connection.id, mapping.stream))
    values = ", ".join(f"c.{identifier(target)}" for target in plain) or "NULL"
    rows = lake.rows(
        f"SELECT c._source_record_id, {values} FROM {name_of('canonical', entity)} c "
        f"WHERE c._connection_id = {literal(str(connection.id))} AND NOT c._deleted "
        f"AND c._source_record_id IN (SELECT __record_id FROM {raw}) ORDER BY 1"
    )
    stream = WorldStream(mapping.stream, entity, number, _STYLES[connection.kind], key)
    stream.plain_text = connection.kind in ("files", "mongodb")
    now = datetime.now(UTC)
    for record_id, *told in rows:
        stream.records[record_id] = Record({"key": record_id, **dict(zip(plain, told, strict=False))}, now)
    stream.told = {target: _fact(stream, target, plain[target][1]) for target in plain}
    stream.columns = [_column(stream, target, *plain[target]) for target in plain]
    return stream


def _plain(mapping: MappingRecord, entity: str, key: str) -> dict[str, tuple[str, str]]:
    """Target -> source and DuckDB type, where one rule alone reads the one into the other as it stands."""
    types = {column.name: column.duckdb_type for column in canonical_columns(entity)}
    targets = [str(rule["target"]) for rule in mapping.rules]
    sources = [str(rule["source"]) for rule in mapping.rules]
    return {
        str(rule["target"]): (str(rule["source"]), types[str(rule["target"])])
        for rule in mapping.rules
        if rule["transform"]["kind"] == "cast"
        and targets.count(str(rule["target"])) == sources.count(str(rule["source"])) == 1
        and str(rule["target"]) not in _STAMPS | set(identity_fields(entity))
        and str(rule["source"]) != key
        and (types.get(str(rule["target"]), "") in _TYPES or types.get(str(rule["target"]), "").startswith("DECIMAL"))
    }


def _fact(stream: WorldStream, target: str, duckdb_type: str) -> Fact:
    told = sorted({str(r.values[target]) for r in stream.records.values() if r.values[target] is not None})
    kind: Kind = "money" if duckdb_type.startswith("DECIMAL") else _TYPES[duckdb_type][0]
    if kind == "text" and len(told) <= _CHOICES:
        kind = "choice"
    return Fact(target, kind, lambda random, _: random.choice(told))


def _column(stream: WorldStream, target: str, source: str, duckdb_type: str) -> Column:
    if stream.plain_text:
        return Column(source, (target,), "text", lambda values: as_text(_short(values[target])))
    declared: SourceType = "decimal" if duckdb_type.startswith("DECIMAL") else _TYPES[duckdb_type][1]
    return Column(source, (target,), declared, lambda values: _short(values[target]))


def _short(value: Any) -> Any:
    """A decimal without the zeros that only the lake keeps; a day or anything else as it is."""
    if isinstance(value, Decimal):
        whole = value.to_integral()
        return whole.quantize(Decimal(1)) if whole == value else value.normalize()
    return value if isinstance(value, date | str | int) or value is None else str(value)
