"""What is broken, hostile or too big gets a clear error that names the stream and the way out."""

import gzip
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ConfigInvalid, ConnectorError, PermissionMissing, RecordInvalid, StreamError
from connectors.files.connector import FilesConnector
from connectors.registry import connector_for

Run = Callable[..., Any]


def failure(files: Run, **options: Any) -> ConnectorError:
    """The error of discovering the folder, which must say where and what to do."""
    with pytest.raises(ConnectorError) as caught:
        files(**options).discover()
    assert caught.value.stream == "s"
    assert caught.value.hint
    assert str(caught.value).startswith("Stream 's': ")
    return caught.value


@pytest.mark.parametrize("name", ["s.csv", "s.json", "s.jsonl", "s.parquet", "s.xlsx", "s.csv.gz"])
def test_a_file_of_no_bytes_is_refused(folder: Path, files: Run, name: str) -> None:
    (folder / name).touch()
    assert "is empty" in str(failure(files))


def test_an_archive_of_nothing_is_refused(folder: Path, files: Run) -> None:
    (folder / "s.csv.gz").write_bytes(gzip.compress(b""))
    assert "empty once unpacked" in str(failure(files))


@pytest.mark.parametrize("text", ["\n\n\n", "\ufeff"])
def test_a_file_of_nothing_but_blank_lines_has_no_header(folder: Path, files: Run, text: str) -> None:
    (folder / "s.csv").write_text(text, encoding="utf-8")
    assert "no header" in str(failure(files))


@pytest.mark.parametrize("name", ["s.csv.gz", "s.jsonl.gz"])
def test_a_gzip_bomb_is_stopped_by_what_comes_out(folder: Path, files: Run, name: str) -> None:
    line = b"a,b\n" if "csv" in name else b'{"a":1}\n'
    (folder / name).write_bytes(gzip.compress(line * 4_000_000, 9))
    assert "limits.max_ratio" in failure(files).hint


def test_a_bomb_of_several_members_is_stopped(folder: Path, files: Run) -> None:
    (folder / "s.csv.gz").write_bytes(gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n" * 4_000_000, 9))
    assert "limits.max_ratio" in failure(files).hint


def test_the_unpacked_size_is_limited_without_a_ratio(folder: Path, files: Run) -> None:
    (folder / "s.csv.gz").write_bytes(gzip.compress(b"a,b\n" + os.urandom(300_000).hex().encode() + b",2\n"))
    assert "max_unpacked_bytes" in failure(files, limits={"max_unpacked_bytes": 100_000}).hint


def test_an_xlsx_bomb_is_stopped(folder: Path, files: Run) -> None:
    with zipfile.ZipFile(folder / "s.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 20_000_000)
    assert "limits.max_ratio" in failure(files).hint


def test_small_repetitive_archives_are_no_bombs(folder: Path, read_only_stream: Run) -> None:
    (folder / "s.csv.gz").write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 200_000, 9))
    assert len(read_only_stream().rows) == 200_000


@pytest.mark.parametrize("cut", [0.5, 0.99])
def test_an_archive_cut_short_is_refused(folder: Path, files: Run, cut: float) -> None:
    data = gzip.compress(b"a,b\n" + os.urandom(50_000).hex().encode() + b",1\n")
    (folder / "s.csv.gz").write_bytes(data[: int(len(data) * cut)])
    assert "damaged or cut short" in str(failure(files))


@pytest.mark.parametrize("name", ["s.csv.gz", "s.xlsx"])
def test_a_damaged_archive_is_refused(folder: Path, files: Run, name: str) -> None:
    (folder / name).write_bytes(b"\x1f\x8b" + b"rubbish" * 50)
    assert "damaged" in str(failure(files))


def test_a_file_over_the_size_limit_is_refused(folder: Path, files: Run) -> None:
    (folder / "s.csv").write_text("a,b\n" + "1,2\n" * 1000)
    assert "max_file_bytes" in failure(files, limits={"max_file_bytes": 1000}).hint


def test_too_many_columns_are_refused(folder: Path, files: Run) -> None:
    (folder / "s.csv").write_text(",".join(f"c{n}" for n in range(50)) + "\n")
    assert "max_columns" in failure(files, limits={"max_columns": 10}).hint


def test_a_line_of_5_mb_is_rejected_and_the_rest_is_read(folder: Path, read_only_stream: Run) -> None:
    (folder / "s.csv").write_text("id,note\n1,ok\n2," + "x" * 5_000_000 + "\n3,ok\n")
    reading = read_only_stream()
    assert [row["id"] for row in reading.rows] == ["1", "3"]
    ((line, raw, reason),) = reading.rejects
    assert (line, raw[:6]) == (3, "2,xxxx")
    assert "LINE SIZE OVER MAXIMUM" in reason


@pytest.mark.parametrize("name", ["s.csv", "s.jsonl"])
@pytest.mark.parametrize("megabytes", [12, 45])
def test_a_line_far_over_the_limit_is_never_dropped_silently(
    folder: Path, files: Run, name: str, megabytes: int
) -> None:
    (folder / name).write_text("id,note\n1,ok\n2," + "x" * (megabytes << 20) + "\n3,ok\n")
    assert "max_line_bytes" in failure(files).hint


def test_a_pinned_encoding_that_does_not_fit_is_named(folder: Path, files: Run) -> None:
    (folder / "s.csv").write_bytes("id,größe\n1,ä\n".encode("cp1252"))
    assert "encoding" in failure(files, encoding="utf-8").hint
    assert "encoding" in failure(files, encoding="shift_jis").hint


def test_bytes_that_are_no_text_are_refused(folder: Path, files: Run) -> None:
    (folder / "s.csv").write_bytes(bytes(range(256)) * 20)
    assert "encoding" in failure(files).hint


def test_a_missing_key_column_is_named(folder: Path, files: Run) -> None:
    (folder / "s.csv").write_text("a,b\n1,2\n")
    assert "'id'" in str(failure(files, primary_key=["id"]))


def test_a_file_of_unknown_format_asks_for_it(folder: Path, files: Run) -> None:
    (folder / "s.dat").write_text("a,b\n1,2\n")
    assert "`format`" in failure(files, pattern="*").hint


def test_one_broken_stream_does_not_stop_the_others(folder: Path, files: Run) -> None:
    (folder / "good.csv").write_text("id\n1\n")
    (folder / "broken.csv").touch()
    connector = FilesConnector(files().pin())
    broken, good = connector.discover()
    assert (good.name, [field.name for field in good.fields]) == ("good", ["id"])
    assert (broken.name, broken.fields) == ("broken", ())
    with pytest.raises(StreamError):
        list(connector.read(broken, None))
    assert len(list(connector.read(good, None))) == 1


def test_a_missing_folder_or_file_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "absent", tmp_path / "absent.csv", tmp_path / "absent" / "*.csv"):
        with pytest.raises(ConfigInvalid, match=r"absent.* does not exist"):
            connector_for("files", {"path": str(path)}).check()


def test_what_may_not_be_read_is_a_missing_permission(folder: Path, files: Run, monkeypatch: Any) -> None:
    (folder / "s.csv").write_text("a\n1\n")
    (folder / "s.csv").chmod(0)
    if os.access(folder / "s.csv", os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(PermissionMissing, match=r"s\.csv may not be read"):
        files().check()


@pytest.mark.parametrize(
    "wrong",
    [
        {"encoding": "klingon"},
        {"encoding": "base64"},
        {"format": "xml"},
        {"dialect": {"delimiter": ""}},
        {"dialect": {"delimiter": '"'}},
        {"dialect": {"delimiter": "\n"}},
        {"mode": "append", "deletes": True},
        {"unknown": 1},
    ],
)
def test_a_wrong_stream_configuration_is_refused(folder: Path, wrong: dict[str, Any]) -> None:
    config = {"path": str(folder), "streams": [{"name": "s", "pattern": "*", **wrong}]}
    with pytest.raises(ConfigInvalid, match=r"streams\.0"):
        connector_for("files", config)


def test_an_error_while_scanning_keeps_the_internals_in_detail(folder: Path, files: Run) -> None:
    error = files().classify(RuntimeError("/secret/path line 7"), "s")
    assert isinstance(error, RecordInvalid)
    assert "/secret/path" not in str(error)
    assert "/secret/path" in error.detail
