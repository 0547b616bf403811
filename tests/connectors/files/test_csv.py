"""Delimited text: every encoding, delimiter and quoting comes back exactly; what cannot be read is rejected."""

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import RecordInvalid

Run = Callable[..., Any]
ROWS = [
    ("1", "Zoë Müller", 'said "yes, no"; maybe\tso', ""),
    ("2", "François", "two\nlines", "x"),
    ("3", "Åse", "a,b;c|d\te", "'quoted'"),
    ("4", "plain", "50%", "0007"),
]


def written(rows: list[tuple[str, ...]], **dialect: Any) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, **{"lineterminator": "\n", **dialect})
    writer.writerow(["id", "name", "note", "code"])
    writer.writerows(rows)
    return text.getvalue()


def expected(rows: list[tuple[str, ...]]) -> list[tuple[str | None, ...]]:
    return [tuple(cell or None for cell in row) for row in rows]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "\x1f", "~"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"])
def test_every_encoding_and_delimiter_comes_back_exactly(
    folder: Path, read_only_stream: Run, encoding: str, delimiter: str, packed: bool
) -> None:
    data = written(ROWS, delimiter=delimiter).encode(encoding)
    (folder / ("s.csv.gz" if packed else "s.csv")).write_bytes(gzip.compress(data) if packed else data)
    reading = read_only_stream()
    assert list(reading.rows[0]) == ["id", "name", "note", "code"]
    assert reading.tuples == expected(ROWS)
    assert reading.rejects == []


@pytest.mark.parametrize(
    "encoding", ["latin-1", "cp1252", "iso8859-15", "cp1251", "shift_jis", "cp932", "gb18030", "big5"]
)
def test_a_declared_encoding_is_used(folder: Path, read_only_stream: Run, encoding: str) -> None:
    samples = {"cp1251": "Привет", "shift_jis": "表ソ能力", "cp932": "①表ソ", "gb18030": "汉字𠀀", "big5": "許功蓋"}
    rows = [("1", samples.get(encoding, "naïve é"), "a,b", "c")]
    (folder / "s.csv").write_bytes(written(rows).encode(encoding))
    assert read_only_stream(encoding=encoding).tuples == rows


def test_shift_jis_is_found_without_being_declared(folder: Path, read_only_stream: Run) -> None:
    rows = [("1", "株式会社テスト", "東京　ソフト", "x")]
    (folder / "s.csv").write_bytes(written(rows).encode("shift_jis"))
    assert read_only_stream().tuples == rows


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("final", [True, False], ids=["final-newline", "no-final-newline"])
def test_line_breaks_inside_quotes_survive_any_line_end(
    folder: Path, read_only_stream: Run, end: str, final: bool
) -> None:
    rows = [("1", "a\nb", "c\r\nd", "e\rf"), ("2", "\n", "x\r", "z")]
    text = written(rows, lineterminator=end, quoting=csv.QUOTE_ALL)
    (folder / "s.csv").write_bytes((text if final else text.removesuffix(end)).encode())
    assert read_only_stream().tuples == rows


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_mixed_line_ends_are_read_as_lines(folder: Path, read_only_stream: Run, packed: bool) -> None:
    data = b'a,b\r\n1,"x\r\ny"\n2,"p\nq"\r\n3,stray"quote\r4,z'
    (folder / ("s.csv.gz" if packed else "s.csv")).write_bytes(gzip.compress(data) if packed else data)
    reading = read_only_stream()
    assert reading.tuples == [("1", "x\r\ny"), ("2", "p\nq"), ("3", 'stray"quote'), ("4", "z")]
    assert reading.rejects == []


def test_an_empty_cell_is_null_and_a_quoted_empty_cell_is_a_text(folder: Path, read_only_stream: Run) -> None:
    (folder / "s.csv").write_text('a,b\n,""\n"",\n')
    assert read_only_stream().tuples == [(None, ""), ("", None)]


def test_text_that_looks_like_something_else_stays_text(folder: Path, read_only_stream: Run) -> None:
    (folder / "s.csv").write_text("a,b,c,d\n00123,NULL, 1 ,true\nnan,\\N,#5,2024-01-01\n")
    assert read_only_stream().tuples == [("00123", "NULL", " 1 ", "true"), ("nan", "\\N", "#5", "2024-01-01")]


def test_quotes_of_other_kinds_are_found(folder: Path, read_only_stream: Run) -> None:
    (folder / "s.csv").write_text("id;note\n1;'a;b'\n2;'it''s'\n3;plain\n")
    assert read_only_stream().tuples == [("1", "a;b"), ("2", "it's"), ("3", "plain")]


def test_backslash_escapes_are_found(folder: Path, read_only_stream: Run) -> None:
    (folder / "s.csv").write_text('id,note\n1,"say \\"hi\\", ok"\n2,"plain, too"\n3,"c:\\\\dir"\n')
    assert read_only_stream().tuples == [("1", 'say "hi", ok'), ("2", "plain, too"), ("3", "c:\\dir")]


def test_a_declared_dialect_of_several_letters(folder: Path, read_only_stream: Run) -> None:
    (folder / "s.txt").write_text("a||b\n1|x||2\n")
    dialect = {"delimiter": "||", "quote": "", "escape": ""}
    assert read_only_stream(format="csv", dialect=dialect).tuples == [("1|x", "2")]


def test_ragged_lines_are_rejected_with_line_raw_text_and_reason(folder: Path, read_only_stream: Run) -> None:
    (folder / "s.csv").write_text('a,b,c\n1,2,3\n1,2\n4,5,6\n1,2,3,4\n7,"8" x,9\n"x\ny",5,6\n')
    reading = read_only_stream()
    assert reading.tuples == [("1", "2", "3"), ("4", "5", "6"), ("x\ny", "5", "6")]
    assert [(line, raw) for line, raw, _ in reading.rejects] == [(3, "1,2"), (5, "1,2,3,4"), (6, '7,"8" x,9')]
    assert [reason.split(":")[0] for _, _, reason in reading.rejects] == [
        "MISSING COLUMNS",
        "TOO MANY COLUMNS",
        "UNQUOTED VALUE",
    ]


def test_every_line_is_either_read_or_rejected_once(folder: Path, read_only_stream: Run) -> None:
    lines = [f"{n},x,y" if n % 7 else f"{n},x,y,z,\xff" for n in range(20_000)]
    (folder / "s.csv").write_bytes(("a,b,c\n" + "\n".join(lines) + "\n").encode("latin-1"))
    reading = read_only_stream(encoding="utf-8")
    assert len(reading.rows) + len(reading.rejects) == 20_000
    assert len({line for line, _, _ in reading.rejects}) == len(reading.rejects) == len(range(0, 20_000, 7))


def test_rejects_are_right_beyond_one_read_buffer_and_with_several_threads(folder: Path, read_only_stream: Run) -> None:
    filler = "y" * 500
    lines = [f"{n},{filler}" if n % 10_000 else f"{n},1,2" for n in range(80_000)]
    (folder / "s.csv").write_text("a,b\n" + "\n".join(lines) + "\n")
    reading = read_only_stream()
    assert len(reading.rows) == 80_000 - 8
    assert [line for line, _, _ in reading.rejects] == [n + 2 for n in range(0, 80_000, 10_000)]


def test_a_ragged_file_never_becomes_one_column(folder: Path, read_only_stream: Run) -> None:
    lines = ["a,b,c", *("1,2" if n % 3 else "1,2,3" for n in range(60))]
    (folder / "s.csv").write_text("\n".join(lines) + "\n")
    reading = read_only_stream()
    assert [field.name for field in reading.items[0].stream.fields] == ["a", "b", "c"]
    assert (len(reading.rows), len(reading.rejects)) == (20, 40)


def test_a_header_without_rows_is_an_empty_stream(folder: Path, read_only_stream: Run) -> None:
    (folder / "s.csv").write_text("id,name")
    reading = read_only_stream()
    assert [field.name for field in reading.items[0].stream.fields] == ["id", "name"]
    assert reading.rows == []


def test_blank_lines_before_the_header_are_skipped(folder: Path, read_only_stream: Run) -> None:
    (folder / "s.csv").write_text("\n\n\nid,name\n1,x\n")
    assert read_only_stream().rows == [{"id": "1", "name": "x"}]


def test_declared_lines_before_the_header_are_skipped(folder: Path, read_only_stream: Run) -> None:
    (folder / "s.csv").write_text('Report of "May\ncreated today\nid,name\n1,x\n')
    assert read_only_stream(dialect={"skip_lines": 2}).rows == [{"id": "1", "name": "x"}]


def test_a_file_of_numbers_has_no_header(folder: Path, read_only_stream: Run) -> None:
    (folder / "s.csv").write_text("1,2.5\n2,3.5\n")
    assert read_only_stream().rows == [{"column_1": "1", "column_2": "2.5"}, {"column_1": "2", "column_2": "3.5"}]


def test_a_single_column_is_read_whole(folder: Path, read_only_stream: Run) -> None:
    (folder / "s.csv").write_text("name\nSmith, John\nDoe; Jane\n")
    assert read_only_stream().tuples == [("Smith, John",), ("Doe; Jane",)]


@pytest.mark.parametrize(
    ("header", "named"), [("id,name,name", "'name', 'name'"), ("id,Name,NAME", "'Name', 'NAME'"), ("id,,x", "column 2")]
)
def test_a_header_that_cannot_be_used_names_the_columns_and_the_way_out(
    folder: Path, files: Run, read_only_stream: Run, header: str, named: str
) -> None:
    (folder / "s.csv").write_text(f"{header}\n1,2,3\n")
    with pytest.raises(RecordInvalid, match=named) as caught:
        files().discover()
    assert "`columns`" in caught.value.hint
    assert read_only_stream(columns=["a", "b", "c"]).rows == [{"a": "1", "b": "2", "c": "3"}]


def test_a_header_of_another_width_than_its_rows_is_refused(folder: Path, files: Run) -> None:
    (folder / "s.csv").write_text("a,b\n1,2,3,4\n5,6,7,8\n")
    with pytest.raises(RecordInvalid, match=r"header of s\.csv has 2 columns, its rows have 4"):
        files(dialect={"delimiter": ","}).discover()


def test_a_file_in_another_dialect_than_pinned_is_refused(folder: Path, files: Run, read: Run) -> None:
    (folder / "s_1.csv").write_text("id,name\n1,x\n")
    connector = type(files())(files().pin())
    (stream,) = connector.discover()
    (folder / "s_2.csv").write_text("id;name\n2;y\n")
    with pytest.raises(RecordInvalid, match=r"s_2\.csv is delimited by ';'"):
        read(connector, stream)


def test_names_of_columns_and_files_may_hold_anything(folder: Path, read_only_stream: Run) -> None:
    (folder / "it's [odd]*?.csv").write_text('"a""b",c\'d,"e.f",\U0001f600\n1,2,3,4\n')
    assert read_only_stream().rows == [{'a"b': "1", "c'd": "2", "e.f": "3", "\U0001f600": "4"}]


def test_folders_named_like_partitions_add_no_columns(folder: Path, read_only_stream: Run) -> None:
    (folder / "year=2026").mkdir()
    (folder / "year=2026" / "s.csv").write_text("a,b\n1,2\n")
    assert read_only_stream().rows == [{"a": "1", "b": "2"}]
