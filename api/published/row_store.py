"""Rows of large views laid out so that fifty of them are fetched without reading the others.

Parquet gives a column quickly and a row slowly: fetching 50 rows of a million by 25 columns costs 0.1 s, whatever is
known of where they lie. So a large view that is read gets a copy of its rows, made once a snapshot in the background:
uncompressed Arrow on disk, mapped into memory. Until it is there, and for small views, rows come with the query.
"""

import shutil
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from logging import getLogger
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import uuid4

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from api.published.columns import KEY
from orchestration.resources.lake_session import name_of
from orchestration.resources.publishing import VIEWS_SCHEMA, PublishedReader

LARGE_FROM_ROWS = 50_000
_BATCH_ROWS = 32_768
_log = getLogger(__name__)


class RowStore:
    """The rows of one view of one snapshot, by key. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size_bytes = path.stat().st_size
        with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as reader:
            self._batches = [reader.get_batch(number) for number in range(reader.num_record_batches)]
        self._starts = np.cumsum([0, *(batch.num_rows for batch in self._batches)])
        keys = np.concatenate([batch.column(KEY).to_numpy(zero_copy_only=False) for batch in self._batches])
        self._order = np.argsort(keys).astype(np.uint32)
        self._keys: npt.NDArray[np.uint64] = keys[self._order]

    def rows(self, keys: Sequence[int], columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """The rows with these keys, in this order."""
        if not keys:
            return []
        wanted = np.asarray(keys, np.uint64)
        places = self._order[np.searchsorted(self._keys, wanted)]
        batches = np.searchsorted(self._starts, places, side="right") - 1
        found: dict[int, tuple[Any, ...]] = {}
        for number in np.unique(batches):
            mine = np.flatnonzero(batches == number)
            taken = self._batches[number].select(list(columns)).take(pa.array(places[mine] - self._starts[number]))
            values = zip(*(column.to_pylist() for column in taken.columns), strict=True)
            found |= dict(zip(mine.tolist(), values, strict=True))
        return [found[at] for at in range(len(keys))]


class RowStores:
    """Makes stores one after the other and keeps them within so many bytes; those of least recent use go first."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = Path(mkdtemp(prefix="rows-", dir=folder))
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._stores: dict[tuple[str, str], RowStore | None] = {}  # None while it is made, and where it cannot be
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="row-store")

    def get(self, reader: PublishedReader, path: str, view: str, rows: int) -> RowStore | None:
        """The store of a view of the snapshot at `path`; None while there is none. Asking for one has it made."""
        if rows < LARGE_FROM_ROWS or not self._limit_bytes:
            return None
        key = (path, view)
        with self._lock:
            if key in self._stores:
                found = self._stores.pop(key)
                self._stores[key] = found  # used last
                return found
            self._stores[key] = None
        self._maker.submit(self._make, reader.beside(), key)
        return None

    def forget(self, path: str) -> None:
        """The snapshot was closed."""
        with self._lock:
            gone = [self._stores.pop(key) for key in list(self._stores) if key[0] == path]
        for store in gone:
            if store is not None:
                store.path.unlink(missing_ok=True)  # what is mapped stays readable to who still reads it

    def close(self) -> None:
        """Delete every store."""
        self._maker.shutdown(cancel_futures=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _make(self, reader: PublishedReader, key: tuple[str, str]) -> None:
        target = self._folder / f"{uuid4().hex}.arrow"
        try:
            _write(reader, key[1], target, self._limit_bytes)
            store = RowStore(target)
        except (OSError, duckdb.Error, pa.ArrowException):
            _log.exception("rows of a view could not be laid out; its pages are read from Parquet")
            target.unlink(missing_ok=True)
            return
        finally:
            reader.close()
        with self._lock:
            is_wanted = key in self._stores
            if is_wanted:
                self._stores[key] = store
            evicted = self._too_many()
        for one in [*evicted, *([] if is_wanted else [store])]:
            one.path.unlink(missing_ok=True)

    def _too_many(self) -> list[RowStore]:
        """Take out the stores beyond the limit, least recent use first. Under the lock."""
        gone = []
        used = sum(store.size_bytes for store in self._stores.values() if store)
        for key, store in list(self._stores.items()):
            if used <= self._limit_bytes:
                break
            if store is not None:
                del self._stores[key]
                used -= store.size_bytes
                gone.append(store)
        return gone


def _write(reader: PublishedReader, view: str, target: Path, limit_bytes: int) -> None:
    batches = reader.query(f"SELECT * FROM {name_of(VIEWS_SCHEMA, view)}").to_arrow_reader(_BATCH_ROWS)
    with target.open("wb") as sink, pa.ipc.new_file(sink, batches.schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            if sink.tell() > limit_bytes:
                raise OSError("the view is larger than all stores may be together")
