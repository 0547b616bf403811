"""The demo's summary says `ok` only when every count is the true one; and, on the whole stack, it is."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from orchestration.commands.demo_summary import problems_of, show_summary
from orchestration.resources.settings import REPOSITORY

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
    assert "API: http://127.0.0.1:8000/docs (people and passwords: /x/sign-in.json)" in lines
    assert any("autonomos up" in line for line in lines)


@pytest.mark.stack
@pytest.mark.xdist_group("stacks of their own")
def test_the_demo_is_true_and_changes_nothing_the_second_time(home: Path) -> None:
    first, second = (run_headless() for _ in range(2))
    for summary in (first, second):
        assert (summary["problems"], summary["ok"]) == ([], True)
    assert first["totals"]["loaded"] > 60_000
    assert first["totals"]["joined"] > 1_000
    assert second["totals"]["loaded"] == 0
    assert second["totals"]["unchanged"] == second["totals"]["read"]
    assert read_of_files(second) == read_of_files(first)
    kinds = {sync["is_sample"] for tenant in first["tenants"] for sync in tenant["connections"] if sync["is_service"]}
    assert kinds == {True, False}
    views = [[tenant["views"] for tenant in summary["tenants"]] for summary in (first, second)]
    assert views[0] == views[1]


def read_of_files(summary: dict[str, Any]) -> int:
    syncs = [sync for tenant in summary["tenants"] for sync in tenant["connections"]]
    return sum(sync["read"] for sync in syncs if not sync["is_service"])


def run_headless() -> dict[str, Any]:
    command = [sys.executable, "-m", "orchestration.cli", "demo", "--headless"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, timeout=600, check=False)
    assert done.stdout, done.stderr[-2000:]
    summary: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == (0 if summary["ok"] else 1), done.stderr[-2000:]
    return summary
