"""Brings one batch into a Parquet file of the lake, in one streaming pass, before anything is committed.

The source's own text is kept; beside it stand the record id, its 64-bit key and a hash of the row.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assets.extract.raw_tables import column_names, raw_columns
from connectors.errors import ConnectorError
from connectors.protocol import Batch
from orchestration.resources.lake_session import MANY_ROWS, LakeFull, LakeSession, LakeUnavailable
from orchestration.resources.sql_text import identifier, literal

_ARROW_VIEW = "arrow_batch"
_UNIT_SEPARATOR = "chr(31)"


UNREADABLE = "unreadable_lines"


@dataclass(frozen=True, slots=True)
class StagedBatch:
    """A batch on disk. `rows` counts every row in the file, `keyed` those with a record id, `distinct` their keys.

    `unreadable` counts the lines the reader could not split; they wait in the session's temporary table `UNREADABLE`
    (line, raw, reason).
    """

    path: str
    fields: tuple[str, ...]
    rows: int
    keyed: int
    distinct: int
    unreadable: int
    size_bytes: int

    @property
    def is_clean(self) -> bool:
        """Whether every row has a record id of its own."""
        return self.rows == self.keyed == self.distinct


Classify = Callable[[Exception, str], ConnectorError]  # a connector's reading of an error, by stream


def stage_batch(session: LakeSession, batch: Batch, batch_id: str, classify: Classify) -> StagedBatch:
    """Write the batch to a staging file and count it.

    Raises:
        ConnectorError: the source cannot be read as the connection says, or changed while it was read.
        LakeFull: no space is left for the staging file.
    """
    columns = column_names([field.name for field in batch.stream.fields])
    raw_columns(tuple(columns))
    path = session.staging_file(batch_id)
    session.use_threads_for(MANY_ROWS)  # how much it is shows only now
    with _reading(session, batch, classify):
        select = _staging_select(batch, columns, batch_id)
        session.execute(f"COPY ({select}) TO {literal(path)} (FORMAT parquet)")
        unreadable = _unreadable(session, batch)
    if batch.verify is not None:
        batch.verify()
    rows, keyed, distinct = session.rows(
        f"SELECT count(*), count(__record_id), count(DISTINCT __key) FROM {staged_rows(path)}"
    )[0]
    session.use_threads_for(max(rows, session.rows_in_lake()))
    staged = StagedBatch(path, tuple(columns.values()), rows, keyed, distinct, unreadable, _size(path))
    return staged if batch.stream.primary_key or staged.is_clean else _number_twins(session, staged)


def staged_rows(path: str, *, numbered: bool = False) -> str:
    """What may follow FROM to read a staged file; `numbered` adds `file_row_number`, the order within the batch."""
    number = ", file_row_number = true" if numbered else ""
    # The folder is called tenant=..., which DuckDB would otherwise take for a column.
    return f"read_parquet({literal(path)}, hive_partitioning = false{number})"


def _staging_select(batch: Batch, columns: Mapping[str, str], batch_id: str) -> str:
    texts = ", ".join(f"CAST({identifier(name)} AS VARCHAR) AS {identifier(to)}" for name, to in columns.items())
    source = batch.scan if batch.scan is not None else f"SELECT * FROM {_ARROW_VIEW}"
    key = [columns[name] for name in batch.stream.primary_key]
    return (
        f"SELECT *, md5_number_lower(__record_id) AS __key, {_row_hash(columns.values())} AS __hash, "
        f"{literal(batch.origin)} AS __origin, {literal(batch_id)} AS __batch_id, false AS __deleted, "
        f"NULL::TIMESTAMPTZ AS __updated_at FROM "
        f"(SELECT *, {_record_id(key, tuple(columns.values()))} AS __record_id "
        f"FROM (SELECT {texts} FROM ({source})))"
    )


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
        raise classify(error, batch.stream.name) from error
    finally:
        if batch.arrow is not None:
            session.connection.unregister(_ARROW_VIEW)


def _unreadable(session: LakeSession, batch: Batch) -> int:
    if batch.rejects is None:
        return 0
    session.execute(f"CREATE OR REPLACE TEMP TABLE {UNREADABLE} AS SELECT line, raw, reason FROM ({batch.rejects})")
    return int(session.value(f"SELECT count(*) FROM {UNREADABLE}"))


def _size(path: str) -> int:
    return Path(path).stat().st_size if "://" not in path else 0
