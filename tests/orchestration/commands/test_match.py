"""`autonomos match`: its JSON, its table, and what it says of files it cannot use."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from orchestration.commands.errors import CommandFailed
from orchestration.commands.match import match

app = typer.Typer()
app.command()(match)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A CSV with values and a JSON list of columns."""
    source, target = tmp_path / "source.csv", tmp_path / "target.json"
    source.write_text("CustName,Telefon,zip\nAnn,+49 151 12345,10115\nBob,+49 151 54321,80331\n", encoding="utf-8")
    columns = [{"name": "postal_code"}, {"name": "phone", "description": "Number to call"}, {"name": "customer_name"}]
    target.write_text(json.dumps(columns), encoding="utf-8")
    return source, target


def _run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize("more", [[], ["--no-embeddings"]], ids=["with", "without"])
def test_every_source_column_has_ranked_targets(files: tuple[Path, Path], more: list[str]) -> None:
    answer = _run("--source", files[0], "--target", files[1], "--json", *more)
    assert answer.exit_code == 0
    matches = json.loads(answer.stdout)["matches"]
    assert [set(one) for one in matches] == [{"source", "target", "probability", "rank", "evidence"}] * 9
    assert [(one["source"], one["rank"]) for one in matches] == [
        (source, rank) for source in ("CustName", "Telefon", "zip") for rank in (1, 2, 3)
    ]
    best = {one["source"]: one["target"] for one in matches if one["rank"] == 1}
    assert best == {"CustName": "customer_name", "Telefon": "phone", "zip": "postal_code"}
    assert all(isinstance(reason, str) for one in matches for reason in one["evidence"])


def test_fewer_targets_on_request_and_a_table_for_people(files: tuple[Path, Path]) -> None:
    answer = _run("--source", files[0], "--target", files[1], "--top", 1)
    assert answer.exit_code == 0
    assert answer.stdout.count("Telefon") == 1
    assert "phone" in answer.stdout


@pytest.mark.parametrize(
    ("content", "says"),
    [("", "is empty"), ("a,a\n1,2\n", "more than one column named 'a'"), (None, "There is no file")],
)
def test_a_file_it_cannot_use_is_a_sentence_with_advice(tmp_path: Path, content: str | None, says: str) -> None:
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    answer = _run("--source", path, "--target", path, "--json")
    assert isinstance(answer.exception, CommandFailed)
    assert says in str(answer.exception)
    assert answer.exception.code == "columns_unreadable"
