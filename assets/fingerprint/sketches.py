"""What the values of a column are like, as counts and hashes that two columns can be compared by without their values.

Made by DuckDB in the pass that profiles a sample; only hashes, counts and ranges of numbers leave the database.
What two sketches say about drift is `drift`'s and `matching`'s work.
"""

import base64
import struct
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import duckdb

from orchestration.resources.sql_text import identifier, literal

KMV_SIZE: Final = 64
ENUM_SIZE: Final = 50
PATTERNS: Final = 8
LENGTHS: Final = (2, 4, 8, 16, 32, 64, 128)
QUANTILES: Final = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
NUMERIC_SHARE: Final = 0.8
SAMPLE_ROWS: Final = 10_000
# A leading zero makes a label of a number: postal codes and account numbers are not quantities.
_IS_NUMBER: Final = r"regexp_full_match(text, '-?(0|[1-9]\d{0,27})(\.\d{1,30})?([eE][+-]?\d{1,2})?')"
_MASKED_CHARACTERS: Final = 40  # of a text; what a longer one goes on like tells nothing more


@dataclass(frozen=True, slots=True)
class Sketch:
    """Of the sampled texts of one column, trimmed; a blank text counts as null.

    `kmv`: the 64 smallest 64-bit hashes (md5_number_lower of the lower-cased text), ascending: Bar-Yossef et al. 2002.
    `quantiles`: of the numbers at 0, .05, .25, .5, .75, .95, 1; empty when fewer than 80 % of the texts are numbers.
    `lengths`: texts of length 1-2, 3-4, 5-8, 9-16, 17-32, 33-64, 65-128, more.
    `patterns`: the 8 commonest masks (A upper, a lower, 9 digit, runs shortened) of a sample of the distinct texts.
    `enum`: hashes of all distinct texts when there are at most 50 and they repeat; else empty.
    """

    rows: int = 0
    nulls: int = 0
    distinct: int = 0
    kmv: tuple[int, ...] = ()
    quantiles: tuple[float, ...] = ()
    lengths: tuple[int, ...] = ()
    patterns: Mapping[str, float] = field(default_factory=dict)
    enum: tuple[int, ...] = ()

    @property
    def filled(self) -> int:
        """Texts that are neither NULL nor blank."""
        return self.rows - self.nulls

    @property
    def null_share(self) -> float:
        """Part of the rows without a text; 0 when there are none."""
        return self.nulls / self.rows if self.rows else 0.0

    def to_json(self) -> dict[str, Any]:
        """JSON object for the control plane; hashes packed, and an enum's not told twice."""
        return {
            "rows": self.rows, "nulls": self.nulls, "distinct": self.distinct, "kmv": _packed(self.kmv),
            "quantiles": list(self.quantiles), "lengths": list(self.lengths), "patterns": dict(self.patterns),
            "enum": bool(self.enum),
        }  # fmt: skip

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Sketch":
        kmv = _unpacked(document["kmv"])
        return cls(
            document["rows"], document["nulls"], document["distinct"], kmv, tuple(document["quantiles"]),
            tuple(document["lengths"]), document["patterns"], kmv if document["enum"] else (),
        )  # fmt: skip


def value_overlap(a: Sketch, b: Sketch) -> float | None:
    """Estimated Jaccard similarity of the distinct values; None when a side is empty.

    Of the k smallest hashes of the union, the share that both sides have; exact while both have fewer than 64 values.
    """
    if not a.kmv or not b.kmv:
        return None
    ours, theirs = set(a.kmv), set(b.kmv)
    union = sorted(ours | theirs)
    if len(a.kmv) == KMV_SIZE or len(b.kmv) == KMV_SIZE:
        # Beyond a full sketch's greatest hash nothing is known of that side.
        limit = min(side.kmv[-1] for side in (a, b) if len(side.kmv) == KMV_SIZE)
        union = [value for value in union if value <= limit][:KMV_SIZE]
    return sum(value in ours and value in theirs for value in union) / len(union)


def sketch_sql(relation: str, columns: Sequence[str], rows: int | None = None) -> str:
    """SELECT of one row a column: its position and what `read_sketches` reads.

    `relation` is anything that may follow FROM; its columns are VARCHAR. No columns: no rows.
    """
    if not columns:
        return "SELECT 0 AS column_position WHERE false"
    picked = ", ".join(f"{identifier(name)} AS c{position}" for position, name in enumerate(columns))
    positions = ", ".join(f"c{position}" for position in range(len(columns)))
    limit = min(rows, SAMPLE_ROWS) if rows is not None else SAMPLE_ROWS
    return (
        f"WITH texts AS (SELECT label, trim(text) AS text FROM (SELECT {picked} FROM {relation} LIMIT {limit}) "
        f"UNPIVOT INCLUDE NULLS (text FOR label IN ({positions}))), "
        f"{sketching('texts')} "
        "SELECT CAST(label[2:] AS INTEGER) AS column_position, * EXCLUDE (label) FROM sketches ORDER BY 1"
    )


def sketching(texts: str) -> str:
    """CTEs that end in `sketches` (label, then what `read_sketch` takes), over `texts` (label, text trimmed).

    On the way: `valued` (label, text, n, size, hash, number), a row a distinct text, and `spreads` (label, low, high).
    """
    lengths = ", ".join(f"sum(n) FILTER (size {_between(i)})::BIGINT" for i in range(len(LENGTHS) + 1))
    spread = ", ".join(f"min(number) FILTER (upto >= {share} * total)" for share in QUANTILES)
    ascii_letters = literal("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    masks = literal("A" * 26 + "a" * 26 + "9" * 10)
    mask = f"translate(left(t, {_MASKED_CHARACTERS}), {ascii_letters}, {masks})"
    for run, short in (("[^\\x00-\\x7F]+", "a"), ("A+", "A"), ("a+", "a"), ("9+", "9"), (" +", " ")):
        mask = f"regexp_replace({mask}, {literal(run)}, {literal(short)}, 'g')"
    return (
        "valued AS (SELECT label, text, count(*) AS n, length(text) AS size, md5_number_lower(lower(text)) AS hash, "
        f"CASE WHEN {_IS_NUMBER} THEN TRY_CAST(text AS DOUBLE) END AS number FROM {texts} GROUP BY label, text), "
        "summed AS (SELECT label, number, sum(n) OVER (PARTITION BY label ORDER BY number) AS upto, "
        "sum(n) OVER (PARTITION BY label) AS total FROM valued WHERE number IS NOT NULL), "
        f"spreads AS (SELECT label, any_value(total)::BIGINT AS numbers, [{spread}] AS quantiles, "
        "min(number) FILTER (upto >= 0.02 * total) AS low, min(number) FILTER (upto >= 0.98 * total) AS high "
        "FROM summed GROUP BY label), "
        "sketches AS (SELECT label, sum(n)::BIGINT AS sketched_rows, "
        "coalesce(sum(n) FILTER (coalesce(text, '') = ''), 0)::BIGINT AS nulls, "
        f"min(hash, {ENUM_SIZE + KMV_SIZE}) FILTER (text <> '') AS hashes, "
        "approx_count_distinct(hash) FILTER (text <> '') AS values_about, "
        f"any_value(numbers) AS numbers, any_value(quantiles) AS quantiles, [{lengths}] AS lengths, "
        f"list_transform(arg_min(text, hash, {KMV_SIZE}) FILTER (text <> ''), lambda t: {mask}) AS masks "
        "FROM valued LEFT JOIN spreads USING (label) GROUP BY label)"
    )


def read_sketches(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> dict[str, Sketch]:
    """Sketches by column from the rows `sketch_sql` gave; a column without a row has an empty one."""
    sketches = {name: Sketch() for name in columns}
    for position, *figures in rows:
        sketches[columns[position]] = read_sketch(figures)
    return sketches


def read_sketch(figures: Sequence[Any]) -> Sketch:
    """One row of `sketching` without its label."""
    rows, nulls, hashes, about, numbers, quantiles, lengths, masks = figures
    values = sorted(set(hashes or ()))
    is_counted = len(values) < ENUM_SIZE + KMV_SIZE
    distinct, filled = (len(values) if is_counted else int(about)), rows - nulls
    repeats = distinct <= ENUM_SIZE and is_counted and filled >= 2 * distinct and filled > 0
    kmv = tuple(values[:KMV_SIZE])
    spread = tuple(map(float, quantiles or ())) if filled and (numbers or 0) >= NUMERIC_SHARE * filled else ()
    counts = tuple(int(count or 0) for count in lengths)
    return Sketch(rows, nulls, distinct, kmv, spread, counts, _shares(masks or ()), kmv if repeats else ())


_memory: list[duckdb.DuckDBPyConnection] = []
_memory_lock = threading.Lock()


def sketch_values(columns: Mapping[str, Sequence[str | None]]) -> dict[str, Sketch]:
    """The same for values that come from files, through one in-memory DuckDB of the process. Columns may differ in
    length: the shorter ones count as null where they end."""
    names, rows = list(columns), max(map(len, columns.values()), default=0)
    if not names or not rows:
        return {name: Sketch() for name in names}
    lists = ", ".join(f"unnest({_list(columns[name], rows)}) AS c{position}" for position, name in enumerate(names))
    labels = [f"c{position}" for position in range(len(names))]
    with _memory_lock:  # one connection serves one thread at a time
        if not _memory:
            _memory.append(duckdb.connect(config={"threads": 1}))
        found = _memory[0].execute(sketch_sql(f"(SELECT {lists})", labels)).fetchall()
    return dict(zip(names, read_sketches(labels, found).values(), strict=True))


def _list(values: Sequence[str | None], rows: int) -> str:
    padded = [*values[:SAMPLE_ROWS], *[None] * (min(rows, SAMPLE_ROWS) - len(values))]
    texts = ", ".join("NULL" if text is None else literal(text.replace("\0", "")) for text in padded)
    return f"CAST([{texts}] AS VARCHAR[])"


def _between(bucket: int) -> str:
    low = 1 if bucket == 0 else LENGTHS[bucket - 1] + 1
    return f"BETWEEN {low} AND {LENGTHS[bucket]}" if bucket < len(LENGTHS) else f">= {low}"


def _shares(masks: Sequence[str]) -> dict[str, float]:
    counts: dict[str, int] = {}
    for mask in masks:
        counts[mask] = counts.get(mask, 0) + 1
    commonest = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:PATTERNS]
    return {mask: round(count / len(masks), 4) for mask, count in commonest}


def _packed(hashes: Sequence[int]) -> str:
    return base64.b64encode(struct.pack(f">{len(hashes)}Q", *hashes)).decode("ascii")


def _unpacked(text: str) -> tuple[int, ...]:
    packed = base64.b64decode(text)
    return struct.unpack(f">{len(packed) // 8}Q", packed)
