"""The README tells the truth: every command and every setting is in it, and so is every folder it names."""

import os
from pathlib import Path

import pytest
import typer

from orchestration.cli import app
from orchestration.resources.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def commands() -> list[str]:
    """Every command line a person can type, such as `drift list`."""
    root = typer.main.get_command(app)
    names = []
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", None)
        names += [f"{name} {leaf}" for leaf in below] if below else [name]
    return names


def folders() -> list[str]:
    """Every folder of the project, without what is installed or built into it."""
    found = []
    for here, below, _ in os.walk(ROOT):
        below[:] = [name for name in below if not name.startswith(".") and name not in ("node_modules", "dist")]
        found += [str((Path(here) / name).relative_to(ROOT)) for name in below]
    return found


@pytest.mark.parametrize("command", commands())
def test_every_command_is_documented(command: str) -> None:
    assert f"`{command}" in README


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    assert f"AUTONOMOS_{name.upper()}" in README


def test_the_folders_of_the_map_exist() -> None:
    block = README.split("## Folders")[1].split("```")[1]
    named = [word for line in block.splitlines() for word in line.split() if word.endswith("/")]
    assert len(named) > 12
    there = {f"/{path}/" for path in folders()}
    missing = [name for name in named if not any(path.endswith(f"/{name}") for path in there)]
    assert missing == []
