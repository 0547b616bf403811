"""Two companies in two browsers: neither is ever sent or shown a thing of the other, whatever it opens."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.browser import pages
from tests.browser.companies import Company
from tests.browser.running_demo import Demo
from tests.browser.tabs import Tab

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("demo")]

# Keeps every body that the page is sent, streams of events as they come.
_LISTEN = """
window.__heard = [];
const plain = window.fetch;
window.fetch = async (...asked) => {
  const answer = await plain(...asked);
  const reader = answer.clone().body?.getReader();
  const words = new TextDecoder();
  const read = () => reader?.read().then(({ done, value }) => {
    if (done) return;
    window.__heard.push(words.decode(value, { stream: true }));
    return read();
  }, () => {});
  void read();
  return answer;
};
"""
_HAS_HEARD = """window.__heard.join('').includes('"kind":"sync.succeeded"')"""


@dataclass
class Visitor:
    """A person of one company in a browser of their own, and everything that was shown or sent there."""

    tab: Tab
    company: Company
    own: str
    shown: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tab.page.add_init_script(_LISTEN)

    def visit(self, address: str) -> None:
        """Open it and look."""
        self.tab.open(address)
        self.look()

    def look(self) -> None:
        """Keep what the page shows and what it was sent."""
        self.shown.append(self.tab.page.content())
        self.sent.append("".join(self.tab.page.evaluate("window.__heard.splice(0)")))


def among(marks: set[str], texts: list[str]) -> set[str]:
    """Which of them stand anywhere in those."""
    return {mark for mark in marks if any(mark in text for text in texts)}


def test_nothing_of_the_other_company_is_seen_anywhere(tab: Callable[..., Tab], demo: Demo) -> None:
    visitors = [
        arrived(tab(), Company.known(demo, email, email, secret), secret) for email, secret in demo.people.items()
    ]
    one, other = visitors
    marks = {id(visitor): marks_of(visitor.company) for visitor in visitors}
    assert not marks[id(one)] & marks[id(other)]
    for address in pages.PRIVATE.values():
        for visitor, stranger in ((one, other), (other, one)):
            for connection in {visitor.own, stranger.own} if "{" in address else {""}:
                visitor.visit(address.format(connection=connection, approval=connection, row=connection))
                if address == "/flow":  # it listens while both companies sync
                    one.company.sync(one.own)
                    other.company.sync(other.own)
                    visitor.company.wait(lambda page=visitor.tab.page: page.evaluate(_HAS_HEARD))
                    visitor.look()
    for visitor, stranger in ((one, other), (other, one)):
        assert len(among(marks[id(visitor)], visitor.sent)) > 3, "too little was sent to say anything"
        assert any('"kind":"sync.succeeded"' in text for text in visitor.sent), "no event was heard"
        assert among(marks[id(stranger)], visitor.sent) == set()
        # What it asked for itself stands in its own links.
        assert among(marks[id(stranger)], visitor.shown) <= {stranger.own}


def arrived(tab: Tab, company: Company, secret: str) -> Visitor:
    tab.log_in(company.email, secret)
    tab.foreseen.append("404")  # what is another's is not there
    return Visitor(tab, company, company.get("/aam/connections?limit=200")["items"][0]["id"])


def marks_of(company: Company) -> set[str]:
    """What nobody else may see: itself, its people, its connections, their syncs."""
    me = company.get("/auth/me")
    members = {one["email"] for one in company.get("/auth/members")["items"]}
    connections = {one["id"] for one in company.get("/aam/connections?limit=200")["items"]}
    syncs = {one["id"] for one in company.get("/aam/syncs?limit=200")["items"]}
    return {me["tenant"]["id"], me["tenant"]["name"]} | members | connections | syncs
