"""The way of a new customer, in a browser: sign up, connect a file, see its rows; then the file changes."""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.companies import FILE, PASSWORD, PEOPLE, Company, people_csv
from tests.browser.running_demo import Demo
from tests.browser.tabs import Tab

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("demo")]
_NUMBER = uuid4().hex[:6]  # the demo may have run before
NAME, EMAIL = f"Harbour Lamps {_NUMBER}", f"ada-{_NUMBER}@harbour-lamps.example"


def test_from_sign_up_to_a_repaired_view(tab: Callable[..., Tab], demo: Demo, tmp_path: Path) -> None:
    ada = tab()
    sign_up(ada)
    connect_file(ada, tmp_path)
    company = Company.known(demo, NAME, EMAIL, PASSWORD)
    company.ask_always()
    approve_a_rename_by_keyboard(ada, company)
    page = ada.page
    page.get_by_role("link", name="Views").click()
    page.get_by_role("link", name=re.compile("^contacts")).first.click()
    cell = cell_of(page, "Title")
    expect(cell).to_have_text(re.compile(r"^Title \d$"))
    follow_a_cell_to_its_source_record(ada, cell)


def sign_up(tab: Tab) -> None:
    tab.page.goto(f"{tab.base_url}/login")
    tab.page.get_by_role("link", name="Create one").click()
    tab.page.get_by_label("Organisation").fill(NAME)
    tab.page.get_by_label("E-mail").fill(EMAIL)
    tab.page.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.page.get_by_role("button", name="Create", exact=True).click()
    tab.page.wait_for_url(f"{tab.base_url}/")
    tab.settle()


def connect_file(tab: Tab, folder: Path) -> None:
    """By the wizard, to the rows in their view."""
    page = tab.page
    (folder / FILE).write_bytes(people_csv())
    page.get_by_role("link", name="Connections", exact=True).click()
    page.get_by_role("link", name="Connect a source").first.click()
    page.get_by_role("button", name=re.compile("^Files")).click()
    page.get_by_label("Files to send").set_input_files(folder / FILE)
    expect(page.get_by_role("radio", name=FILE)).to_be_checked()
    page.get_by_role("button", name="Test the connection").click()
    expect(page.get_by_text("The source answers")).to_be_visible()
    page.get_by_role("button", name="Connect and choose streams").click()
    page.get_by_role("button", name="Look at records").click()
    expect(page.get_by_text("p0@firm0.example")).to_be_visible()
    page.get_by_role("button", name="See how fields are matched").click()
    expect(page.get_by_role("row").filter(has_text="job_title")).to_contain_text(re.compile(r"0\.\d\d|\d+ %"))
    page.get_by_role("button", name="Choose a schedule").click()
    page.get_by_role("button", name="Start the first sync").click()
    page.get_by_role("link", name=f"contacts: {PEOPLE} records").click(timeout=90_000)
    tab.settle()
    expect(page.get_by_role("gridcell", name=re.compile(r"^p\d+@firm\d+\.example$")).first).to_be_visible()


def approve_a_rename_by_keyboard(tab: Tab, company: Company) -> None:
    """It comes while the queue is open; nothing but the keyboard decides it."""
    page = tab.page
    page.keyboard.press("g")
    page.keyboard.press("a")
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    (connection,) = (one["id"] for one in company.get("/aam/connections")["items"])
    company.send(people_csv(job_title="position"))
    company.sync(connection)
    expect(page.get_by_text("job_title → position")).to_be_visible()
    assert company.asked()["records_held"] == PEOPLE
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“job_title” is called “position” now.")).to_be_visible()
    page.keyboard.press("a")
    page.get_by_role("dialog").wait_for()
    page.keyboard.type("seen in the file")
    page.keyboard.press("Enter")
    replay = page.get_by_role("region", name="Replay")
    expect(replay.get_by_text("published", exact=True)).to_be_visible(timeout=90_000)


def cell_of(page: Page, title: str) -> Locator:
    """The first row's cell below that column title."""
    page.get_by_role("gridcell").first.wait_for()
    titles = page.get_by_role("columnheader").all_inner_texts()
    (number,) = (at for at, words in enumerate(titles) if words.splitlines()[:1] == [title])
    return page.get_by_role("row").nth(1).get_by_role("gridcell").nth(number)


def follow_a_cell_to_its_source_record(tab: Tab, cell: Locator) -> None:
    """From the value to the mapping that gives it, to the record as its source has it."""
    page, value = tab.page, cell.inner_text()
    cell.click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("Mapping version 2")).to_be_visible()
    expect(drawer.locator("code", has_text="position").first).to_be_visible()
    record = drawer.locator("code", has_text=re.compile(r"^C-\d{4}$")).first.inner_text()
    drawer.get_by_role("tab", name="Source records").click()
    as_it_came = drawer.get_by_role("tabpanel", name="Source records")
    expect(as_it_came.get_by_text(record).first).to_be_visible()
    expect(as_it_came.get_by_text(value).first).to_be_visible()
    drawer.get_by_role("tab", name="Values").click()
    drawer.get_by_role("link", name="Lineage of this value").click()
    page.wait_for_url(re.compile("/lineage.*column=title"))
    tab.settle()
    expect(page.locator("main").get_by_text("position").first).to_be_visible()
    tab.reload()
    expect(page.locator("main").get_by_text("position").first).to_be_visible()
