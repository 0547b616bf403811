"""`bench pipeline`: a CSV through the whole flow to published views, beside DuckDB reading the same file."""

import time
from pathlib import Path
from statistics import median

import duckdb

from orchestration.bench.figures import Figure, in_fresh_process
from orchestration.bench.flow import BenchTenant, FlowTimes
from orchestration.bench.sources import write_contacts

MOST_TIMES_CTAS = 4.0
MOST_MEMORY_GB = 2.0
REPEATS = 3


def measure_pipeline(home: Path, folder: Path, rows: int) -> list[Figure]:
    """Figures of the whole flow for a CSV of `rows` rows and twelve columns; the median of three passes each.

    Raises:
        RuntimeError: a pass failed, or did not load every row.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "contacts.csv"
    write_contacts(source, rows)
    to_file = median(in_fresh_process(ctas_seconds, source, folder / "plain.duckdb")[0] for _ in range(REPEATS))
    in_memory = median(in_fresh_process(ctas_seconds, source, None)[0] for _ in range(REPEATS))
    passes = [in_fresh_process(flow_once, home, folder) for _ in range(REPEATS)]
    for times, _ in passes:
        if times.counts["loaded"] != rows:
            raise RuntimeError(f"loaded {times.counts['loaded']} of {rows} rows: {times.counts}")
    flow = median(times.total for times, _ in passes)
    peak_gb = max(peak for _, peak in passes) / 1e9
    stages = sorted(passes, key=lambda one: one[0].total)[REPEATS // 2][0].stages
    return [
        Figure(
            "CSV to published views", flow, "s", to_file, "CREATE TABLE AS read_csv, database file", MOST_TIMES_CTAS
        ),
        Figure("CSV to published views", flow, "s", in_memory, "CREATE TABLE AS read_csv, in memory"),
        Figure("rows a second", rows / flow, "rows/s", rows / to_file, "CREATE TABLE AS read_csv, database file"),
        Figure("peak memory of the flow", peak_gb, "GB", limit=MOST_MEMORY_GB),
        *(Figure(f"stage {stage}", seconds, "s") for stage, seconds in stages.items()),
    ]


def ctas_seconds(source: Path, database: Path | None) -> float:
    """Seconds of DuckDB's own CREATE TABLE AS over the file, into a new database file or into memory."""
    if database is not None:
        database.unlink(missing_ok=True)
    connection = duckdb.connect(str(database) if database else ":memory:", config={"threads": 2})
    started = time.perf_counter()
    connection.execute(f"CREATE TABLE plain AS SELECT * FROM read_csv('{source}')")
    connection.close()
    return time.perf_counter() - started


def flow_once(home: Path, folder: Path) -> FlowTimes:
    """One pass of the whole flow by a new tenant."""
    return BenchTenant(home, folder).run()
