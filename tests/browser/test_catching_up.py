"""The live connection breaks and comes back: what happened meanwhile is shown without a reload."""

import re
from collections.abc import Callable

import psutil
import pytest
from playwright.sync_api import expect

from orchestration.embedded.state import read_state
from tests.browser.companies import Company
from tests.browser.running_demo import Demo
from tests.browser.tabs import Tab

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("demo")]
LIVE = re.compile("^Live")


def test_a_valkey_that_restarts_in_mid_session_is_caught_up_with(tab: Callable[..., Tab], demo: Demo) -> None:
    email, secret = next(iter(demo.people.items()))
    company = Company.known(demo, email, email, secret)
    connections = {one["id"]: one["name"] for one in company.get("/aam/connections")["items"]}
    newest = company.get("/aam/syncs?limit=1")["items"][0]["connection_id"]
    other = next(one for one in connections if one != newest)
    visitor = tab()
    visitor.foreseen += ["503"]  # what is asked while Valkey is away
    visitor.log_in(email, secret)
    visitor.open("/activity")
    live = visitor.page.get_by_role("banner").get_by_role("status")
    expect(live).to_have_accessible_name(LIVE)
    first = visitor.page.get_by_role("table", name="Syncs").get_by_role("row").nth(1)
    expect(first).to_contain_text(connections[newest])
    killed = kill_valkey(demo)
    company.wait(lambda: valkey(demo) not in (None, killed))
    company.sync(other)
    expect(first).to_contain_text(connections[other])
    expect(first).to_contain_text("succeeded")
    expect(live).to_have_accessible_name(LIVE)


def valkey(demo: Demo) -> int | None:
    """The process that serves now, once it is ready."""
    process = read_state(demo.home).processes["valkey"]
    return process.identity.pid if process.status == "ready" and process.identity else None


def kill_valkey(demo: Demo) -> int:
    pid = valkey(demo)
    assert pid is not None
    psutil.Process(pid).kill()
    return pid
