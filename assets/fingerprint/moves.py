"""Which values moved to which column: renamed, swapped, split, merged and copied fields, told by the same records.

Pure. A field that lives on is never renamed; only what lost its values, or whose values were exchanged, can have moved.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from assets.fingerprint.agreement import (
    Agreement,
    Coded,
    Codes,
    Shortlist,
    agreement,
    filled,
    lower_bound,
    name_likeness,
)
from assets.fingerprint.findings import Finding
from assets.fingerprint.pairs import FEWEST_PAIRS, Pairs, Texts
from assets.fingerprint.readings import find_split, read_change, split_part

_LEFT_OVER: Final = 0.02  # of its values a column may still have and count as empty
_DIFFERS: Final = 0.5  # of the records with both texts, from where on a field under its old name is a suspect
_LEAST_PROVEN: Final = 0.5
_AS_GOOD: Final = 0.03  # a rival whose agreement is that near cannot be told apart
_MOST_TRIED: Final = 400  # pairs of columns read for a transform
_MOST_COMBINED: Final = 60  # fields on a side that are tried with each other where values alone did not tell
_MOST_READ: Final = 300  # records of each
_NEW_TEXTS: Final = frozenset({"unit", "format", "locale", "currency", "enum"})


@dataclass(frozen=True, slots=True)
class Move:
    """One movement of values; `evidence` as an event has it."""

    kind: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    probability: float
    evidence: Mapping[str, Any] = field(default_factory=dict)


class Movement:
    """What moved between the two sides of the pairs, among the fields of the two shapes."""

    def __init__(self, pairs: Pairs, olds: Sequence[str], news: Sequence[str]) -> None:
        self.pairs = pairs
        self._coded = coded = Coded(pairs)
        before = {name: codes for name in olds if (codes := coded.old(name)) is not None}
        after = {name: codes for name in news if (codes := coded.new(name)) is not None}
        self.gone = [name for name, codes in before.items() if _lost(filled(codes), filled(coded.new(name)))]
        self.come = [name for name, codes in after.items() if _lost(filled(codes), filled(coded.old(name)))]
        self.suspects = [name for name, codes in before.items() if name in after and _differs(codes, after[name])]
        self._before, self._after = before, after
        self._olds = Shortlist(before)
        self.moves: list[Move] = []
        self.copies: dict[str, str] = {}
        self._find()

    @property
    def moved_before(self) -> frozenset[str]:
        """Old fields whose values are elsewhere now."""
        return frozenset(name for move in self.moves for name in move.before)

    @property
    def moved_after(self) -> frozenset[str]:
        """Fields that hold the values of others now."""
        return frozenset(name for move in self.moves for name in move.after)

    def filled_before(self, name: str) -> int:
        """Records in which the old field had a value."""
        return filled(self._before.get(name))

    def _find(self) -> None:
        found = self._same_values()
        self._swaps(found)
        self._renames(found)
        self._splits()
        self._merges()
        self._read_otherwise()
        self._copies()

    def _same_values(self) -> dict[str, dict[str, Agreement]]:
        """Old field -> field now -> how far they agree, where that is beyond chance."""
        into = {name: self._after[name] for name in (*self.come, *self.suspects)}
        shortlist = Shortlist(into)
        found: dict[str, dict[str, Agreement]] = {}
        for old in (*self.gone, *self.suspects):
            others = [name for name in shortlist.like(self._before[old]) if name != old]
            agreed = {name: agreement(self._before[old], into[name]) for name in others}
            found[old] = {name: agreed[name] for name in others if agreed[name].proven >= _LEAST_PROVEN}
        return found

    def _swaps(self, found: Mapping[str, Mapping[str, Agreement]]) -> None:
        """Fields under their old names whose values went round: each old one is in the next."""
        suspects, done = set(self.suspects), set[str]()
        best = {old: max(of, key=lambda n: of[n].proven) for old in self.suspects
                if (of := {n: a for n, a in found[old].items() if n in suspects})}  # fmt: skip
        for start in sorted(best):
            round_ = [start]
            while (following := best.get(round_[-1])) is not None and following not in round_ and following not in done:
                round_.append(following)
            if start in done or following != start or len(round_) < 2:
                continue
            done.update(round_)
            agreed = [found[old][best[old]] for old in round_]
            weakest = min(agreed, key=lambda one: one.proven)
            readings = [_reading(old, best[old], agreed[i]) for i, old in enumerate(round_)]
            evidence = {"equality": weakest.to_json(), "readings": readings, "records": self.pairs.count}
            names = tuple(round_)
            self.moves.append(Move("swapped", names, names, round(weakest.proven, 4), evidence))

    def _renames(self, found: Mapping[str, Mapping[str, Agreement]]) -> None:
        """One old field to one new one, the surest first. A field under its old name may take part only where a moved
        field took its place: a column for previous values holds another's old values too."""
        ranked = sorted(
            ((agreed.proven + 0.05 * name_likeness(old, new), old, new) for old in found
             for new, agreed in found[old].items()),
            key=lambda entry: (-entry[0], entry[1], entry[2]),
        )  # fmt: skip
        open_olds = set(self.gone)
        taken_before, taken_after = set(self.moved_before), set(self.moved_after)
        is_going_on = True
        while is_going_on:  # once more only where a field under its old name gave way
            is_going_on = False
            for _, old, new in ranked:
                if old not in open_olds or old in taken_before or new in taken_after:
                    continue
                self.moves.append(self._rename(old, new, found))
                taken_before.add(old)
                taken_after.add(new)
                if new in self.suspects:
                    open_olds.add(new)
                    is_going_on = True

    def _rename(self, old: str, new: str, found: Mapping[str, Mapping[str, Agreement]]) -> Move:
        agreed = found[old][new]
        rivals, holders = self._rivals(old, new, found)
        likeness = name_likeness(old, new)
        probability = _with_name(agreed.proven, likeness)
        if rivals or holders:
            probability *= 0.84 if likeness >= max((rivals | holders).values()) + 0.3 else 0.7
        evidence = {
            "equality": agreed.to_json(), "name": round(likeness, 3), "rivals": sorted(rivals),
            **({"also_held_by": sorted(holders)} if holders else {}),
            "readings": [_reading(old, new, agreed)], "records": self.pairs.count,
        }  # fmt: skip
        return Move("renamed", (old,), (new,), round(probability, 4), evidence)

    def _rivals(
        self, old: str, new: str, found: Mapping[str, Mapping[str, Agreement]]
    ) -> tuple[dict[str, float], dict[str, float]]:
        """What agrees as well, with the likeness of names: new fields with the old one, other old ones with the new."""
        enough = found[old][new].share - _AS_GOOD
        rivals = {n: name_likeness(old, n) for n, agreed in found[old].items() if n != new and agreed.share >= enough}
        others = [name for name in self._olds.like(self._after[new], 0.8) if name != old]
        holders = {other: name_likeness(other, new) for other in others
                   if agreement(self._before[other], self._after[new]).share >= enough}  # fmt: skip
        return rivals, holders

    def _splits(self) -> None:
        olds = self._left(self.gone) + [name for name in self.suspects if name not in self.moved_before]
        for old in olds[:_MOST_COMBINED]:
            whole = self.pairs.before[old]
            parts = self._left_after(with_suspects=True)
            starts = [n for n in parts if _share(whole, self.pairs.after[n], str.startswith) >= 0.6]
            ends = [n for n in parts if _share(whole, self.pairs.after[n], str.endswith) >= 0.6]
            if not any(name in self.come for name in (*starts, *ends)):
                continue
            for first, last in ((a, b) for a in starts for b in ends if a != b):
                if old in self.suspects and old not in (first, last):
                    continue
                result = find_split(whole, [self.pairs.after[first], self.pairs.after[last]])
                if result is not None:
                    self._add_split(old, (first, last), *result)
                    break

    def _add_split(self, old: str, parts: tuple[str, str], separator: str, finding: Finding) -> None:
        transform = {"kind": "concat", "args": {"fields": [parts[1]], "separator": separator}}
        reading = {"old": old, "source": parts[0], "transform": transform,
                   "compared": finding.compared, "explained": finding.explained}  # fmt: skip
        evidence = {"separator": separator, "readings": [reading], "records": self.pairs.count}
        self.moves.append(Move("split", (old,), parts, round(finding.probability, 4), evidence))

    def _merges(self) -> None:
        for new in self._left_after(with_suspects=True):
            whole = self.pairs.after[new]
            parts = self._left(self.gone)[:_MOST_COMBINED] + ([new] if new in self.suspects else [])
            starts = [n for n in parts if _share(whole, self.pairs.before[n], str.startswith) >= 0.6]
            ends = [n for n in parts if _share(whole, self.pairs.before[n], str.endswith) >= 0.6]
            for first, last in ((a, b) for a in starts for b in ends if a != b):
                if new in self.suspects and new not in (first, last):
                    continue
                result = find_split(whole, [self.pairs.before[first], self.pairs.before[last]])
                if result is not None:
                    self._add_merge((first, last), new, *result)
                    break

    def _add_merge(self, parts: tuple[str, str], new: str, separator: str, finding: Finding) -> None:
        texts, readings = self.pairs.after[new], list[dict[str, Any]]()
        for old, ways in zip(parts, ((0,), ("rest", -1)), strict=True):
            pairs = [(a, b) for a, b in zip(self.pairs.before[old], texts, strict=True) if b is not None]
            hits = {way: sum(a == split_part(b, separator, way) for a, b in pairs) for way in ways}
            way = max(hits, key=lambda of: hits[of])
            transform = {"kind": "split", "args": {"separator": separator, "index": way}}
            readings.append({"old": old, "source": new, "transform": transform,
                             "compared": len(pairs), "explained": hits[way]})  # fmt: skip
        weakest = min(lower_bound(reading["explained"], reading["compared"]) for reading in readings)
        evidence = {"separator": separator, "readings": readings, "records": self.pairs.count}
        probability = round(min(finding.probability, weakest), 4)
        self.moves.append(Move("merged", parts, (new,), probability, evidence))

    def _read_otherwise(self) -> None:
        """Renamed and written or counted otherwise at once."""
        for old, new in self._tried():
            if old in self.moved_before or new in self.moved_after:
                continue
            finding = read_change(self.pairs.before[old][:_MOST_READ], self.pairs.after[new][:_MOST_READ])
            if finding is None or finding.kind not in (*_NEW_TEXTS, "as_before"):
                continue
            likeness = name_likeness(old, new)
            certainty = 0.97
            if finding.kind in ("enum", "currency"):
                # A city tells its state as well as a code its meaning: only like names speak for the same field.
                if likeness < 0.4 or finding.evidence.get("lost") or not _is_one_to_one(finding):
                    continue
                certainty = 0.8
            probability = certainty * _with_name(finding.probability, likeness)
            if probability < _LEAST_PROVEN:
                continue
            reading = finding.reading(old, new)
            evidence = {
                "equality": {"compared": finding.compared, "equal": finding.explained, "by_chance": finding.by_chance},
                "name": round(likeness, 3), "rivals": [], "readings": [reading] if reading else [],
                "records": self.pairs.count, "also": finding.kind, **finding.evidence,
            }  # fmt: skip
            self.moves.append(Move("renamed", (old,), (new,), round(probability, 4), evidence))

    def _tried(self) -> Iterator[tuple[str, str]]:
        ranked = sorted(
            (
                (old, new)
                for old in self._left(self.gone)[:_MOST_COMBINED]
                for new in self._left(self.come)[:_MOST_COMBINED]
            ),
            key=lambda pair: (-name_likeness(*pair), pair),
        )
        yield from ranked[:_MOST_TRIED]

    def _copies(self) -> None:
        """New fields that hold what a living one holds."""
        come = set(self.come)
        living = {name: codes for name, codes in self._after.items() if name not in come}
        shortlist = Shortlist(living)
        for new in self._left(self.come):
            for other in shortlist.like(self._after[new], 0.8):
                if agreement(self._after[new], living[other]).proven >= 0.6:
                    self.copies[new] = other
                    break

    def _left(self, names: Collection[str]) -> list[str]:
        before, after = self.moved_before, self.moved_after
        return [name for name in names if name not in before and name not in after]

    def _left_after(self, *, with_suspects: bool) -> list[str]:
        names = (*self.come, *self.suspects) if with_suspects else self.come
        after = self.moved_after
        return [name for name in names if name not in after][:_MOST_COMBINED]


def _lost(had: int, has: int) -> bool:
    return had >= FEWEST_PAIRS and has <= _LEFT_OVER * had


def _differs(before: Codes, after: Codes) -> bool:
    both = (before != 0) & (after != 0)
    count = int(both.sum())
    return count >= FEWEST_PAIRS and int((before[both] != after[both]).sum()) >= _DIFFERS * count


def _reading(old: str, source: str, agreed: Agreement) -> dict[str, Any]:
    return {"old": old, "source": source, "transform": {"kind": "cast", "args": {}},
            "compared": agreed.compared, "explained": agreed.equal}  # fmt: skip


def _with_name(proven: float, likeness: float) -> float:
    """Like names close up to a third of what the values leave open."""
    return min(0.995, proven + (1 - proven) * 0.33 * likeness)


def _share(whole: Texts, part: Texts, test: Any) -> float:
    both = [(a, b) for a, b in zip(whole[:200], part[:200], strict=True) if a is not None and b is not None]
    return sum(bool(test(a, b)) and a != b for a, b in both) / len(both) if len(both) >= FEWEST_PAIRS else 0.0


def _is_one_to_one(finding: Finding) -> bool:
    values = (finding.transform or {}).get("args", {}).get("values", {})
    return len(set(values.values())) == len(values) if values else finding.kind == "currency"
