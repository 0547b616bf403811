"""A folder of monthly CSV files, and one Parquet file with a column of every type."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.errors import ConfigInvalid
from tests.connectors.harnesses.harness import BadConfig, Expected, Harness

PER_FILE = 10
FILES = 6
WORDS = 'Zoë 🦊 漢字 "quoted"\nsecond line'


class FilesHarness(Harness):
    name = "files"
    kind = "files"

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        self._folder = place / "source"
        self._empty = place / "nothing"

    def start(self) -> None:
        self._folder.mkdir()
        self._empty.mkdir()
        for file in range(FILES):
            self._write(file, {n: f"name {n}" for n in range(file * PER_FILE, (file + 1) * PER_FILE)})

    def config(self, **limits: Any) -> dict[str, Any]:
        return {"path": str(self._folder)}

    def bad_configs(self) -> list[BadConfig]:
        return [
            ({"path": str(self._folder / "absent")}, ConfigInvalid),
            ({"path": str(self._empty)}, ConfigInvalid),
            ({"path": ""}, ConfigInvalid),
            ({}, ConfigInvalid),
            ({"path": str(self._folder), "passwort": "typo"}, ConfigInvalid),
        ]

    def held(self) -> dict[str, str]:
        rows = [line.split(",") for file in self._folder.glob("*.csv") for line in file.read_text().splitlines()[1:]]
        return {row[0]: row[1] for row in rows}

    def change(self) -> set[str]:
        self._write(FILES, {600: "new"})
        return {"600"}

    def typed(self) -> tuple[str, list[Expected]]:
        columns: dict[str, tuple[pa.Array, str, list[str | None]]] = {
            "id": (pa.array(["a", "b"]), "text", ["a", "b"]),
            "whole": (
                pa.array([-(2**63), 2**63 - 1]),
                "integer",
                ["-9223372036854775808", "9223372036854775807"],
            ),
            "amount": (
                pa.array([Decimal("1234567890123456789012.12345678"), None], pa.decimal128(38, 8)),
                "decimal",
                ["1234567890123456789012.12345678", None],
            ),
            "flag": (pa.array([True, False]), "boolean", ["true", "false"]),
            "day": (pa.array([date(1789, 7, 14), None]), "date", ["1789-07-14", None]),
            "moment": (
                pa.array([datetime(1805, 1, 2, 3, 4, 5, 678901, UTC), None], pa.timestamp("us", "UTC")),
                "timestamp",
                ["1805-01-02T03:04:05.678901+00:00", None],
            ),
            "clock": (pa.array([time(23, 59, 58, 123456), None]), "time", ["23:59:58.123456", None]),
            "words": (pa.array([WORDS, ""]), "text", [WORDS, ""]),
            "bytes": (pa.array([b"\x00\xff\x01", None]), "binary", ["AP8B", None]),
        }
        pq.write_table(pa.table({name: given[0] for name, given in columns.items()}), self._folder / "typed.parquet")
        return "typed", [
            Expected(name, declared, dict(zip("ab", texts, strict=True)))  # type: ignore[arg-type]
            for name, (_, declared, texts) in columns.items()
        ]

    def _write(self, file: int, records: dict[int, str]) -> None:
        lines = [f"{n},{value}" for n, value in records.items()]
        (self._folder / f"deals_2026-{file + 1:02}.csv").write_text("\n".join(["id,name", *lines, ""]))
