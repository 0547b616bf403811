"""One finds a thing by its name: no drawers for everything, and every stage built alike."""

import ast
from pathlib import Path

import pytest

from tests.architecture.source_tree import PACKAGES, ROOT, imports, python_files, shown

DRAWERS = {"utils", "util", "helpers", "helper", "common", "core", "services", "base", "lib", "misc", "shared"}
# The one module that makes the services which assets are given; a folder or a second one would be a drawer.
NOT_A_DRAWER = {"orchestration/resources/services.py"}
STAGES = ("extract", "fingerprint", "knowledge", "mapping", "normalize", "resolve", "unify")
IMPURE = ("dagster", "sqlalchemy")


def test_nothing_is_named_as_a_drawer_for_everything() -> None:
    paths = [path.relative_to(ROOT) for path in python_files(*PACKAGES, "tests")]
    named = {str(path) for path in paths if DRAWERS & {*path.parts[:-1], path.stem}}
    assert named == NOT_A_DRAWER & {str(path) for path in paths}


def test_packages_only_say_what_lives_in_them() -> None:
    folders = {path.parent for path in python_files(*PACKAGES)}
    for folder in sorted(folders):
        text = (folder / "__init__.py").read_text()
        assert [type(node) for node in ast.parse(text).body] == [ast.Expr], shown(folder)
        assert ast.get_docstring(ast.parse(text)), shown(folder)


def test_every_module_says_what_lives_in_it() -> None:
    silent = [shown(path) for path in python_files(*PACKAGES) if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_the_stages_are_the_folders_of_assets_and_each_has_its_asset() -> None:
    folders = {path.name for path in (ROOT / "assets").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(STAGES)
    assert [stage for stage in STAGES if not (ROOT / "assets" / stage / "asset.py").exists()] == []


def pure_modules() -> list[Path]:
    return [path for path in python_files("assets") if path.name != "asset.py"]


@pytest.mark.parametrize("library", IMPURE)
def test_only_assets_know_dagster_and_nobody_in_a_stage_sqlalchemy(library: str) -> None:
    knowing = [
        shown(path)
        for path in pure_modules()
        if any(name == library or name.startswith(f"{library}.") for name in imports(path))
    ]
    assert knowing == []
