"""`bench match` prints its figures beside matching by names alone, and a picture where one is wanted."""

import json
from pathlib import Path

import pytest

from orchestration.cli import main


def test_bench_match_prints_every_figure_with_its_limit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "curve.svg"
    # So few tasks may miss a limit; what counts here is what is printed.
    status = main(["bench", "match", "--json", "--tasks", "0.05", "--seed", "3", "--picture", str(picture)])
    printed = capsys.readouterr().out
    document, _ = json.JSONDecoder().raw_decode(printed)
    figures = {figure["name"]: figure for figure in document["figures"]}
    assert status == (0 if all(figure["holds"] for figure in document["figures"]) else 1)
    assert {name for name, figure in figures.items() if figure["limit"] is not None} == {
        "CRM/ERP: ECE", "CRM/ERP: auto-apply precision", "CRM/ERP: auto-apply coverage", "100 x 100 columns, warm",
    }  # fmt: skip
    for name in ("mean reciprocal rank", "recall at ground truth", "hit@1", "hit@5", "hit@20"):
        assert figures[f"CRM/ERP: {name}"]["value"] >= figures[f"CRM/ERP: {name}"]["baseline"]
    assert picture.read_text(encoding="utf-8").startswith("<svg")


def test_a_folder_that_holds_no_set_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "match", "--tasks", "0.01", "--mimic", str(tmp_path)]) == 1
    assert "Mapping" in capsys.readouterr().err
