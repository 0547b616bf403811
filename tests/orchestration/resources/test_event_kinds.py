"""Every kind that is told is in the list, every kind of the list is told by somebody, and the history tells no more."""

import ast
import re
from collections.abc import Iterator

import pytest

from orchestration.resources.event_kinds import EVENT_KINDS, FROM_HISTORY, from_history
from tests.architecture.source_tree import python_files, shown

TELLERS = {"tell", "_tell", "_told", "_tell_of", "entry_fields"}
KIND = re.compile(r"[a-z_]+\.[a-z_]+")
# Found where the name of a kind is not written out at the call.
ELSEWHERE = {
    "approval.escalated",
    "records.held",
    "records.released",
    "stage.started",
    "stage.finished",
    "stage.failed",
}


def told_in_code() -> Iterator[tuple[str, str]]:
    """Kind, or the beginning of one that is put together, and the place that tells it."""
    for path in python_files("api", "assets", "orchestration"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _name(node.func) in TELLERS:
                for argument in node.args[:2]:
                    match argument:
                        case ast.Constant(value=str(text)) if KIND.fullmatch(text):
                            yield text, f"{shown(path)}:{node.lineno}"
                        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]) if text.endswith("."):
                            yield text, f"{shown(path)}:{node.lineno}"


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_nothing_tells_a_kind_that_is_not_listed() -> None:
    found = {kind: place for kind, place in told_in_code() if not kind.startswith("flag.")}  # of the history alone
    assert len(found) > 15
    assert {kind: place for kind, place in found.items() if not any(k.startswith(kind) for k in EVENT_KINDS)} == {}


def test_no_listed_kind_is_told_by_nobody() -> None:
    told = {kind for kind, _ in told_in_code()} | ELSEWHERE | set(FROM_HISTORY.values())
    told |= {"approval.approved", "approval.chosen", "approval.edited"}  # of the history, by what the person did
    begun = tuple(kind for kind in told if kind.endswith("."))
    assert sorted(kind for kind in EVENT_KINDS if kind not in told and not kind.startswith(begun)) == []


def test_kinds_are_things_that_happened_and_are_described() -> None:
    for kind, known in EVENT_KINDS.items():
        assert KIND.fullmatch(kind) and known.description.endswith("."), kind


@pytest.mark.parametrize(
    ("action", "data", "expected"),
    [
        ("repair.approved", {"verdict": "approve", "version": 3, "stream": "people"}, "approval.approved"),
        ("repair.approved", {"verdict": "choose 1", "version": 3}, "approval.chosen"),
        ("repair.approved", {"verdict": "edit", "version": 3}, "approval.edited"),
        ("repair.approved", {"renamed_to": "clients"}, "approval.approved"),
        ("repair.rejected", {"note": "no"}, "approval.rejected"),
        ("mapping.undone", {"version": 4}, "approval.undone"),
        ("connection.paused", {"name": "crm"}, "connection.paused"),
    ],
    ids=str,
)
def test_the_history_is_told_by_what_was_done(action: str, data: dict[str, object], expected: str) -> None:
    assert from_history(action, {"subject": "connection:42", **data}) == (expected, {"connection_id": "42", **data})


@pytest.mark.parametrize("action", ["member.removed", "secret.put", "api_key.created", "login.ended", "flag.set"])
def test_what_concerns_members_and_secrets_is_not_told(action: str) -> None:
    assert from_history(action, {"subject": "user:1", "email": "ann@acme.example"}) is None


def test_of_the_history_only_named_fields_are_told() -> None:
    told = {"subject": "connection:42", "name": "crm", "kind": "mongodb", "grants": {"writes": ["orders"]}}
    assert from_history("connection.created", told) == (
        "connection.created", {"connection_id": "42", "name": "crm", "kind": "mongodb"},
    )  # fmt: skip
    assert from_history("repair.settings", {"subject": "tenant:1", "slack_secret": "hook", "apply_at": 0.9}) == (
        "settings.changed", {"changed": ["apply_at", "slack_secret"]},
    )  # fmt: skip
