"""The tenant's decisions as a table that changes only when they do."""

from typing import Any

from assets.knowledge.meanings import count_meanings, load_meanings, store_meanings
from orchestration.resources.lake_session import LakeSession


def rule(source: str, target: str, **values: Any) -> dict[str, Any]:
    transform = {"kind": "cast", "args": {}}
    fixed = {
        "kind": "files",
        "stream": "deals",
        "entity": "opportunity",
        "decided_by": "policy",
        "transform": transform,
    }
    return {**fixed, "transform": transform, "source": source, "target": target, **values}


def store(session: LakeSession, *memory: dict[str, Any]) -> None:
    session.transaction(lambda s: store_meanings(s, count_meanings(memory)))


def test_equal_decisions_are_counted_and_streams_without_entity_teach_nothing() -> None:
    twice = [rule("amt", "amount"), rule("amt", "amount"), rule("amt", "quantity"), rule("x", "name", entity=None)]
    found = {(meaning["source_field"], meaning["target"]): meaning["decisions"] for meaning in count_meanings(twice)}
    assert found == {("amt", "amount"): 2, ("amt", "quantity"): 1}


def test_who_decided_makes_another_meaning() -> None:
    assert len(count_meanings([rule("amt", "amount"), rule("amt", "amount", decided_by="person")])) == 2


def test_what_is_stored_is_read_back(session: LakeSession) -> None:
    assert load_meanings(session) == []
    memory = rule("naïve \"name\"; 'x'", "name"), rule("Ünï", "amount", transform={"kind": "parse", "args": {"b": 1}})
    store(session, *memory)
    assert load_meanings(session) == count_meanings(memory)


def test_the_same_knowledge_is_told_from_another_whatever_its_order(session: LakeSession) -> None:
    first, second, upper = rule("amt", "amount"), rule("nm", "name"), rule("Z", "stage")
    store(session, first, second, upper)
    assert load_meanings(session) == count_meanings([upper, second, first])
    assert load_meanings(session) != count_meanings([first, second, upper, upper])


def test_a_decision_taken_back_is_forgotten(session: LakeSession) -> None:
    store(session, rule("amt", "amount"))
    store(session)
    assert load_meanings(session) == []
