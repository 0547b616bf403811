"""Tabs of a real browser that remember what people would complain about: errors, jumps, slow paints."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from orchestration.resources.settings import REPOSITORY

DESKTOP, PHONE = (1440, 900), (390, 844)
Scheme = Literal["light", "dark"]
PATIENCE_MS = 30_000
_AXE = REPOSITORY / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
# What Chromium reports of each load, from its beginning: https://web.dev/articles/cls and /lcp
_OBSERVED = """
window.__shifts = []; window.__paint = null;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    const moved = entry.sources.map(({ node, previousRect: a, currentRect: b }) => {
      const name = node instanceof Element ? node.tagName + "." + String(node.className).slice(0, 60) : "gone";
      return `${name} ${a.x},${a.y} ${a.width}x${a.height} -> ${b.x},${b.y} ${b.width}x${b.height}`;
    });
    window.__shifts.push({ value: entry.value, at: entry.startTime, moved });
  }
}).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.__paint = entry.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
"""
_AXE_RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, impact, nodes }) =>
    `${impact} ${id}: ${nodes.slice(0, 4).map(({ html, any }) =>
      `${html.slice(0, 160)} (${any.map(({ message }) => message).join("; ").slice(0, 160)})`).join(" | ")}`);
}"""
_BUSY = ".mantine-Skeleton-root, [aria-busy='true'], .mantine-Loader-root"


@dataclass
class Tab:
    """One page of a browser, and what went wrong in it."""

    page: Page
    base_url: str
    errors: list[str] = field(default_factory=list)
    #: patterns of errors that a test causes on purpose
    foreseen: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Load that address anew, and wait until nothing of it is loading any more."""
        self.page.goto(self.base_url + path)
        self.settle()

    def reload(self) -> None:
        """Load the same address anew."""
        self.page.reload()
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is loading. Streams stay open, so that the network is never idle."""
        self.page.wait_for_load_state("load")
        expect(self.page.locator("h1").first).to_be_visible(timeout=PATIENCE_MS)
        expect(self.page.locator(_BUSY).filter(visible=True)).to_have_count(0, timeout=PATIENCE_MS)

    def log_in(self, email: str, password: str) -> None:
        """By the form."""
        self.page.goto(f"{self.base_url}/login")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log in").click()
        self.page.wait_for_url(lambda url: "/login" not in url)
        self.settle()

    def shifts(self) -> list[dict[str, Any]]:
        """Layout shifts of this load that nobody caused by input: value, time in ms, what moved."""
        found: list[dict[str, Any]] = self.page.evaluate("window.__shifts")
        return found

    def largest_paint_ms(self) -> float | None:
        """When the largest thing of the first screen was painted, in ms from the beginning of the load."""
        found: float | None = self.page.evaluate("window.__paint")
        return found

    def axe(self) -> list[str]:
        """Serious and critical violations that axe finds on the page as it is."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(_AXE.read_text() + "; undefined")
        found: list[str] = self.page.evaluate(_AXE_RUN)
        return found

    def width_too_much(self) -> int:
        """Pixels by which the document is wider than its window."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return found

    def scheme(self, scheme: Scheme) -> None:
        """Have the system ask for light or dark; the dashboard follows it."""
        self.page.emulate_media(color_scheme=scheme)
        expect(self.page.locator(f"html[data-mantine-color-scheme='{scheme}']")).to_have_count(1)

    def size(self, size: tuple[int, int]) -> None:
        """Resize the window, in CSS pixels."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def shot(self, folder: Path, name: str) -> None:
        """A picture of what is seen."""
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png", animations="disabled")

    def heading(self, name: str | re.Pattern[str]) -> Locator:
        """The page's title."""
        return self.page.get_by_role("heading", level=1, name=name)

    def complaints(self) -> list[str]:
        """Errors in the console, uncaught ones, and failed answers, but those that a test foresees."""
        return [error for error in self.errors if not any(re.search(known, error) for known in self.foreseen)]


@contextmanager
def opened(browser: Browser, base_url: str, size: tuple[int, int] = DESKTOP) -> Iterator[Tab]:
    """A browser of one person, who shares nothing with others and may have had nothing to complain of at the end."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme="light")
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(_OBSERVED)
    try:
        tab = new_tab(context, base_url)
        yield tab
        assert tab.complaints() == []
    finally:
        context.close()


def new_tab(context: BrowserContext, base_url: str) -> Tab:
    """Another page of the same person."""
    tab = Tab(context.new_page(), base_url)

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            tab.errors.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    tab.page.on("console", said)
    tab.page.on("pageerror", lambda error: tab.errors.append(f"uncaught: {error}"))
    return tab
