"""One demo and one browser for all tests of this folder.

`AUTONOMOS_TEST_DEMO_HOME` names the home of a demo that runs already: then that one is looked at.
Without Chromium the tests are skipped, unless `AUTONOMOS_TEST_BROWSER=required`.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from orchestration.embedded.dashboard_files import ensure_built, ensure_packages
from orchestration.embedded.state import read_state
from tests.browser.running_demo import Demo, serving_demo
from tests.browser.tabs import DESKTOP, Tab, opened
from tests.server_folders import server_folder

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        found = own if Path(own).exists() else next(filter(None, map(shutil.which, _NAMES)), None)
        if found is None:
            if os.environ.get("AUTONOMOS_TEST_BROWSER") == "required":
                pytest.fail("there is no Chromium: .ci/run installs it")
            pytest.skip("no Chromium: install it, or run .venv/bin/playwright install chromium")
        # As root Chromium has no sandbox. What it opens here is our own.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def demo() -> Iterator[Demo]:
    """The demo in its second run, serving."""
    ensure_packages(str)
    ensure_built(str)
    running = os.environ.get("AUTONOMOS_TEST_DEMO_HOME")
    if running is not None:
        found = Demo(Path(running), read_state(Path(running)).urls["app"])
        yield found
        found.close()
        return
    home = server_folder("autonomos-demo-")
    try:
        with serving_demo(home) as serving:
            yield serving
            serving.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def tab(browser: Browser, demo: Demo) -> Iterator[Callable[..., Tab]]:
    """Opens browsers of persons; at the end of the test none may have seen an error."""
    with ExitStack() as opening:
        yield lambda size=DESKTOP: opening.enter_context(opened(browser, demo.url, size))
