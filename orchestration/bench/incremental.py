"""`bench incremental`: a small change to a large source, beside DuckDB's own delete and insert of the same change."""

import time
from pathlib import Path

import duckdb

from orchestration.bench.figures import Figure, in_fresh_process
from orchestration.bench.flow import BenchTenant, FlowTimes
from orchestration.bench.sources import write_changes, write_contacts

MOST_TIMES_DELETE_INSERT = 6.0
MOST_TENTH = 0.7  # of the cost of the full change that a tenth of it may cost


def measure_incremental(home: Path, folder: Path, rows: int, change: float) -> list[Figure]:
    """Figures of a change of `change` (a share, 0.01 is 1 %) of `rows` rows, and of a tenth of that change.

    Raises:
        RuntimeError: a pass failed, or did not load what changed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    changed = max(1, round(rows * change))
    tenth = max(1, changed // 10)
    first, second, third = (folder / f"contacts{suffix}.csv" for suffix in ("", "_change_1", "_change_2"))
    changes = folder / "changes"
    changes.mkdir(exist_ok=True)
    write_contacts(first, rows)
    write_changes(changes / second.name, rows, changed, 1)
    write_changes(changes / third.name, rows, tenth, 2)
    baseline, _ = in_fresh_process(delete_insert_seconds, first, changes / second.name, changes / third.name)
    passes, peak = in_fresh_process(flow_with_changes, home, folder, [changes / second.name, changes / third.name])
    load, full, part = passes
    if load.counts["loaded"] != rows or not 0.5 * changed < full.counts["loaded"] < 2 * changed:
        raise RuntimeError(f"not everything was loaded: {load.counts}, then {full.counts}")
    name = f"{100 * change:g} % changed, all stages after extraction"
    plain = "DELETE + INSERT into one plain table"
    return [
        Figure("first load, whole flow", load.total, "s"),
        Figure(name, full.after_extraction, "s", baseline[0], plain, MOST_TIMES_DELETE_INSERT),
        Figure(
            f"{10 * change:g} % changed, all stages after extraction",
            part.after_extraction,
            "s",
            full.after_extraction,
            f"the same for {100 * change:g} %",
            MOST_TENTH,
        ),
        Figure(f"{10 * change:g} % changed, beside plain", part.after_extraction, "s", baseline[1], plain),
        Figure("whole flow of the change, extraction included", full.total, "s", baseline[0], plain),
        Figure("peak memory of the flow", peak / 1e9, "GB"),
        *(Figure(f"stage {stage}", seconds, "s") for stage, seconds in full.stages.items()),
    ]


def delete_insert_seconds(source: Path, *changes: Path) -> list[float]:
    """Seconds DuckDB takes to delete and insert each change in a plain table of the source, in a database file."""
    database = source.with_suffix(".duckdb")
    database.unlink(missing_ok=True)
    connection = duckdb.connect(str(database), config={"threads": 2})
    connection.execute(f"CREATE TABLE plain AS SELECT * FROM read_csv('{source}')")
    seconds = []
    for change in changes:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE change AS SELECT * FROM read_csv('{change}')")
        started = time.perf_counter()
        connection.execute("BEGIN")
        connection.execute("DELETE FROM plain USING change WHERE plain.id = change.id")
        connection.execute("INSERT INTO plain SELECT * FROM change")
        connection.execute("COMMIT")
        seconds.append(time.perf_counter() - started)
    connection.close()
    database.unlink()
    return seconds


def flow_with_changes(home: Path, folder: Path, changes: list[Path]) -> list[FlowTimes]:
    """The first load, then one pass for each change: its file joins the folder and the connection is synced again."""
    tenant = BenchTenant(home, folder)
    passes = [tenant.run()]
    for change in changes:
        change.rename(folder / change.name)
        passes.append(tenant.run())
    return passes
