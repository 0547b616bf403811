"""Every page, as a demanding visitor meets it: light and dark, large and small, loaded anew each time.

The pictures are written to `frontend/screenshots`, which is not kept in the repository.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from orchestration.resources.settings import REPOSITORY
from tests.browser import pages
from tests.browser.companies import Company, people_csv
from tests.browser.running_demo import Demo
from tests.browser.tabs import DESKTOP, PHONE, Scheme, Tab, opened

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("demo")]
PICTURES = REPOSITORY / "frontend" / "screenshots"
SCHEMES: tuple[Scheme, Scheme] = ("light", "dark")
MOST_SHIFT = 0.05  # a tenth is what https://web.dev/articles/cls calls good
LARGEST_PAINT_MS = 1500
LOADS = 4  # of which the fastest counts: other tests use the same two cores


@pytest.fixture(scope="module")
def facts(demo: Demo) -> dict[str, str]:
    """Of the first company of the demo, which gets a repair to decide on."""
    email, password = next(iter(demo.people.items()))
    company = Company.known(demo, "demo", email, password)
    if not company.get("/aam/approvals?status=open")["items"]:
        connection = company.connect_people()
        company.ask_always()
        company.send(people_csv(job_title="position"))
        company.sync(connection)
        company.asked()
    return pages.facts(company.client)


@pytest.fixture(scope="module")
def member(browser: Browser, demo: Demo) -> Iterator[Tab]:
    """A browser in which the owner of that company is logged in."""
    with opened(browser, demo.url) as tab:
        tab.log_in(*next(iter(demo.people.items())))
        yield tab


@pytest.fixture(scope="module")
def visitor(browser: Browser, demo: Demo) -> Iterator[Tab]:
    """A browser in which nobody is."""
    with opened(browser, demo.url) as tab:
        yield tab


def test_no_page_is_forgotten() -> None:
    visited = {pages.template(address) for address in (*pages.PUBLIC.values(), *pages.PRIVATE.values())}
    assert visited - {"/no/such/page"} == pages.registered()


@pytest.mark.parametrize("name", pages.PUBLIC)
def test_a_page_for_everybody(name: str, visitor: Tab, facts: dict[str, str], measured: Callable[[str], None]) -> None:
    look_at(visitor, name, pages.PUBLIC[name].format(**facts), measured)


@pytest.mark.parametrize("name", pages.PRIVATE)
def test_a_page_for_members(name: str, member: Tab, facts: dict[str, str], measured: Callable[[str], None]) -> None:
    look_at(member, name, pages.PRIVATE[name].format(**facts), measured)


def look_at(tab: Tab, name: str, address: str, measured: Callable[[str], None]) -> None:
    """Measure its loads, then look at it and at each of its tabs in both schemes and sizes."""
    tab.errors.clear()
    for size, word in ((PHONE, "phone"), (DESKTOP, "desktop")):
        tab.size(size)
        paints = loads(tab, address)
        assert min(paints) < LARGEST_PAINT_MS, f"{word}: {paints}"
        moved = tab.shifts()
        shift = sum(one["value"] for one in moved)
        measured(f"{name}, {word}: largest paint {min(paints):.0f} ms, layout shift {shift:.3f}")
        assert shift <= MOST_SHIFT, f"{word}: {moved}"
    for part in parts(tab):
        pictured = f"{name}-{part}" if part else name
        check(tab, pictured)
    assert tab.complaints() == []


def loads(tab: Tab, address: str) -> list[float]:
    """The largest paints of several loads in ms, until one is quick enough; a load before them fills the cache."""
    tab.open(address)
    found: list[float] = []
    while len(found) < LOADS and (not found or found[-1] >= LARGEST_PAINT_MS):
        tab.reload()
        tab.page.wait_for_timeout(300)  # what comes late may move what is there
        found.append(tab.largest_paint_ms() or 0.0)
    return found


def parts(tab: Tab) -> Iterator[str]:
    """Each tab of the page, opened; "" for the one that is open, or for a page that has none."""
    names = tab.page.locator("main").get_by_role("tab")
    if names.count() == 0:
        yield ""
        return
    for number in range(names.count()):
        one = names.nth(number)
        words = re.sub(r"[^a-z]+", "-", one.inner_text().lower()).strip("-")
        one.click()
        tab.settle()
        yield words


def check(tab: Tab, pictured: str, folder: Path = PICTURES) -> None:
    """Pictures in both schemes and sizes; accessible in both schemes, and no wider than its window."""
    for scheme in SCHEMES:
        tab.scheme(scheme)
        tab.size(DESKTOP)
        tab.page.wait_for_timeout(150)
        assert tab.axe() == [], f"{pictured}, {scheme}"
        tab.shot(folder, f"{pictured}-{scheme}-1440")
        tab.size(PHONE)
        tab.page.wait_for_timeout(150)
        assert tab.width_too_much() <= 0, f"{pictured} is wider than a phone"
        tab.shot(folder, f"{pictured}-{scheme}-390")
    tab.scheme("light")
    tab.size(DESKTOP)
