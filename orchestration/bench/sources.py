"""The data of the benches: a CSV of contacts with twelve columns, and changes of part of it. Seeded, made by DuckDB."""

from pathlib import Path

import duckdb

ROW = (
    "SELECT 'C' || lpad(i::VARCHAR, 9, '0') AS id, 'First' || (hash(i) % 5000) AS first_name, "
    "'Last' || (hash(i + 1) % 9000) AS last_name, 'user' || i || '@company' || (i % 50000) || '.com' AS email, "
    "'+1-555-' || lpad((hash(i) % 10000000)::VARCHAR, 7, '0') AS phone, 'A' || (i % 50000) AS account_id, "
    "{title} AS title, 'Dept' || (i % 20) AS department, "
    "['United States', 'Germany', 'France', 'India'][1 + (i % 4)::INT] AS country, 'City' || (hash(i) % 3000) AS city, "
    "strftime(TIMESTAMP '2024-01-01' + to_seconds(i % 60000000), '%Y-%m-%d %H:%M:%S') AS created_at, "
    "strftime(TIMESTAMP '2025-01-01' + to_seconds(i % 40000000), '%Y-%m-%d %H:%M:%S') AS updated_at "
    "FROM range({rows}) t(i)"
)
TITLE = "['CEO', 'CTO', 'VP Sales', 'Engineer'][1 + (i % 4)::INT]"


def write_contacts(path: Path, rows: int) -> None:
    """A CSV of `rows` contacts."""
    _copy(ROW.format(title=TITLE, rows=rows), path)


def write_changes(path: Path, rows: int, changed: int, round_number: int) -> None:
    """A CSV of about `changed` contacts, spread evenly at random over all, each with a new title."""
    title = f"'Title {round_number} of ' || {TITLE}"
    chosen = f"hash(i + {round_number} * 1000003) % {rows} < {changed}"
    _copy(f"{ROW.format(title=title, rows=rows)} WHERE {chosen}", path)


def _copy(select: str, path: Path) -> None:
    draft = path.with_suffix(".part")
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{draft}' (FORMAT csv, HEADER)")
    draft.rename(path)
