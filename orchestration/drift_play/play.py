"""A play on servers of its own: worlds behind all four kinds of sources, changed round by round, and what came of it.

One sync carries a change of each of a connection's streams. A stream whose rows are not right again leaves the play, so
that one fault is counted once.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from orchestration.drift_play.case import Case
from orchestration.drift_play.facts import FACTS
from orchestration.drift_play.ground import OwnGround
from orchestration.drift_play.mutation import NONE, Mutation, Setting
from orchestration.drift_play.mutations import MUTATIONS, mutate
from orchestration.drift_play.referee import Played, Referee
from orchestration.drift_play.renames import rename_empty
from orchestration.drift_play.sources.folder import FolderSource
from orchestration.drift_play.sources.source import WorldSource
from orchestration.drift_play.sources.wire_sources import MongoSource, SalesforceSource, SupabaseSource
from orchestration.drift_play.streams import WorldStream, build_stream, change_ordinarily

PLAIN_SHARE = 0.18  # of the cases in which no shape changes
ENTITIES = tuple(FACTS)
_CONSTANT = {"account": "rating", "contact": "department", "opportunity": "lead_source", "usage": "region"}
_EMPTY_EACH = 6  # one stream in so many holds no record at first
_EMPTY = {"account": "fax", "contact": "mobile", "opportunity": "next_step", "usage": "account_name"}


@dataclass(frozen=True, slots=True)
class Size:
    """How much is played: streams a connection, records a stream, and how many cases change a shape."""

    mutations: int = 300
    streams: int = 12
    records: int = 250
    kinds: tuple[str, ...] = tuple(MUTATIONS)
    connectors: tuple[str, ...] = ("files", "salesforce", "supabase", "mongodb")

    @classmethod
    def for_mutations(cls, mutations: int, kinds: tuple[str, ...] = tuple(MUTATIONS)) -> "Size":
        """As many streams as let each be changed a few times, and no more than needed."""
        streams = max(2, min(12, round(mutations / 24)))
        return cls(mutations, streams, kinds=kinds)


class Play:
    """Plays until as many shapes were changed as were asked for."""

    def __init__(
        self, ground: OwnGround, folder: Path, admin_url: str, seed: int, size: Size, say: Callable[[str], None]
    ) -> None:
        self._ground = ground
        self._folder = folder
        self._admin_url = admin_url
        self._random = Random(f"drift play {seed}")  # noqa: S311 - a game, not a secret
        self._size = size
        self._say = say
        self._referee = Referee(ground)
        self._connections: list[tuple[Played, WorldSource]] = []
        self.cases: list[Case] = []
        self.broken: list[str] = []  # what is wrong with the play itself, such as a world that was not read as it is

    def run(self) -> None:
        """Connect, read everything once, then change and look until it is enough; at last publish and look again."""
        try:
            self._connect()
            self._baseline()
            number = 0
            while self._changed() < self._size.mutations and any(one.playing() for one, _ in self._connections):
                number += 1
                for played, source in self._connections:
                    if self._changed() < self._size.mutations:
                        self._round(played, source, number)
            self._publish()
        finally:
            for _, source in self._connections:
                source.stop()

    def _changed(self) -> int:
        return sum(case.mutation.kind != NONE for case in self.cases)

    def _connect(self) -> None:
        number = 0
        for name, source in self._sources():
            streams = []
            for place in range(self._size.streams):
                number += 1
                entity = ENTITIES[place % len(ENTITIES)]
                streams.append(self._stream(entity, number, source, place))
            source.start(streams)
            key = self._ground.connect(name, source.kind, source.config())
            self._connections.append((Played(name, key, streams), source))

    def _stream(self, entity: str, number: int, source: WorldSource, place: int) -> WorldStream:
        """Some streams have a column that always says the same, and one that says nothing."""
        constants = {_CONSTANT[entity]: "Standard", _EMPTY[entity]: None} if place % 4 == number % 3 else {}
        records = self._random.randint(self._size.records * 3 // 4, self._size.records * 5 // 4)
        if source.has_empty and place % _EMPTY_EACH == _EMPTY_EACH - 1:
            records = 0
        return build_stream(
            self._random, entity, number, source.style, source.key, records, source.plain_text, constants
        )

    def _sources(self) -> Iterable[tuple[str, WorldSource]]:
        """Two of each kind: one read by what changed, one read whole or another way in."""
        made: dict[str, list[Callable[[], WorldSource]]] = {
            "files": [
                lambda: FolderSource(self._folder / "snapshots", appends=False),
                lambda: FolderSource(self._folder / "appended", appends=True),
            ],
            "salesforce": [SalesforceSource, SalesforceSource],
            "supabase": [
                lambda: SupabaseSource(self._admin_url, "rest", stamped=True),
                lambda: SupabaseSource(self._admin_url, "database", stamped=False),
            ],
            "mongodb": [
                lambda: MongoSource(change_streams=True, plain_text=False),
                lambda: MongoSource(change_streams=False, plain_text=True),
            ],
        }
        for connector in self._size.connectors:
            for place, make in enumerate(made[connector]):
                yield f"{connector} {place + 1}", make()

    def _baseline(self) -> None:
        """The first sync of each connection, and which targets its mappings fill with what is true."""
        for played, _ in self._connections:
            started = time.monotonic()
            run = self._ground.sync(played.key)
            self._say(f"{played.name}: first sync {time.monotonic() - started:.1f} s, {run.read:,} records read")
            with self._ground.control_plane.tenant_session(self._ground.tenant_id) as session:
                mapped = {one.stream: one for one in session.mappings.list(played.key.connection_id)}
            for stream in played.streams:
                mapping = mapped.get(stream.name)
                filled = {str(rule["target"]) for rule in mapping.rules} if mapping and mapping.entity else set()
                played.targets[stream.number] = sorted(
                    target for target in filled & stream.facts().keys() if stream.column(target)
                )
            # A source that has no columns without records has nothing mapped of an empty stream, and rightly so.
            played.out |= {s.number for s in played.streams if not s.records and not played.targets[s.number]}
            for number, found in self._referee.compare(played).items():
                if number not in played.out and not (found.holds and played.targets[number]):
                    played.out.add(number)
                    self.broken.append(f"{played.name}, stream {number}: not as the world is after the first sync")
                    self.broken += [f"  {wrong}" for wrong in found.wrong]

    def _round(self, played: Played, source: WorldSource, number: int) -> None:
        cases = {stream.number: self._change(played, source, stream, number) for stream in played.playing()}
        started = time.monotonic()
        self._referee.judge(played, cases)
        took = time.monotonic() - started
        self.cases += cases.values()
        wrong = sum(not case.is_right for case in cases.values())
        self._say(f"round {number}, {played.name}: {len(cases)} streams, {took:.1f} s, {wrong} not right")

    def _change(self, played: Played, source: WorldSource, stream: WorldStream, number: int) -> Case:
        """Records change for ordinary reasons in every stream, and in most of them the shape changes besides."""
        was = stream.name
        if not stream.records:
            return self._first_records(played, source, stream, number)
        change_ordinarily(stream, self._random, may_delete=source.deletes)
        made = Mutation(NONE)
        if self._random.random() >= PLAIN_SHARE:
            mapped = self._mapped(played, stream)
            kinds = [k for k in self._size.kinds if source.can_rename_streams or k != "rename_stream"]
            made = mutate(Setting(stream, mapped, self._random), kinds)
        source.show(stream, was)
        return Case(source.kind, played.name, was, number, made)

    def _first_records(self, played: Played, source: WorldSource, stream: WorldStream, number: int) -> Case:
        """A stream that was empty gets its first records, and a column of it another name in the same breath."""
        made = rename_empty(Setting(stream, self._mapped(played, stream), self._random)) or Mutation(NONE)
        for _ in range(self._size.records // 2):
            stream.add_record(self._random, datetime.now(UTC).replace(microsecond=0))
        source.show(stream, stream.name)
        return Case(source.kind, played.name, stream.name, number, made)

    def _mapped(self, played: Played, stream: WorldStream) -> list[str]:
        """Targets that one plain column tells."""
        told = (target for target in played.targets[stream.number] if target not in stream.lost)
        return [target for target in told if stream.column(target) is not None]

    def _publish(self) -> None:
        """The views, published, against the truth once more."""
        path = self._ground.publish()
        last = {(case.connection, case.stream): case for case in self.cases}
        by_stream = {(case.connection, case.mutation.new_name or case.stream): case for case in last.values()}
        for played, _ in self._connections:
            for number, found in self._referee.compare(played, published=path).items():
                stream = next(one for one in played.streams if one.number == number)
                case = by_stream.get((played.name, stream.name))
                if number not in played.out and not found.holds:
                    text = f"{played.name}, {stream.name}: the published view is not what is true: {found}"
                    (case.errors if case else self.broken).append(text)
