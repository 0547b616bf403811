"""The sets of the matcher's bench are the same in every process, and what is measured was never fitted."""

import csv
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.bench.matching.concepts import SPLITS, read_dictionary, read_generic
from orchestration.bench.matching.given_set import GivenSetUnreadable, read_given_set
from orchestration.bench.matching.styles import STYLES
from orchestration.bench.matching.tasks import Task, make_tasks, make_wide_task
from orchestration.resources.settings import REPOSITORY

_DIGEST = (
    "import hashlib\nfrom orchestration.bench.matching.tasks import make_tasks\n"
    "print(hashlib.sha256(repr([(t.kind, t.sources, t.targets, sorted(t.truth)) "
    "for t in make_tasks('other', 4, 5)]).encode()).hexdigest())"
)


def test_a_seed_gives_the_same_sets_in_another_process() -> None:
    tasks = [(t.kind, t.sources, t.targets, sorted(t.truth)) for t in make_tasks("other", 4, 5)]
    here = hashlib.sha256(repr(tasks).encode()).hexdigest()
    there = subprocess.run(
        [sys.executable, "-c", _DIGEST], capture_output=True, text=True, cwd=REPOSITORY, check=True,
        env={"PYTHONHASHSEED": "77", "PATH": ""},
    )  # fmt: skip
    assert there.stdout.strip() == here


def test_another_seed_gives_other_sets() -> None:
    assert make_tasks("other", 2, 1) != make_tasks("other", 2, 2)


def test_splits_share_no_trade_no_style_and_no_generic_column() -> None:
    trades = [{table.trade for table in read_dictionary(split)} for split in SPLITS]
    styles = [{(s.words, s.case, s.shorten, s.prefix, s.most) for s in STYLES[split]} for split in SPLITS[:2]]
    described = [{d for concept in read_generic(split) for d in concept.descriptions} for split in SPLITS]
    for sets in (trades, styles, described):
        assert sum(map(len, sets)) == len(set.union(*sets))


def test_every_concept_has_several_names_and_two_wordings() -> None:
    for split in SPLITS:
        for table in read_dictionary(split):
            assert len(table.concepts) >= 8
            for concept in table.concepts:
                assert concept.names and concept.descriptions[0] != concept.descriptions[1]


@pytest.mark.parametrize("split", SPLITS)
def test_names_are_unique_in_a_table_and_truth_points_at_columns(split: str) -> None:
    for task in make_tasks(split, 12, 3):
        assert all(s < len(task.sources) and t < len(task.targets) for s, t in task.truth)
        if task.kind not in ("vendors", "databases"):
            for side in (task.sources, task.targets):
                assert len({column.name.lower() for column in side}) == len(side)


def test_a_wide_task_has_the_columns_asked_for_and_each_has_a_counterpart() -> None:
    task = make_wide_task(60, 1)
    assert (len(task.sources), len(task.targets)) == (60, 60)
    assert task.matched_sources == frozenset(range(60))


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def _schema(table: str, *columns: str) -> list[dict[str, str]]:
    return [
        {"TableName": table, "TableDesc": "", "ColumnName": name, "ColumnDesc": f"the {name}", "ColumnType": "INT",
         "IsPK": "NO"}
        for name in columns
    ]  # fmt: skip


def test_a_given_set_is_read_with_its_truth_and_its_sides_told_apart(tmp_path: Path) -> None:
    _write(tmp_path / "B_Schema.csv", _schema("LEFT", "a", "b"))
    _write(tmp_path / "A_Schema.csv", _schema("RIGHT", "x", "y"))
    pairs = [("LEFT", "A", "RIGHT", "y"), ("LEFT", "b", "NA", "NA")]
    names = ("SRC_ENT", "SRC_ATT", "TGT_ENT", "TGT_ATT")
    _write(tmp_path / "The_Mapping.csv", [dict(zip(names, pair, strict=True)) for pair in pairs])
    task: Task = read_given_set(tmp_path)
    assert [column.qualified for column in task.sources] == ["LEFT.a", "LEFT.b"]
    assert task.truth == frozenset({(0, 1)})


def test_a_folder_without_a_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GivenSetUnreadable, match="Mapping"):
        read_given_set(tmp_path)
