"""`doctor` on an installation that does not run, and `test` passing pytest's verdict on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.resources.settings import REPOSITORY


def _run(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        env=os.environ | {"AUTONOMOS_HOME": str(home)},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_doctor_tells_what_is_known_while_nothing_runs(tmp_path: Path) -> None:
    done = _run(tmp_path, "doctor", "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert (told["phase"], told["processes"], told["problems"], told["last_errors"]) == ("stopped", [], [], [])
    assert told["versions"]["duckdb"] is not None
    assert told["versions"]["postgres"] is None
    assert told["migrations"]["head"]
    assert told["disk"]["free_mb"] > 0


def test_doctor_names_the_last_failure_and_fails(tmp_path: Path) -> None:
    state = {"phase": "failed", "error": "code-server ended", "ports": {}, "processes": {}, "supervisor": None}
    (tmp_path / "state.json").write_text(json.dumps(state))
    done = _run(tmp_path, "doctor")
    assert done.returncode == 1
    assert "the last start failed: code-server ended" in done.stdout


@pytest.mark.parametrize(("body", "status", "last"), [("pass", 0, "1 passed"), ("assert False", 1, "1 failed")])
def test_arguments_run_pytest_alone_with_its_verdict(tmp_path: Path, body: str, status: int, last: str) -> None:
    (tmp_path / "test_one.py").write_text(f"def test_one():\n    {body}\n")
    done = _run(tmp_path, "test", str(tmp_path / "test_one.py"), "-p", "no:cacheprovider")
    assert done.returncode == status
    assert last in done.stdout.splitlines()[-1]
    assert "== pytest" in done.stderr
    assert "== mypy" not in done.stderr
