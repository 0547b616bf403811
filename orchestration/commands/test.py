"""`autonomos test [ARGS]`: every check of the repository, quick ones first; with arguments, pytest alone with them."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.output import JsonOption, to_json

# For the registration: what looks like an option belongs to pytest.
TEST_CONTEXT = {"ignore_unknown_options": True, "allow_interspersed_args": False}
_CHECKS = {
    "ruff check": ("ruff", "check", "."),
    "ruff format": ("ruff", "format", "--check", "."),
    "mypy": ("mypy",),
    "import rules": ("lint-imports",),
    "pytest": ("pytest", "-n", "3"),  # more than the cores: much of a test is waiting
}


def test(
    args: Annotated[list[str] | None, typer.Argument(help="Given to pytest, which then runs alone.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Run every check: lint, format, types, import rules, tests. Ends at the first that fails."""
    checks = {"pytest": ("pytest", *args)} if args else _CHECKS
    seconds: dict[str, float] = {}
    failed = None
    for name, command in checks.items():
        began = time.monotonic()
        exit_code = _run(name, command, quiet=as_json)
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


def _run(name: str, command: tuple[str, ...], *, quiet: bool) -> int:
    """Run one check, a program of this environment; its output is streamed (with --json to stderr)."""
    from orchestration.resources.settings import REPOSITORY

    sys.stderr.write(f"== {name}\n")
    sys.stderr.flush()
    program = Path(sys.executable).with_name(command[0])
    output = sys.stderr if quiet else sys.stdout
    return subprocess.run([program, *command[1:]], cwd=REPOSITORY, stdout=output, check=False).returncode
