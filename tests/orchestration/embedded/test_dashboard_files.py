"""The dashboard is built where its sources changed, and only there; a failed build leaves the old one in place."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from orchestration.embedded.dashboard_files import DashboardNotBuilt, ensure_built, ensure_packages, node_command

# Stands where vite does: tells how often it was run, and with which Node.
BUILDER = """
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
const out = process.argv[process.argv.indexOf("--outDir") + 1];
appendFileSync("runs", `${process.version}\\n`);
if (existsSync("src/broken.ts")) { process.stderr.write("src/broken.ts: no such thing"); process.exit(1); }
mkdirSync(out, { recursive: true });
writeFileSync(`${out}/index.html`, readFileSync("src/main.ts"));
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small frontend whose packages are installed."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.ts").write_text("first")
    (tmp_path / "package.json").write_text(json.dumps({"name": "small", "type": "module"}))
    (tmp_path / "package-lock.json").write_text("{}")
    vite = tmp_path / "node_modules" / "vite" / "bin" / "vite.js"
    vite.parent.mkdir(parents=True)
    vite.write_text(BUILDER)
    stamp = hashlib.sha256(b"{}").hexdigest()
    (tmp_path / "node_modules" / ".installed-from").write_text(stamp)
    return tmp_path


def runs(folder: Path) -> int:
    path = folder / "runs"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_it_is_built_once_until_a_source_changes(folder: Path) -> None:
    said: list[str] = []
    for _ in range(2):
        ensure_built(said.append, folder)
    assert ((folder / "dist" / "index.html").read_text(), runs(folder)) == ("first", 1)
    assert said == ["Building the dashboard"]
    (folder / "src" / "main.ts").write_text("second")
    ensure_built(said.append, folder)
    assert ((folder / "dist" / "index.html").read_text(), runs(folder)) == ("second", 2)
    assert (folder / "runs").read_text().startswith("v24.")


def test_a_changed_test_builds_nothing(folder: Path) -> None:
    ensure_built(lambda _: None, folder)
    (folder / "src" / "main.test.ts").write_text("a test")
    ensure_built(lambda _: None, folder)
    assert runs(folder) == 1


def test_a_failed_build_says_why_and_leaves_the_old_one(folder: Path) -> None:
    ensure_built(lambda _: None, folder)
    (folder / "src" / "broken.ts").write_text("x")
    with pytest.raises(DashboardNotBuilt, match="no such thing"):
        ensure_built(lambda _: None, folder)
    assert (folder / "dist" / "index.html").read_text() == "first"


def test_several_at_once_build_once(folder: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(ensure_built, lambda _: None, folder) for _ in range(4)]:
            done.result()
    assert runs(folder) == 1


def test_packages_that_cannot_be_installed_are_told(folder: Path) -> None:
    (folder / "package-lock.json").write_text("not a lock file")
    with pytest.raises(DashboardNotBuilt, match="install the dashboard's packages"):
        ensure_packages(lambda _: None, folder)


def test_without_sources_there_is_nothing_to_do(tmp_path: Path) -> None:
    ensure_built(lambda _: None, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_programs_find_the_same_node_on_their_path() -> None:
    command, environment = node_command("--version")
    assert environment["PATH"].startswith(str(Path(command[0]).parent))
