"""Columns read from files: names exactly as there, values as figures, and a sentence for every bad file."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.mapping.matching.files import ColumnsUnreadable, read_columns
from assets.mapping.matching.matcher import match


def _write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        "Name;Größe;Ort\nAnn;1,5;Berlin\nBob;2,5;Paris\n".encode("cp1252"),
        "\ufeffName;Größe;Ort\r\nAnn;1,5;Berlin\r\nBob;2,5;Paris\r\n".encode(),
        "Name\tGröße\tOrt\nAnn\t1,5\tBerlin\nBob\t2,5\tParis".encode("utf-16"),
        '"Name","Größe","Ort"\n"Ann","1,5","Berlin"\n"Bob","2,5"'.encode(),
    ],
    ids=["windows", "bom", "utf16-tabs", "short-row"],
)
def test_a_csv_is_read_however_it_is_written(tmp_path: Path, content: bytes) -> None:
    columns = read_columns(_write(tmp_path, "a.csv", content))
    assert [column.name for column in columns] == ["Name", "Größe", "Ort"]
    assert columns[0].sketch is not None
    assert (columns[0].sketch.rows, columns[0].sketch.distinct) == (2, 2)
    assert columns[1].profile is not None
    assert columns[1].profile.classes == {"decimal_comma": 2}


def test_a_parquet_keeps_its_types_and_names(tmp_path: Path) -> None:
    table = pa.table(
        {"Id": [1, 2], 'odd "name"': ["x", None], "tags": [["a"], []], "at": pa.array([0, 1], pa.date32())}
    )
    pq.write_table(table, tmp_path / "a.parquet")
    columns = read_columns(tmp_path / "a.parquet")
    assert [(c.name, c.type) for c in columns] == [
        ("Id", "BIGINT"), ('odd "name"', "VARCHAR"), ("tags", "VARCHAR[]"), ("at", "DATE"),
    ]  # fmt: skip
    assert columns[1].sketch is not None
    assert columns[1].sketch.nulls == 1


@pytest.mark.parametrize(
    ("document", "named"),
    [
        (["a", "b"], ["a", "b"]),
        ([{"name": "a", "type": "text"}], ["a"]),
        ({"columns": [{"name": "a", "values": [1, None, True, {"x": 1}]}]}, ["a"]),
        (
            {"tables": [{"name": "t", "columns": [{"name": "a"}]}, {"name": "u", "columns": [{"name": "a"}]}]},
            ["t.a", "u.a"],
        ),
        ([{"name": "a", "table": "t"}, {"name": "a", "table": "u"}], ["t.a", "u.a"]),
    ],
    ids=["names", "list", "columns", "tables", "flat-tables"],
)
def test_every_form_of_json_is_read(tmp_path: Path, document: object, named: list[str]) -> None:
    columns = read_columns(_write(tmp_path, "a.json", json.dumps(document)))
    assert [column.qualified for column in columns] == named


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "1,2\n3,4\n", "holds values, not names"),
        ("a.csv", "id,id\n1,2\n", "more than one column named 'id'"),
        ("a.csv", "id,,b\n1,2,3\n", "Column 2 of a.csv has no name"),
        ("a.csv", b"\x00\x01\x02\x00" * 50, "is no text file"),
        ("a.parquet", "no parquet", "is no readable Parquet file"),
        ("a.json", "{", "is no JSON document"),
        ("a.json", "[" * 100_000, "is no JSON document"),
        ("a.json", "{}", "holds no list of columns"),
        ("a.json", "[]", "holds no columns"),
        ("a.json", "[1]", "Column 1 of a.json has no name"),
        ("a.json", '[{"name": ""}]', "has no name"),
        ("a.json", '["a", "a"]', "more than one column named 'a'"),
        ("a.json", json.dumps([f"c{at}" for at in range(5001)]), "holds 5,001 columns"),
        ("a.xml", "<a/>", "none of .csv, .parquet and .json"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) and len(value) < 60 else "content",
)
def test_a_bad_file_gets_a_sentence(tmp_path: Path, name: str, content: str | bytes, says: str) -> None:
    with pytest.raises(ColumnsUnreadable) as caught:
        read_columns(_write(tmp_path, name, content))
    assert says in caught.value.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ColumnsUnreadable, match=r"no file .*nowhere\.csv"):
        read_columns(tmp_path / "nowhere.csv")


def test_columns_of_nulls_and_constants_and_a_header_alone_are_columns(tmp_path: Path) -> None:
    columns = read_columns(_write(tmp_path, "a.csv", "empty,always\n" + ",x\n" * 50))
    assert columns[0].sketch is None
    assert columns[1].sketch is not None
    assert columns[1].sketch.distinct == 1
    assert [column.name for column in read_columns(_write(tmp_path, "b.csv", "one,two\n"))] == ["one", "two"]


def test_values_find_what_names_hide(tmp_path: Path, csv_of: Callable[[dict[str, list[str]]], str]) -> None:
    cities = ["Berlin", "Paris", "Rome", "Oslo", "Madrid", "Vienna"]
    codes = ["10115", "75001", "00118", "01501", "28001", "10100"]
    mails = [f"{city.lower()}@example.org" for city in cities]
    source = _write(tmp_path, "s.csv", csv_of({"f1": cities, "f2": codes, "f3": mails}))
    target = _write(tmp_path, "t.csv", csv_of({"c": codes, "a": mails, "b": cities}))
    found = match(read_columns(source), read_columns(target))
    assert {one.source: one.target for one in found if one.rank == 1} == {"f1": "b", "f2": "c", "f3": "a"}


@pytest.fixture
def csv_of() -> Callable[[dict[str, list[str]]], str]:
    def write(columns: dict[str, list[str]]) -> str:
        rows = [",".join(columns), *(",".join(row) for row in zip(*columns.values(), strict=True))]
        return "\n".join(rows) + "\n"

    return write
