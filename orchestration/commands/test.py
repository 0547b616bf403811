"""`autonomos test [ARGS]`: every check of the repository, quick ones first; with arguments, pytest alone with them."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.output import JsonOption, to_json

# For the registration: what looks like an option belongs to pytest.
TEST_CONTEXT = {"ignore_unknown_options": True, "allow_interspersed_args": False}
_PYTEST = ("pytest", "-n", "3")  # more than the cores: much of a test is waiting
_PYTHON = {
    "ruff check": ("ruff", "check", "."),
    "ruff format": ("ruff", "format", "--check", "."),
    "mypy": ("mypy",),
    "import rules": ("lint-imports",),
}
# Programs of the dashboard's packages, run by Node in its folder.
_DASHBOARD = {
    "tsc": ("node_modules/typescript/bin/tsc", "--noEmit"),
    "eslint": ("node_modules/eslint/bin/eslint.js", "."),
    "prettier": ("node_modules/prettier/bin/prettier.cjs", "--check", "--log-level=warn", "."),
    "client of the API": ("scripts/check-client.mjs",),
    "dashboard's size": ("scripts/check-bundle.mjs",),
    "vitest": ("node_modules/vitest/vitest.mjs", "run", "--reporter=dot"),
}


def test(
    args: Annotated[list[str] | None, typer.Argument(help="Given to pytest, which then runs alone.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Run every check: lint, format, types, import rules, the dashboard's, tests. Ends at the first that fails."""
    seconds: dict[str, float] = {}
    failed = None
    for name, check in _checks(args, as_json).items():
        sys.stderr.write(f"== {name}\n")
        sys.stderr.flush()
        began = time.monotonic()
        exit_code = check()
        seconds[name] = round(time.monotonic() - began, 1)
        if exit_code != 0:
            failed = name
            break
    if as_json:
        sys.stdout.write(to_json({"passed": failed is None, "failed": failed, "seconds": seconds}) + "\n")
    elif failed is not None:
        sys.stderr.write(f"{failed} failed\n")
    if failed is not None:
        raise typer.Exit(1)


def _checks(args: list[str] | None, quiet: bool) -> dict[str, Callable[[], int]]:
    """Each gives its exit code; what it prints is streamed (with --json to stderr)."""
    from orchestration.embedded.dashboard_files import FRONTEND, node_command
    from orchestration.resources.settings import REPOSITORY

    output = sys.stderr if quiet else sys.stdout

    def python(*command: str) -> Callable[[], int]:
        program = str(Path(sys.executable).with_name(command[0]))
        return lambda: subprocess.run([program, *command[1:]], cwd=REPOSITORY, stdout=output, check=False).returncode

    def dashboard(*command: str) -> Callable[[], int]:
        line, environment = node_command(*command)
        return lambda: subprocess.run(line, cwd=FRONTEND, env=environment, stdout=output, check=False).returncode

    if args:
        return {"pytest": python("pytest", *args)}
    return {
        **{name: python(*command) for name, command in _PYTHON.items()},
        "dashboard": _build_dashboard,
        **{name: dashboard(*command) for name, command in _DASHBOARD.items()},
        "pytest": python(*_PYTEST),
    }


def _build_dashboard() -> int:
    """Install its packages and build it, as `up` does; the tests in a browser need it."""
    from orchestration.embedded.dashboard_files import DashboardNotBuilt, ensure_built, ensure_packages

    try:
        ensure_packages(_say)
        ensure_built(_say)
    except DashboardNotBuilt as error:
        _say(str(error))
        return 1
    return 0


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
