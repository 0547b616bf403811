"""Nothing outside the connection's folder is ever read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ConfigInvalid
from connectors.registry import connector_for

Run = Callable[..., Any]


@pytest.mark.parametrize("pattern", ["../*.csv", "a/../../x.csv", "/etc/passwd", "*.csv|../x.csv", ""])
def test_a_pattern_that_leads_out_is_refused(folder: Path, pattern: str) -> None:
    with pytest.raises(ConfigInvalid, match=r"streams\.0\.pattern"):
        connector_for("files", {"path": str(folder), "streams": [{"name": "s", "pattern": pattern}]})


def test_a_link_to_a_file_outside_is_refused(folder: Path, tmp_path: Path, files: Run) -> None:
    (tmp_path / "secret.csv").write_text("password\nhunter2\n")
    (folder / "s.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(ConfigInvalid, match=r"s\.csv leads outside") as caught:
        files().discover()
    assert str(tmp_path / "secret.csv") not in str(caught.value)


def test_a_link_to_a_folder_outside_is_not_followed(folder: Path, tmp_path: Path, files: Run) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.csv").write_text("password\nhunter2\n")
    (folder / "inner").symlink_to(tmp_path / "elsewhere")
    (folder / "s.csv").write_text("a\n1\n")
    assert [stream.name for stream in files().discover()] == ["s"]


def test_a_link_inside_the_folder_is_followed(folder: Path, files: Run) -> None:
    (folder / "real.csv").write_text("a\n1\n")
    (folder / "link.csv").symlink_to("real.csv")
    assert [stream.name for stream in files().discover()] == ["link", "real"]


def test_a_link_that_leads_nowhere_is_named(folder: Path, files: Run) -> None:
    (folder / "s.csv").symlink_to("gone.csv")
    with pytest.raises(ConfigInvalid, match=r"s\.csv does not exist"):
        files().check()


def test_the_operators_roots_bind_the_path(folder: Path, tmp_path: Path) -> None:
    (folder / "s.csv").write_text("a\n1\n")
    connector_for("files", {"path": str(folder), "allowed_roots": [str(tmp_path)]}).check()
    for path in (folder, folder / "s.csv", folder / "*.csv"):
        with pytest.raises(ConfigInvalid, match="leads outside"):
            connector_for("files", {"path": str(path), "allowed_roots": [str(tmp_path / "other")]}).check()


def test_hidden_locked_and_half_written_files_are_passed_over(folder: Path, files: Run) -> None:
    for name in ("s.csv", ".hidden.csv", "~$s.xlsx", "s.csv.part", "t.csv.tmp"):
        (folder / name).write_text("a\n1\n")
    assert [stream.name for stream in files().discover()] == ["s"]


@pytest.mark.parametrize("path", ["s_1.csv", "*.csv", "s_[12].csv", "2026/*/s.csv", "**/*.csv"])
def test_a_path_may_be_a_file_or_a_glob(folder: Path, files: Run, path: str) -> None:
    (folder / "2026" / "01").mkdir(parents=True)
    for name in ("s_1.csv", "s_2.csv", "2026/01/s.csv"):
        (folder / name).write_text("a\n1\n")
    assert [stream.name for stream in files(path=folder / path).discover()] == ["s"]
