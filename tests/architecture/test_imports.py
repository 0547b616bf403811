"""Who may import whom, as the contracts in pyproject.toml say; each of them catches what it is there to catch."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source_tree import PACKAGES, ROOT

LINTER = Path(sys.executable).with_name("lint-imports")


def lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Check the packages in this folder against the contracts in its pyproject.toml."""
    return subprocess.run([LINTER, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the packages and their contracts, to spoil."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=lambda _, names: [n for n in names if n == "__pycache__"]
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_is_kept() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "statement", "contract"),
    [
        ("connectors/keys.py", "import orchestration.resources.settings", "Connectors know sources"),
        ("connectors/keys.py", "import sqlalchemy", "Connectors know sources"),
        ("orchestration/control_plane/plant.py", "import orchestration.resources.lake", "Tiers"),
        ("orchestration/control_plane/plant.py", "import dagster", "The control plane knows no Dagster"),
        ("orchestration/resources/plant.py", "import assets.normalize.model", "Tiers"),
        ("orchestration/partitions.py", "import orchestration.jobs", "Tiers"),
        ("assets/unify/plant.py", "import orchestration.definitions", "Tiers"),
        ("assets/extract/plant.py", "import assets.mapping.rules", "Stages"),
        ("assets/mapping/plant.py", "import assets.normalize.compile", "Stages"),
        ("assets/normalize/reading.py", "import orchestration.resources.lake", "The canonical model is a leaf"),
        ("api/plant.py", "import dagster", "The API never loads Dagster"),
        ("api/plant.py", "import orchestration.sensors", "The API never loads Dagster"),
        ("orchestration/jobs.py", "import orchestration.cli", "Tiers"),
    ],
)
def test_a_planted_violation_is_caught(copy: Path, module: str, statement: str, contract: str) -> None:
    with (copy / module).open("a") as file:
        file.write(f"\n{statement}\n")
    result = lint(copy)
    assert result.returncode == 1, result.stdout
    broken = [line for line in result.stdout.splitlines() if "BROKEN" in line]
    assert any(line.startswith(contract) for line in broken), result.stdout


def test_every_stage_may_import_the_canonical_model(copy: Path) -> None:
    for stage in ("extract", "fingerprint", "knowledge", "mapping", "resolve", "unify"):
        (copy / "assets" / stage / "plant.py").write_text("import assets.normalize.model\n")
    result = lint(copy)
    assert result.returncode == 0, result.stdout


def test_every_module_has_its_tier() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    tiers = next(contract for contract in contracts if contract["name"].startswith("Tiers"))["layers"]
    named = {name.strip() for layer in tiers for part in layer.split("|") for name in part.split(":")}
    children = [path for path in (ROOT / "orchestration").iterdir() if path.name not in ("__init__.py", "__pycache__")]
    missing = {f"orchestration.{path.stem}" for path in children if path.suffix in ("", ".py")} - named
    assert missing == set(), "name their tier in pyproject.toml, [tool.importlinter]"
