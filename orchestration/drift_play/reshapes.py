"""Mutations that keep names and change what stands under them, and those that split, merge, add and drop columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assets.mapping.rules import Transform
from orchestration.drift_play import recodings
from orchestration.drift_play.mutation import Answer, Mutate, Mutation, Setting, answer_of, then
from orchestration.drift_play.recodings import Recoding
from orchestration.drift_play.renames import written_as
from orchestration.drift_play.streams import Column, as_text, touch_all
from orchestration.drift_play.words import renamed, styled


def same_name(kind: str, expected: Sequence[str], pick: Callable[[Setting], tuple[str, Recoding] | None]) -> Mutate:
    """A change of what the values of a column mean, under its old name."""

    def mutate(at: Setting) -> Mutation | None:
        chosen = pick(at)
        if chosen is None:
            return None
        target, recoding = chosen
        (old,) = at.columns(target)
        new = written_as(old, old.name, recoding)
        at.stream.replace(old, new)
        touch_all(at.stream)
        made = Mutation(kind)
        made.expect(expected, [old.name], [old.name])
        made.expect(["retyped", "nullability"], [old.name], [old.name], required=False)
        made.answers[target] = answer_of(new, same_name=True)
        if recoding.lossy is not None:
            at.stream.replaced[target] = recoding.lossy
        return made

    return mutate


def retype(at: Setting) -> Mutation | None:
    """The type widens; what the values say stays."""
    chosen = recodings.wider(at.pick, at.columns)
    if chosen is None:
        return None
    target, recoding = chosen
    (old,) = at.columns(target)
    new = written_as(old, old.name, recoding)
    at.stream.replace(old, new)
    touch_all(at.stream)
    made = Mutation("retype")
    made.expect(["retyped", "format"], [old.name], [old.name], required=False)
    made.answers[target] = answer_of(new, same_name=True)
    return made


def split(at: Setting) -> Mutation | None:
    """One column of words becomes two: the first word, and the rest."""
    target = at.pick("text", of=lambda t: t in ("billing_street", "owner_name", "account_name", "next_step"))
    if target is None:
        return None
    (old,) = at.columns(target)
    names = at.names()
    first = renamed(at.random, f"{target}_1", at.stream.style, "subtle", names)
    second = renamed(at.random, f"{target}_2", at.stream.style, "subtle", names | {first})
    halves = [
        Column(first, (f"{target}#1",), "text", then(old.write, lambda text: text.partition(" ")[0])),
        Column(second, (f"{target}#2",), "text", then(old.write, lambda text: text.partition(" ")[2] or None)),
    ]
    at.stream.replace(old, *halves)
    touch_all(at.stream)
    made = Mutation("split")
    made.expect("split", [old.name], [first, second])
    made.answers[target] = answer_of(
        replace(old, name=first), first=Transform("concat", {"fields": [second], "separator": " "})
    )
    return made


def merge(at: Setting) -> Mutation | None:
    """Two columns become one, the values joined by a separator that none of them holds."""
    facts = at.stream.facts()
    pairs = [("first_name", "last_name"), ("billing_postal_code", "billing_city"), ("mailing_city", "mailing_country"),
             ("product", "plan"), ("stage", "lead_source")]  # fmt: skip
    able = [pair for pair in pairs if all(t in at.mapped and t in facts and t not in at.stream.constants for t in pair)]
    if not able:
        return None
    a, b = at.random.choice(able)
    # A blank at the edge of a text does not survive, so only where no part is ever missing does a space separate.
    separator = " " if a == "first_name" else at.random.choice(("|", ";", "/"))
    left, right = at.columns(a, b)
    name = renamed(at.random, f"{a}_and_{b}", at.stream.style, "subtle", at.names())

    def write(values: Mapping[str, Any]) -> Any:
        parts = [left.write(values), right.write(values)]
        return None if parts == [None, None] else f"{parts[0] or ''}{separator}{parts[1] or ''}"

    at.stream.replace(left, Column(name, (a, b), "text", write))
    at.stream.columns.remove(right)
    touch_all(at.stream)
    made = Mutation("merge")
    made.expect("merged", [left.name, right.name], [name])
    for target, old, index in ((a, left, 0), (b, right, "rest")):
        cut = Transform("split", {"separator": separator, "index": index})
        made.answers[target] = answer_of(replace(old, name=name), first=cut)
    return made


def drop(at: Setting) -> Mutation | None:
    """A column goes for good."""
    target = at.pick(of=lambda t: t not in ("name", "date"))
    if target is None:
        return None
    (old,) = at.columns(target)
    at.stream.columns.remove(old)
    at.stream.lost.add(target)
    made = Mutation("drop")
    made.expect("removed", [old.name], [])
    made.answers[target] = Answer("")
    return made


def add(at: Setting) -> Mutation | None:
    """A new column that is nothing the canonical model knows."""
    subject = at.random.choice(("loyalty", "survey", "parking", "badge"))
    name = styled(f"{subject}_{at.random.randint(2, 99)}_score", at.stream.style)
    at.stream.columns.append(Column(name, (), "text", lambda values: as_text(_noise(values["key"]))))
    touch_all(at.stream)
    made = Mutation("add")
    made.expect("added", [], [name])
    return made


def add_copy(at: Setting) -> Mutation | None:
    """A new column that says what a mapped one says, while that one lives on."""
    target = at.pick()
    if target is None:
        return None
    (old,) = at.columns(target)
    name = renamed(at.random, target, at.stream.style, "subtle", at.names())
    at.stream.columns.append(replace(old, name=name, facts=(f"{target}#copy",)))
    touch_all(at.stream)
    made = Mutation("add_copy")
    made.expect("added", [], [name])
    made.answers[target] = answer_of(old)
    return made


def swap(at: Setting) -> Mutation | None:
    """Two columns of one kind change places."""
    facts = at.stream.facts()
    a = at.pick("text", "choice", "count", of=lambda t: t != "name")
    b = at.pick(facts[a].kind, of=lambda t: t not in (a, "name")) if a else None
    if a is None or b is None:
        return None
    left, right = at.columns(a, b)
    moved = replace(left, name=right.name), replace(right, name=left.name)
    at.stream.replace(left, moved[0])
    at.stream.replace(right, moved[1])
    touch_all(at.stream)
    made = Mutation("swap")
    made.expect("swapped", [left.name, right.name], [left.name, right.name])
    made.answers = {a: answer_of(moved[0], same_name=True), b: answer_of(moved[1], same_name=True)}
    return made


def null_rate(at: Setting) -> Mutation | None:
    """A column is suddenly empty in most records: that is what the source says, and nobody's mapping is wrong."""
    target = at.pick("text", "choice", "count", of=lambda t: t not in ("name", "email", "website"))
    if target is None:
        return None
    (old,) = at.columns(target)
    for record in at.stream.records.values():
        if at.random.random() < 0.7:
            record.values[target] = None
    touch_all(at.stream)
    made = Mutation("null_rate")
    made.expect(["null_rate", "nullability"], [old.name], [old.name])
    return made


def _noise(key: str) -> int:
    return sum(ord(letter) * (place + 3) for place, letter in enumerate(key)) * 7919 % 1000
