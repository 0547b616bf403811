"""A play changes files as they are written, and leaves alone what it cannot write."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.files.config import Dialect, StreamConfig
from orchestration.drift_play.sources.running import MARK, NotForPlay, RunningFolder
from orchestration.drift_play.streams import Column, Record, WorldStream
from orchestration.drift_play.words import Style


def column(name: str, fact: str) -> Column:
    return Column(name, (fact,), "text", lambda values: values[fact])


BEFORE = [column("Id", "account_id"), column("Stadt", "billing_city")]


def world(columns: list[Column]) -> WorldStream:
    records = {"1": Record({"account_id": "1", "billing_city": "Köln"}, datetime(2026, 1, 1, tzinfo=UTC))}
    return WorldStream("accounts", "account", 1, next(iter(Style)), "Id", columns=columns, records=records)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / MARK).touch()
    return tmp_path


def test_encoding_and_marks_of_the_file_stay(folder: Path) -> None:
    path = folder / "accounts.csv"
    path.write_bytes("Id;Stadt;Rest\n1;Köln;übrig\n2;Zürich;\n".encode("cp1252"))
    layout = StreamConfig(name="accounts", pattern="*.csv", encoding="cp1252", dialect=Dialect(delimiter=";"))
    renamed = [BEFORE[0], replace(BEFORE[1], name="Ort")]
    RunningFolder(folder, folder, {"accounts": layout}).show(world(renamed), BEFORE)
    assert path.read_bytes().decode("cp1252").split() == ["Id;Ort;Rest", "1;Köln;übrig", "2;Zürich;"]


@pytest.mark.parametrize(
    ("name", "more"),
    [("accounts.parquet", {}), ("accounts.csv", {"columns": ("a", "b")}), ("accounts.csv.gz", {})],
    ids=["not a text", "no header", "packed"],
)
def test_a_file_that_is_no_plain_text_with_a_header_is_left_alone(
    folder: Path, name: str, more: dict[str, object]
) -> None:
    (folder / name).write_bytes(b"Id,Stadt\n1,x\n")
    layout = StreamConfig(name="accounts", pattern="accounts*", **more)  # type: ignore[arg-type]
    with pytest.raises(NotForPlay, match="plain delimited text"):
        RunningFolder(folder, folder, {"accounts": layout}).show(world(BEFORE), BEFORE)
    assert (folder / name).read_bytes() == b"Id,Stadt\n1,x\n"


def test_a_folder_that_nobody_marked_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(NotForPlay, match="left alone"):
        RunningFolder(tmp_path / "home", tmp_path, {})
