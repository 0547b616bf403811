"""The shape of a stream by records that were looked at and are not stored, as before its first sync.

Counted in a DuckDB of its own, in memory, which is gone afterwards.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing

import duckdb
import pyarrow as pa

from assets.fingerprint.fingerprint import ObservedStream, observe
from assets.fingerprint.profile import profile_sql, read_look
from connectors.protocol import Stream

Record = Mapping[str, str | None]


def observe_records(
    stream: Stream, records: Sequence[Record], hashed: Collection[str] = (), declares_types: bool = False
) -> ObservedStream:
    """The shape of `stream` by these records; of `hashed` fields what a digest in their place looks like."""
    columns = [field.name for field in stream.fields]
    if not columns or not records:
        return observe(stream, {}, partial=True, declares_types=declares_types)
    texts = {name: [_landed(record.get(name), name in hashed) for record in records] for name in columns}
    landed = pa.table({name: pa.array(values, pa.string()) for name, values in texts.items()})
    with closing(duckdb.connect(config={"threads": 1})) as connection:
        connection.register("landed", landed)
        looks = read_look(columns, connection.execute(profile_sql("landed", columns)).fetchall())
    return observe(
        stream,
        {name: profile for name, (profile, _) in looks.items()},
        partial=True,
        declares_types=declares_types,
        sketches={name: sketch for name, (_, sketch) in looks.items()},
    )


def _landed(text: str | None, is_hashed: bool) -> str | None:
    """What lands is a keyed digest; here its look is all that counts."""
    return text if text is None or not is_hashed else hashlib.sha256(text.encode()).hexdigest()
