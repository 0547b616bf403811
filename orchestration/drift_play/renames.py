"""Mutations that give columns and streams other names, alone or with their values written another way."""

from collections.abc import Callable
from dataclasses import replace

from orchestration.drift_play.mutation import Answer, Mutate, Mutation, Setting, answer_of, then
from orchestration.drift_play.recodings import Recoding
from orchestration.drift_play.streams import Column, touch_all
from orchestration.drift_play.words import NewName, renamed, vendor_name


def rename(how: NewName) -> Mutate:
    def mutate(at: Setting) -> Mutation | None:
        target = at.pick()
        return None if target is None else _renamed(at, f"rename_{how}", target, how, None)

    return mutate


def _renamed(at: Setting, kind: str, target: str, how: NewName, recoding: Recoding | None) -> Mutation:
    (old,) = at.columns(target)
    name = renamed(at.random, target, at.stream.style, how, at.names())
    made = Mutation(kind)
    written = written_as(old, name, recoding)
    at.stream.replace(old, written)
    if recoding is not None:
        touch_all(at.stream)
    made.expect("renamed", [old.name], [name])
    made.pairs.add((old.name, name))
    made.answers[target] = answer_of(written)
    return made


def written_as(old: Column, name: str, recoding: Recoding | None) -> Column:
    """A column in place of another: a new name, or its values written another way."""
    if recoding is None:
        return replace(old, name=name)
    write, back = then(old.write, recoding.write), (recoding.back, *old.back)
    return Column(name, old.facts, recoding.type or old.type, write, back)


def rename_to_taken(at: Setting) -> Mutation | None:
    """One column goes, and another takes its name: the name means something else from then on."""
    gone = at.pick("text", "choice", of=lambda t: t != "name")
    target = at.pick("text", "choice", of=lambda t: t not in (gone, "name"))
    if gone is None or target is None:
        return None
    (lost, moved) = at.columns(gone, target)
    at.stream.columns.remove(lost)
    at.stream.replace(moved, replace(moved, name=lost.name))
    touch_all(at.stream)
    at.stream.lost.add(gone)
    made = Mutation("rename_to_taken")
    made.expect(["renamed", "swapped"], [moved.name], [lost.name])
    made.expect(["removed"], [moved.name], [], required=False)
    made.expect(["removed", "enum", "format", "retyped"], [lost.name], [], required=False)
    made.expect(["enum", "format", "nullability", "null_rate"], [lost.name], [lost.name], required=False)
    made.pairs.add((moved.name, lost.name))
    made.answers = {target: answer_of(replace(moved, name=lost.name), same_name=True), gone: Answer("", same_name=True)}
    return made


def rename_and(kind: str, pick: Callable[[Setting], tuple[str, Recoding] | None]) -> Mutate:
    def mutate(at: Setting) -> Mutation | None:
        chosen = pick(at)
        if chosen is None:
            return None
        how: NewName = at.random.choice(("subtle", "short", "foreign"))
        made = _renamed(at, kind, chosen[0], how, chosen[1])
        made.expect(["unit", "retyped", "format"], sorted(p[0] for p in made.pairs), [], required=False)
        return made

    return mutate


def vendor_migration(at: Setting) -> Mutation | None:
    """All columns get another vendor's names at once; what no view shows may be dropped."""
    made, vendor = Mutation("vendor_migration"), at.random.randint(0, 5)
    for column in list(at.stream.columns):
        if len(column.facts) != 1 or "#" in column.facts[0] or column.facts[0] not in at.mapped:
            continue
        name = vendor_name(column.facts[0], at.stream.style, vendor)
        at.stream.replace(column, replace(column, name=name))
        provable = column.facts[0] not in at.stream.constants
        made.expect(["renamed"] if provable else ["renamed", "removed"], [column.name], [name], required=provable)
        if provable:
            made.pairs.add((column.name, name))
        made.answers[column.facts[0]] = answer_of(replace(column, name=name))
    touch_all(at.stream)
    return made if made.pairs else None


def rename_constant(at: Setting) -> Mutation | None:
    """A column that always says the same (or nothing) gets a new name: no value can prove it."""
    able = [target for target in at.mapped if target in at.stream.constants]
    if not able:
        return None
    target = at.random.choice(able)
    (old,) = at.columns(target)
    name = renamed(at.random, target, at.stream.style, "short", at.names())
    at.stream.replace(old, replace(old, name=name))
    touch_all(at.stream)
    made = Mutation("rename_constant", proof="unprovable")
    made.expect(["renamed", "removed"], [old.name], [name], required=False)
    made.expect("removed", [old.name], [], required=False)
    made.expect("added", [], [name], required=False)
    made.answers[target] = answer_of(replace(old, name=name))
    return made


def rename_empty(at: Setting) -> Mutation | None:
    """A column gets another name before the stream ever held a record: there is nothing to compare."""
    target = at.pick(of=lambda t: t not in ("name", "date"))
    if target is None:
        return None
    made = _renamed(at, "rename_empty", target, "short", None)
    ((old, new),) = made.pairs
    made.proof, made.events, made.pairs = "unprovable", [], set()
    made.expect(["renamed", "removed"], [old], [new], required=False)
    made.expect("removed", [old], [], required=False)
    made.expect("added", [], [new], required=False)
    for column in at.stream.columns:  # what no row had told before becomes known with the first ones
        made.expect(["retyped", "nullability", "format"], [column.name], [column.name], required=False)
    return made


def rename_stream(at: Setting) -> Mutation | None:
    """The stream itself gets another name."""
    stream = at.stream
    made = Mutation("rename_stream")
    ending = "__c" if stream.style == "pascal" else ""
    made.old_name, made.new_name = stream.name, f"{stream.name.removesuffix(ending)}_renamed{ending}"
    made.expect("stream_renamed", [], [])
    stream.name = made.new_name
    return made
