"""Which files are read again: size and time first, then the hash; what is gone; what moved under the reader."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import SourceUnavailable, StreamGone
from connectors.files.connector import FilesConnector
from connectors.protocol import Batch

Run = Callable[..., Any]


@pytest.fixture
def two(folder: Path) -> Path:
    (folder / "s_1.csv").write_text("id,v\n1,a\n")
    (folder / "s_2.csv").write_text("id,v\n2,b\n")
    return folder


def pinned(files: Run, **options: Any) -> FilesConnector:
    return FilesConnector(files(pattern="s_*", **options).pin())


def read_twice(connector: FilesConnector, read: Run, change: Callable[[], Any]) -> Any:
    (stream,) = connector.discover()
    first = read(connector, stream)
    change()
    return read(connector, stream, first.cursor)


def test_an_untouched_file_is_not_opened(two: Path, files: Run, read: Run) -> None:
    connector = pinned(files)
    (stream,) = connector.discover()
    cursor = read(connector, stream).cursor
    before = (two / "s_1.csv").stat()
    # Other bytes under the same size and time: only a reader who opened the file would see them.
    (two / "s_1.csv").write_text("id,v\n9,z\n")
    os.utime(two / "s_1.csv", ns=(before.st_atime_ns, before.st_mtime_ns))
    second = read(connector, stream, cursor)
    assert second.kinds == ["unchanged:s_1.csv", "unchanged:s_2.csv"]
    assert second.cursor == cursor


def test_a_touched_file_of_the_same_bytes_is_unchanged_with_a_new_cursor(two: Path, files: Run, read: Run) -> None:
    second = read_twice(pinned(files), read, lambda: os.utime(two / "s_1.csv", ns=(1, 1)))
    assert second.kinds == ["unchanged:s_1.csv", "unchanged:s_2.csv"]
    assert second.cursor["files"]["s_1.csv"]["mtime_ns"] == 1


@pytest.mark.parametrize("deletes", [False, True])
def test_changed_grown_new_and_replaced_files_are_read_whole(two: Path, files: Run, read: Run, deletes: bool) -> None:
    def change() -> None:
        with (two / "s_1.csv").open("a") as file:
            file.write("3,c\n")
        (two / "new").write_text("id,v\n2,B\n")
        (two / "new").replace(two / "s_2.csv")
        (two / "s_10.csv").write_text("id,v\n4,d\n")

    second = read_twice(pinned(files, deletes=deletes), read, change)
    assert second.kinds == ["batch:s_1.csv", "batch:s_2.csv", "batch:s_10.csv"]
    assert [row["id"] for row in second.rows] == ["1", "3", "2", "4"]
    assert {item.complete for item in second.items} == {deletes}


def test_a_file_that_is_gone_is_removed_when_absence_means_delete(two: Path, files: Run, read: Run) -> None:
    second = read_twice(pinned(files, deletes=True), read, (two / "s_1.csv").unlink)
    assert second.kinds == ["unchanged:s_2.csv", "removed:s_1.csv"]
    assert list(second.cursor["files"]) == ["s_2.csv"]


def test_a_file_that_is_gone_is_only_forgotten_otherwise(two: Path, files: Run, read: Run) -> None:
    assert read_twice(pinned(files), read, (two / "s_1.csv").unlink).kinds == ["unchanged:s_2.csv"]


def test_a_folder_that_is_suddenly_empty_removes_nothing(two: Path, files: Run, read: Run) -> None:
    def empty() -> None:
        for path in two.iterdir():
            path.unlink()

    with pytest.raises(SourceUnavailable, match="nothing was removed"):
        read_twice(pinned(files, deletes=True), read, empty)


def test_the_last_file_of_a_stream_is_removed_when_others_remain(two: Path, files: Run, read: Run) -> None:
    (two / "other.csv").write_text("a\n1\n")

    def remove() -> None:
        (two / "s_1.csv").unlink()
        (two / "s_2.csv").unlink()

    assert read_twice(pinned(files, deletes=True), read, remove).kinds == ["removed:s_1.csv", "removed:s_2.csv"]


def test_a_stream_without_files_and_without_history_is_gone(two: Path, files: Run, read: Run) -> None:
    connector = pinned(files)
    (stream,) = connector.discover()
    for path in two.iterdir():
        path.rename(two / f"x{path.name}")
    assert read(connector, stream).items == []
    with pytest.raises(StreamGone):
        read(files(), stream)


def test_the_latest_file_takes_the_place_of_the_one_before(two: Path, files: Run, read: Run) -> None:
    os.utime(two / "s_1.csv", ns=(1, 1))

    def newer() -> None:
        (two / "s_3.csv").write_text("id,v\n3,c\n")
        os.utime(two / "s_3.csv", ns=(2**62, 2**62))

    second = read_twice(pinned(files, select="latest", deletes=True), read, newer)
    assert second.kinds == ["batch:s_*"]
    assert second.rows == [{"id": "3", "v": "c"}]
    assert second.items[0].complete
    assert list(second.cursor["files"]) == ["s_3.csv"]


@pytest.mark.parametrize("change", ["shrinks", "grows", "replaced", "gone"])
def test_a_file_that_moves_under_the_reader_fails_verification(two: Path, files: Run, change: str) -> None:
    path = two / "s_1.csv"
    connector = pinned(files)
    (stream,) = connector.discover()
    batch = next(connector.read(stream, None))
    assert isinstance(batch, Batch)
    assert batch.verify is not None
    batch.verify()
    if change == "shrinks":
        os.truncate(path, 6)
    elif change == "grows":
        path.write_text(path.read_text() + "9,z\n")
    elif change == "replaced":
        state = path.stat()
        (two / "new").write_text("id,v\n7,a\n")
        os.utime(two / "new", ns=(state.st_atime_ns, state.st_mtime_ns))
        (two / "new").replace(path)
    else:
        path.unlink()
    with pytest.raises(SourceUnavailable, match=r"s_1\.csv changed while it was read"):
        batch.verify()


def test_new_names_become_streams_only_when_none_was_listed(two: Path, files: Run) -> None:
    proposing = FilesConnector(files().pin())
    listed = pinned(files)
    (two / "fresh.csv").write_text("id\n1\n")
    assert [stream.name for stream in proposing.discover()] == ["s", "fresh"]
    assert [stream.name for stream in listed.discover()] == ["s"]
