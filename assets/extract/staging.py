"""Brings one batch into a Parquet file of the lake, in one streaming pass, before anything is committed.

The source's own text is kept, but for columns that people chose to hash or leave out: their values reach no file.
Beside it stand the record id, its 64-bit key and a hash of the row.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from assets.extract.raw_tables import column_names, raw_columns
from assets.extract.selection import StreamSettings, is_hashed
from connectors.errors import ConfigInvalid, ConnectorError
from connectors.protocol import Batch
from orchestration.resources.lake_session import MANY_ROWS, LakeFull, LakeSession, LakeUnavailable
from orchestration.resources.sql_text import identifier, literal

_ARROW_VIEW = "arrow_batch"
_UNIT_SEPARATOR = "chr(31)"
_HASH_KEY = "hash_key"
# Turns the hash of a row of a first look: the full read that follows then writes every row it meets anew, and those it
# does not meet can be told from the others.
_FIRST_LOOK = 0x5F1D3C2B9A876543

UNREADABLE = "unreadable_lines"


@dataclass(frozen=True, slots=True)
class Intake:
    """What of a stream's batches is taken in. `records` caps a sample; `hash_key` is of the tenant, 32 bytes."""

    settings: StreamSettings = field(default_factory=StreamSettings)
    hash_key: bytes = field(default=b"", repr=False)
    records: int | None = None
    is_first_look: bool = False


@dataclass(frozen=True, slots=True)
class StagedBatch:
    """A batch on disk. `rows` counts every row in the file, `keyed` those with a record id, `distinct` their keys.

    `unreadable` counts the lines the reader could not split; they wait in the session's temporary table `UNREADABLE`
    (line, raw, reason). `gone` counts the rows that say a record was deleted, `keyless` the other rows
    without a record id. `content` differs for other content.
    """

    path: str
    fields: tuple[str, ...]
    rows: int
    keyed: int
    distinct: int
    unreadable: int
    size_bytes: int
    gone: int = 0
    keyless: int = 0
    content: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether every row is a record with an id of its own."""
        return self.rows == self.keyed == self.distinct and not self.gone


Classify = Callable[[Exception, str], ConnectorError]  # a connector's reading of an error, by stream


def stage_batch(
    session: LakeSession, batch: Batch, batch_id: str, classify: Classify, intake: Intake | None = None
) -> StagedBatch:
    """Write the batch to a staging file and count it.

    Raises:
        ConnectorError: the source cannot be read as the connection says, or changed while it was read.
        LakeFull: no space is left for the staging file.
    """
    intake = intake or Intake()
    columns = column_names([column.name for column in batch.stream.fields])
    raw_columns(tuple(columns))
    if not columns:  # a table without columns has no rows either
        return StagedBatch("", (), 0, 0, 0, 0, 0)
    path = session.staging_file(batch_id)
    session.use_threads_for(MANY_ROWS)  # how much it is shows only now
    with _reading(session, batch, classify), _hash_key(session, intake):
        select = _staging_select(batch, columns, batch_id, intake)
        session.execute(f"COPY ({select}) TO {literal(path)} (FORMAT parquet)")
        unreadable = _unreadable(session, batch, intake, path)
    if batch.verify is not None:
        batch.verify()
    rows, keyed, distinct, *others = session.rows(
        "SELECT count(*), count(__record_id), count(DISTINCT __key), count(*) FILTER (__deleted), "
        "count(*) FILTER (__record_id IS NULL AND NOT __deleted), coalesce(bit_xor(__hash), 0) "
        f"FROM {staged_rows(path)}"
    )[0]
    session.use_threads_for(max(rows, session.rows_in_lake()))
    staged = StagedBatch(path, tuple(columns.values()), rows, keyed, distinct, unreadable, _size(path), *others)
    # Pages of an API may bring a record twice; lines of a file that are equal are two.
    numbers_twins = not batch.delta and not batch.stream.primary_key and not staged.is_clean
    return _number_twins(session, staged) if numbers_twins else staged


def staged_rows(path: str, *, numbered: bool = False) -> str:
    """What may follow FROM to read a staged file; `numbered` adds `file_row_number`, the order within the batch."""
    number = ", file_row_number = true" if numbered else ""
    # The folder is called tenant=..., which DuckDB would otherwise take for a column.
    return f"read_parquet({literal(path)}, hive_partitioning = false{number})"


def _staging_select(batch: Batch, columns: Mapping[str, str], batch_id: str, intake: Intake) -> str:
    texts = ", ".join(f"{_text(name, intake.settings)} AS {identifier(to)}" for name, to in columns.items())
    source = batch.scan if batch.scan is not None else f"SELECT * FROM {_ARROW_VIEW}"
    gone = f"coalesce(CAST({identifier(batch.deleted)} AS BOOLEAN), false)" if batch.deleted else "false"
    # A sample deletes nothing.
    sampled = "" if intake.records is None else f"WHERE NOT __gone LIMIT {intake.records}"
    key = [columns[name] for name in batch.stream.primary_key]
    row_hash = _row_hash(columns.values())
    if intake.is_first_look:
        row_hash = f"xor({row_hash}, {_FIRST_LOOK}::UBIGINT)"
    return (
        f"SELECT * EXCLUDE (__gone), md5_number_lower(__record_id) AS __key, {row_hash} AS __hash, "
        f"{literal(batch.origin)} AS __origin, {literal(batch_id)} AS __batch_id, __gone AS __deleted, "
        f"NULL::TIMESTAMPTZ AS __updated_at FROM "
        f"(SELECT *, {_record_id(key, tuple(columns.values()))} AS __record_id "
        f"FROM (SELECT {texts}, {gone} AS __gone FROM ({source}) {sampled}))"
    )


def _text(name: str, settings: StreamSettings) -> str:
    """SQL of a field's text, or of its digest. What is empty stays empty: a key of nothing must be told from others."""
    text = f"CAST({identifier(name)} AS VARCHAR)"
    if not is_hashed(name, settings):
        return text
    return f"CASE WHEN trim({text}) = '' THEN {text} ELSE sha256(getvariable('{_HASH_KEY}') || {text}) END"


def _row_hash(columns: Iterable[str]) -> str:
    """SQL of a hash of the row's names and values: under another name the same value is a change."""
    ordered = sorted(columns, key=str.casefold)
    names = hashlib.md5("\x1f".join(ordered).casefold().encode(), usedforsecurity=False).digest()
    values = ", ".join(map(identifier, ordered)) or "0"
    return f"xor(hash({values}), {int.from_bytes(names[:8], 'big')}::UBIGINT)"


def _record_id(key: Sequence[str], fields: Sequence[str]) -> str:
    """SQL of the record id: the key's texts, NULL when one is empty; without a key, a digest of the whole row."""
    if len(key) == 1:
        return f"nullif(trim({identifier(key[0])}), '')"
    if key:
        parts = f" || {_UNIT_SEPARATOR} || ".join(f"nullif(trim({identifier(name)}), '')" for name in key)
        return f"({parts})"
    texts = ", ".join(f"coalesce({identifier(name)}, chr(30))" for name in sorted(fields))
    return f"md5(concat_ws({_UNIT_SEPARATOR}, {texts}))" if fields else "md5('')"


def _number_twins(session: LakeSession, staged: StagedBatch) -> StagedBatch:
    """Rows without a key that are equal to the letter are records of their own: number them within the batch."""
    numbered = staged.path.removesuffix(".parquet") + "-numbered.parquet"
    twin = "row_number() OVER (PARTITION BY __record_id ORDER BY file_row_number)"
    inner = f"SELECT *, {twin} AS __twin FROM {staged_rows(staged.path, numbered=True)}"
    record_id = "CASE WHEN __twin > 1 THEN __record_id || '#' || __twin ELSE __record_id END"
    session.execute(
        f"COPY (SELECT * EXCLUDE (__twin, file_row_number) REPLACE ({record_id} AS __record_id, "
        f"md5_number_lower({record_id}) AS __key) FROM ({inner}) ORDER BY file_row_number) "
        f"TO {literal(numbered)} (FORMAT parquet)"
    )
    if "://" not in staged.path:
        Path(staged.path).unlink()
    return StagedBatch(
        numbered, staged.fields, staged.rows, staged.rows, staged.rows, staged.unreadable, _size(numbered)
    )


@contextmanager
def _reading(session: LakeSession, batch: Batch, classify: Classify) -> Iterator[None]:
    """Set the connection up for the batch's scan, and name the stream in whatever goes wrong."""
    try:
        for statement in batch.prepare:
            session.execute(statement)
        if batch.arrow is not None:
            session.connection.register(_ARROW_VIEW, batch.arrow)
        yield
    except (LakeFull, LakeUnavailable, ConnectorError):
        raise
    except duckdb.Error as error:
        raise classify(error, batch.stream.name) from None  # DuckDB's text may quote a record
    finally:
        if batch.arrow is not None:
            session.connection.unregister(_ARROW_VIEW)


@contextmanager
def _hash_key(session: LakeSession, intake: Intake) -> Iterator[None]:
    """The tenant's key as a variable of the session while the batch is staged: it stands in no statement's text."""
    if not intake.settings.hash:
        yield
        return
    if not intake.hash_key:
        raise ConfigInvalid(
            "Columns cannot be hashed, since this process was started without the master key.",
            hint="Ask the operator of this platform.",
        )
    session.connection.register("hash_key_table", pa.table({"key": [intake.hash_key.hex()]}))
    try:
        session.execute(f"SET VARIABLE {_HASH_KEY} = (SELECT key FROM hash_key_table)")
        yield
    finally:
        session.connection.unregister("hash_key_table")
        session.execute(f"RESET VARIABLE {_HASH_KEY}")


def _unreadable(session: LakeSession, batch: Batch, intake: Intake, path: str) -> int:
    if batch.rejects is None:
        return 0
    # Where some columns must not be kept, neither must the line that holds them.
    raw = "NULL::VARCHAR AS raw" if intake.settings.hides else "raw"
    room = ""
    if intake.records is not None:
        taken = int(session.value(f"SELECT count(*) FROM {staged_rows(path)}"))
        room = f" LIMIT {intake.records - taken}"
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE {UNREADABLE} AS SELECT line, {raw}, reason FROM ({batch.rejects}){room}"
    )
    return int(session.value(f"SELECT count(*) FROM {UNREADABLE}"))


def _size(path: str) -> int:
    return Path(path).stat().st_size if "://" not in path else 0
