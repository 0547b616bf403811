"""Plants the mess that an export asks for in a table of its rows, evenly spread, and says what was planted."""

import random
from collections.abc import Iterator

import duckdb

from orchestration.demo.export import Export


def spoil(world: duckdb.DuckDBPyConnection, export: Export, seed: str) -> dict[str, int]:
    """Spoil rows of table `rows`; a spoiled row's `__truth` becomes NULL, since no view may show it.

    Returns how many rows of each kind a correct run rejects.
    """
    mess = export.mess
    total = int(world.execute("SELECT count(*) FROM rows").fetchall()[0][0])
    places = _places(total, export, seed)
    planted: dict[str, int] = {}
    for column, text in mess.unreadable.items():
        bad = text.replace("'", "''")
        _overwrite(world, column, f"'{bad}'", places, mess.each)
        planted[f"unreadable {column}"] = mess.each
    if mess.missing_keys:
        _overwrite(world, export.key[0], "NULL", places, mess.missing_keys)
        planted["missing key"] = mess.missing_keys
    if mess.duplicate_keys:
        # The copy stands further down in the file than the row it repeats.
        world.execute(
            f"INSERT INTO rows SELECT * REPLACE (__number + {total // 2} + 0.5 AS __number, NULL AS __truth)"
            f" FROM rows WHERE __number IN ({_take(places, mess.duplicate_keys)})"
        )
        planted["duplicate key"] = mess.duplicate_keys
    if mess.ragged_lines:
        planted["ragged line"] = mess.ragged_lines
    return planted


def _overwrite(world: duckdb.DuckDBPyConnection, column: str, value: str, places: Iterator[int], count: int) -> None:
    world.execute(f'UPDATE rows SET "{column}" = {value}, __truth = NULL WHERE __number IN ({_take(places, count)})')


def _take(places: Iterator[int], count: int) -> str:
    return ", ".join(str(next(places)) for _ in range(count))


def _places(total: int, export: Export, seed: str) -> Iterator[int]:
    """Row numbers to spoil: evenly spread, and which gets which mess by lot."""
    count = export.mess.rows() - export.mess.ragged_lines
    places = [1 + total * (2 * number + 1) // (2 * count) for number in range(count)]
    random.Random(f"{seed}:{export.path}").shuffle(places)  # noqa: S311 - test data, no secret
    return iter(places)
