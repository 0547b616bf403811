"""JSON, Parquet and XLSX: types come from the file, values become text without loss."""

import datetime as dt
import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.errors import ConfigInvalid, RecordInvalid

Run = Callable[..., Any]
RECORDS = [
    {"Id": 1, "name": "Zoë", "amount": 1.5, "big": 12345678901234567890123, "on": True, "tags": ["a", "b"],
     "none": None},
    {"Id": 2, "name": 'quo"te\nline', "amount": 0.1, "on": False, "address": {"city": "Köln", "zip": "00123"},
     "a.b/c~d": "x"},
]  # fmt: skip
AS_TEXT = [
    {"Id": "1", "name": "Zoë", "amount": "1.5", "big": "12345678901234567890123", "on": "true", "tags": '["a","b"]',
     "none": None, "address": None, "a.b/c~d": None},
    {"Id": "2", "name": 'quo"te\nline', "amount": "0.1", "big": None, "on": "false", "tags": None,
     "none": None, "address": '{"city":"Köln","zip":"00123"}', "a.b/c~d": "x"},
]  # fmt: skip
AS_TYPES = {"Id": "integer", "name": "text", "amount": "double", "big": "double", "on": "boolean", "tags": "json",
            "none": "unknown", "address": "json", "a.b/c~d": "text"}  # fmt: skip
WRITTEN = {
    "s.jsonl": "\n".join(json.dumps(record, ensure_ascii=False) for record in RECORDS) + "\n\n",
    "s.ndjson": "\r\n".join(json.dumps(record) for record in RECORDS),
    "s.json": json.dumps(RECORDS, ensure_ascii=False, indent=2),
    "one-line.json": json.dumps(RECORDS),
    "lines.json": "\n".join(json.dumps(record) for record in RECORDS),
}


def types(reading: Any) -> dict[str, str]:
    return {field.name: field.type for field in reading.items[0].stream.fields}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", WRITTEN)
def test_json_comes_back_with_types_and_text(
    folder: Path, read_only_stream: Run, name: str, encoding: str, packed: bool
) -> None:
    data = WRITTEN[name].encode(encoding)
    (folder / (f"{name}.gz" if packed else name)).write_bytes(gzip.compress(data) if packed else data)
    reading = read_only_stream()
    assert reading.rows == AS_TEXT
    assert types(reading) == AS_TYPES


def test_a_field_that_first_appears_late_is_not_lost(folder: Path, read_only_stream: Run) -> None:
    lines = [json.dumps({"id": n}) for n in range(50_000)] + [json.dumps({"id": -1, "late": "x"})]
    (folder / "s.jsonl").write_text("\n".join(lines))
    reading = read_only_stream()
    assert len(reading.rows) == 50_001
    assert reading.rows[-1] == {"id": "-1", "late": "x"}


def test_json_lines_that_are_no_record_are_rejected_with_their_line(folder: Path, read_only_stream: Run) -> None:
    (folder / "s.jsonl").write_text('{"a":1}\n{broken\n\n[1,2]\n{"a":2,"A":3}\n{"a":4}\n')
    reading = read_only_stream()
    assert reading.rows == [{"a": "1"}, {"a": "4"}]
    assert reading.rejects == [
        (2, "{broken", "not valid JSON"),
        (4, "[1,2]", "not a JSON object"),
        (5, '{"a":2,"A":3}', "a name is given twice"),
    ]


def test_elements_of_an_array_that_are_no_objects_are_rejected(folder: Path, read_only_stream: Run) -> None:
    (folder / "s.json").write_text('[{"a":1}, 3, {"a":2}]')
    reading = read_only_stream()
    assert reading.rows == [{"a": "1"}, {"a": "2"}]
    assert reading.rejects == [(2, "3", "not a JSON object")]


def test_names_that_differ_by_case_are_one_field(folder: Path, read_only_stream: Run) -> None:
    (folder / "s.jsonl").write_text('{"Id":1}\n{"ID":2}\n{"id":3}\n')
    assert read_only_stream().rows == [{"Id": "1"}, {"Id": "2"}, {"Id": "3"}]


@pytest.mark.parametrize("text", ['[{"a":1},{"a":2', "[1,2,3]", "[]", "nonsense", '[{"a":1} {"a":2}]'])
def test_json_that_cannot_be_read_is_a_clear_error(folder: Path, files: Run, text: str) -> None:
    (folder / "s.json").write_text(text)
    with pytest.raises(RecordInvalid, match=r"s\.json") as caught:
        files().discover()
    assert caught.value.hint


def test_parquet_values_become_text_without_loss(folder: Path, read_only_stream: Run) -> None:
    berlin = dt.timezone(dt.timedelta(hours=2))
    table = pa.table({
        "i": pa.array([1, None], pa.int64()),
        "u": pa.array([2**64 - 1, 0], pa.uint64()),
        "d": pa.array([Decimal("1.10"), Decimal("-99999999999999999999999999999.000000001")], pa.decimal128(38, 9)),
        "f": pa.array([0.1, 1e300], pa.float64()),
        "f32": pa.array([0.1, 3.4e38], pa.float32()),
        "b": pa.array([True, False]),
        "s": pa.array(["00123", ""]),
        "day": pa.array([dt.date(2024, 2, 29), None]),
        "utc": pa.array([dt.datetime(2024, 6, 1, 14, 0, 0, 123456, berlin), None], pa.timestamp("us", "Europe/Berlin")),
        "ns": pa.array([1_717_243_200_123_456_789, None], pa.timestamp("ns")),
        "naive": pa.array([dt.datetime(2024, 6, 1, 12), None], pa.timestamp("ms")),
        "t": pa.array([dt.time(1, 2, 3, 4), None]),
        "bytes": pa.array([b"\x00\xff", None], pa.binary()),
        "list": pa.array([["a", None], []], pa.list_(pa.string())),
        "struct": pa.array([{"x": 1, "y": "z"}, None]),
    })  # fmt: skip
    pq.write_table(table, folder / "s.parquet")
    reading = read_only_stream()
    assert reading.rows[0] == {
        "i": "1", "u": "18446744073709551615", "d": "1.100000000", "f": "0.1", "f32": "0.1", "b": "true", "s": "00123",
        "day": "2024-02-29", "utc": "2024-06-01T12:00:00.123456+00:00", "ns": "2024-06-01T12:00:00.123456789",
        "naive": "2024-06-01T12:00:00", "t": "01:02:03.000004", "bytes": "AP8=", "list": '["a",null]',
        "struct": '{"x":1,"y":"z"}',
    }  # fmt: skip
    assert reading.rows[1]["d"] == "-99999999999999999999999999999.000000001"
    assert float(reading.rows[1]["f"]) == 1e300
    assert types(reading) == {
        "i": "integer", "u": "integer", "d": "decimal", "f": "double", "f32": "double", "b": "boolean", "s": "text",
        "day": "date", "utc": "timestamp", "ns": "timestamp", "naive": "timestamp", "t": "time", "bytes": "binary",
        "list": "json", "struct": "json",
    }  # fmt: skip


def test_parquet_names_that_differ_by_case_need_other_names(folder: Path, files: Run, read_only_stream: Run) -> None:
    pq.write_table(pa.table({"Id": [1], "ID": [2]}), folder / "s.parquet")
    with pytest.raises(RecordInvalid, match="'Id', 'ID'"):
        files().discover()
    assert read_only_stream(columns=["id", "other_id"]).rows == [{"id": "1", "other_id": "2"}]


def test_what_only_calls_itself_parquet_is_a_clear_error(folder: Path, files: Run) -> None:
    (folder / "s.parquet").write_bytes(b"not parquet at all")
    with pytest.raises(RecordInvalid, match=r"s\.parquet is not a readable Parquet file"):
        files().discover()


def workbook(path: Path, rows: list[list[Any]], sheet: str = "Data") -> None:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.create_sheet("Other").append(["x"])
    book.save(path)


def test_xlsx_cells_come_back_as_people_see_them(folder: Path, read_only_stream: Run) -> None:
    moment = dt.datetime(2024, 1, 31, 12, 30, 5)
    workbook(folder / "s.xlsx", [
        ["id", "day", "moment", "amount", "flag", "code", "clock", "mixed"],
        [1, dt.date(2024, 1, 31), moment, 1.1, True, "00123", dt.time(1, 2, 3), "n/a"],
        [None] * 8,
        [2, None, None, 1.1000000000000001, False, "x\ny & <z>", None, 7],
        [3, dt.date(1999, 12, 31), moment.replace(microsecond=500_000), -5, None, None, dt.time(23, 59, 59), None],
    ])  # fmt: skip
    reading = read_only_stream()
    assert reading.tuples == [
        ("1", "2024-01-31", "2024-01-31T12:30:05", "1.1", "true", "00123", "01:02:03", "n/a"),
        ("2", None, None, "1.1", "false", "x\ny & <z>", None, "7"),
        ("3", "1999-12-31", "2024-01-31T12:30:05.5", "-5", None, None, "23:59:59", None),
    ]
    assert types(reading) == {
        "id": "integer", "day": "date", "moment": "timestamp", "amount": "double", "flag": "boolean", "code": "text",
        "clock": "time", "mixed": "unknown",
    }  # fmt: skip


def test_an_xlsx_sheet_is_chosen_by_name(folder: Path, files: Run, read_only_stream: Run) -> None:
    workbook(folder / "s.xlsx", [["a"], ["1"]], sheet="It's")
    assert [f.name for f in read_only_stream(sheet="Other").items[0].stream.fields] == ["x"]
    assert read_only_stream().rows == [{"a": "1"}]
    with pytest.raises(ConfigInvalid, match="no sheet 'Nope'") as caught:
        files(sheet="Nope").discover()
    assert "Other" in caught.value.hint


@pytest.mark.parametrize("header", [["a", "A"], ["a", None, "b"]])
def test_an_xlsx_header_that_cannot_be_used_is_refused(folder: Path, files: Run, header: list[Any]) -> None:
    workbook(folder / "s.xlsx", [header, ["1", "2", "3"]])
    with pytest.raises(RecordInvalid, match=r"header of s\.xlsx"):
        files().discover()
