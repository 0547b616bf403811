"""`autonomos demo`: two invented companies, from their systems' exports to published views; then serves, or ends.

With --headless it runs once, prints a summary and exits with 0 only if every row is accounted for and every count is
what the generator of the exports knows to be true.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.errors import FAILED
from orchestration.commands.output import JsonOption, Output

if TYPE_CHECKING:
    from orchestration.embedded.stack import Stack

SYNC_TIMEOUT_S = 900
_POLL_S = 0.5


class Phases:
    """Seconds spent in each phase; says what begins."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self.seconds: dict[str, float] = {}

    @contextmanager
    def measure(self, name: str, remark: str) -> Iterator[None]:
        """Time one phase."""
        self._output.say(remark)
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 2)


def demo(
    headless: Annotated[bool, typer.Option("--headless", help="Run once, print a JSON summary and exit.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Load two invented companies and run the whole flow; then serve it, or exit with --headless."""
    from orchestration.commands.demo_flow import DemoFlow
    from orchestration.commands.demo_summary import show_summary, summarise
    from orchestration.commands.up import build_dashboard
    from orchestration.embedded.processes import KNOWN
    from orchestration.embedded.stack import Stack
    from orchestration.resources.settings import load_settings

    # Its result is JSON either way; without --json the progress is shown as well.
    output = Output(as_json)
    phases = Phases(output)
    flow = DemoFlow(load_settings().home / "demo", output)
    with phases.measure("generate", f"Exports of two companies in {flow.folder}"):
        flow.generate()
    stack = Stack()
    try:
        with phases.measure("dashboard", "The dashboard, where its sources changed"):
            build_dashboard(output)
        with phases.measure("start", "Starting the stack, where it does not run"):
            stack.start(KNOWN, "demo")
            stack.wait_ready()
        with flow.on(stack.settings):
            with phases.measure("connect", "Tenants and connections, where they do not exist"):
                flow.connect()
            with phases.measure("sync", "Syncing every connection"):
                flow.sync(SYNC_TIMEOUT_S)
            with phases.measure("publish", "Publishing the unified views"):
                flow.publish(SYNC_TIMEOUT_S)
            summary = summarise(flow, phases.seconds, stack.status().urls)
        Output(as_json or headless).result(summary, *show_summary(summary))
        if not headless:
            _serve(stack, output)
    finally:
        stack.stop()
    if not summary["ok"]:
        raise typer.Exit(FAILED)


def _serve(stack: "Stack", output: Output) -> None:
    """Keep everything running until Ctrl-C."""
    for name, url in stack.status().urls.items():
        output.say(f"{name}: {url}")
    output.say("Ctrl-C stops everything.")
    # Both raise KeyboardInterrupt, also where whoever started us had them ignored, as shells do for what runs behind.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        while stack.status().is_running:
            time.sleep(_POLL_S)
