"""The demo is true, and a second run in the same home changes nothing."""

from typing import Any

import pytest

from tests.browser.running_demo import Demo

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("demo")]


def test_the_demo_is_true_and_changes_nothing_the_second_time(demo: Demo) -> None:
    if demo.first is None:
        pytest.skip("this demo was started by somebody else")
    first, second = demo.first, demo.summary
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
