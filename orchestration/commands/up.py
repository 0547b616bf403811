"""`autonomos up`: the whole stack in the foreground until Ctrl-C."""

import signal
import time
from types import FrameType
from typing import TYPE_CHECKING

from orchestration.commands.output import JsonOption, Output, table

if TYPE_CHECKING:
    from orchestration.embedded.stack import Stack
    from orchestration.embedded.state import StackState

_PURPOSE = "up"
_POLL_S = 0.5


class _Stopped(Exception):
    """Somebody asked us to stop."""


def up(as_json: JsonOption = False) -> None:
    """Start the stack and keep it running: the app, the Dagster UI, workers and embedded servers."""
    from orchestration.embedded.leases import read_demand
    from orchestration.embedded.stack import Stack
    from orchestration.resources.settings import load_settings

    output = Output(as_json)
    settings = load_settings()
    stack = Stack(settings)
    running = stack.status()
    if running.phase in ("ready", "degraded") and _PURPOSE in read_demand(settings.home).purposes:
        output.say("The stack runs already.")
        show_stack(output, running)
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        build_dashboard(output)
        stack.start(purpose=_PURPOSE)
        _wait_ready(stack, output)
        ready = stack.status()
        for name, wished in (("app", settings.port), ("webserver", settings.dagster_port)):
            if ready.ports[name] != wished:
                output.say(f"Port {wished} is taken: {name} listens on {ready.ports[name]}.")
        show_stack(output, ready)
        output.say("Ctrl-C stops everything.")
        _stay(stack, output)
    except _Stopped:
        output.say("Stopping...")
    finally:
        # A second Ctrl-C leaves at once: the supervisor stops everything all the same.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        stack.stop()
    output.say("Stopped.")


def build_dashboard(output: Output) -> None:
    """Have the app serve today's dashboard. Without it everything else works, so that a failure is only said."""
    from orchestration.embedded.dashboard_files import DashboardNotBuilt, ensure_built

    try:
        ensure_built(output.say)
    except DashboardNotBuilt as error:
        output.say(f"The dashboard is not up to date, everything else runs: {error}")


def show_stack(output: Output, state: "StackState") -> None:
    """Print where everything is."""
    document = {
        "phase": state.phase,
        "urls": state.urls,
        "ready_after_s": state.ready_after_s,
        "processes": {
            name: {"status": process.status, "port": process.port, "pid": process.identity and process.identity.pid}
            for name, process in state.processes.items()
        },
    }
    rows = [["dashboard and API", state.urls.get("app", "")], ["Dagster", state.urls.get("dagster", "")]]
    output.result(document, table("Running", ("what", "where"), rows))


def _wait_ready(stack: "Stack", output: Output) -> None:
    shown: set[str] = set()

    with output.progress.status("Starting...") as status:

        def report(state: "StackState") -> None:
            for name, process in state.processes.items():
                if process.status in ("ready", "done") and name not in shown:
                    shown.add(name)
                    output.progress.print(f"  {name} {process.status}", highlight=False)
            waiting = [name for name in state.processes if name not in shown]
            status.update(f"Starting: {', '.join(waiting)}" if waiting else "Starting...")

        stack.wait_ready(on_change=report)


def _stay(stack: "Stack", output: Output) -> None:
    """Return only by a signal or when the stack is gone; says what dies and comes back on the way."""
    from orchestration.embedded.errors import StackError

    restarts: dict[str, int] = {}
    warning = ""
    while (state := stack.status()).is_running and state.phase != "stopping":
        for name, process in state.processes.items():
            if process.restarts > restarts.get(name, 0):
                output.say(f"{name} {process.note} and is started again (log: {process.log})")
            restarts[name] = process.restarts
        if state.warning and state.warning != warning:
            output.say(f"Warning: {state.warning}")
        warning = state.warning
        time.sleep(_POLL_S)
    raise StackError(state.error or "the stack was stopped from elsewhere")


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise _Stopped
