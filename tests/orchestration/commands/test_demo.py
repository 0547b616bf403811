"""The demo's summary says `ok` only when every count is the true one; that it is, tests/browser sees."""

import copy
from typing import Any

import pytest

from orchestration.commands.demo_summary import problems_of, show_summary

TRUTH = {
    "tenants": {
        "T": {
            "connections": {"crm": {"deals": {"read": 10, "loaded": 8, "rejected": 2}}},
            "entities": {"opportunity": {"rows": 8, "records": 8, "joined": 0}},
        }
    }
}
FIRST = {"read": 10, "loaded": 8, "rejected": 2, "unchanged": 0, "deleted": 0, "balances": True}
AGAIN = {"read": 10, "loaded": 0, "rejected": 0, "unchanged": 10, "deleted": 0, "balances": True}


SAMPLE = {"read": 20, "loaded": 20, "rejected": 0, "unchanged": 0, "deleted": 0, "balances": True}
FULL = {"read": 10, "loaded": 5, "rejected": 2, "unchanged": 3, "deleted": 0, "balances": True}
WINDOW = {"read": 1, "loaded": 0, "rejected": 0, "unchanged": 1, "deleted": 0, "balances": True}


def tenant(
    stream: dict[str, Any],
    *,
    status: str = "succeeded",
    rows: int = 8,
    service: bool = False,
    sample: bool = False,
    follows: str | None = None,
) -> dict[str, Any]:
    connection = {"name": "crm", "status": status, "error": None, "streams": {"deals": stream}, **stream}
    connection |= {"is_service": service, "is_sample": sample, "follows_sample": follows}
    return {
        "name": "T",
        "connections": [connection],
        "views": [{"view": "opportunities", "rows": rows, "joined": 0, "sources": {"crm": rows}}],
    }


@pytest.mark.parametrize(
    "synced",
    [
        tenant(SAMPLE, service=True, sample=True),
        tenant(FULL, service=True, follows="the sample"),
        tenant(WINDOW, service=True),
    ],
)
def test_a_service_brings_a_sample_then_everything_then_what_changed(synced: dict[str, Any]) -> None:
    assert problems_of([synced], TRUTH) == []


@pytest.mark.parametrize("stream", [FIRST, AGAIN])
def test_true_counts_are_no_problem_the_first_time_and_again(stream: dict[str, Any]) -> None:
    assert problems_of([tenant(stream)], TRUTH) == []


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (tenant({**FIRST, "read": 9}), "9 rows read"),
        (tenant({**FIRST, "balances": False}), "read is not loaded + rejected + unchanged"),
        (tenant({**FIRST, "loaded": 9, "rejected": 1}), "true are 8 and 2"),
        (tenant(FIRST, rows=7), "7 rows, true are 8"),
        (tenant(FIRST, status="failed"), "crm: failed"),
        (tenant({**SAMPLE, "read": 21}, service=True, sample=True), "21 records read in Safe Mode"),
        (tenant({**FULL, "unchanged": 2}, service=True, follows="the sample"), "loaded 7 and rejected 2"),
        (tenant({**WINDOW, "read": 11}, service=True), "11 records read, the source holds 10"),
    ],
)
def test_every_untrue_count_is_a_problem(wrong: dict[str, Any], says: str) -> None:
    problems = problems_of([wrong], TRUTH)
    assert len(problems) == 1
    assert says in problems[0]


def test_a_stream_that_was_never_read_is_a_problem() -> None:
    silent = tenant(FIRST)
    silent["connections"][0]["streams"] = {}
    assert any("0 rows read" in problem for problem in problems_of([silent], TRUTH))


def test_the_summary_is_shown_with_its_problems() -> None:
    summary = {
        "tenants": [copy.deepcopy(tenant(FIRST))],
        "seconds": {"sync": 1.0},
        "exports": "/x",
        "problems": ["crm/deals: wrong"],
        "urls": {"app": "http://127.0.0.1:8000"},
        "sign_in": "/x/sign-in.json",
        "look_next": ["autonomos up"],
    }
    lines = [part for part in show_summary(summary) if isinstance(part, str)]
    assert "Problem: crm/deals: wrong." in lines
    assert "Dashboard: http://127.0.0.1:8000 (people and passwords: /x/sign-in.json); API: /docs" in lines
    assert any("autonomos up" in line for line in lines)
