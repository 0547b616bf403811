"""Which column identifies a record, when nobody has said.

Only a column whose name says so is proposed: `id` and the like, or an id named after the stream itself. An id named
after something else (`AccountId` among contacts) points elsewhere, however unique it looks. The sample must show it
unique and never null.
"""

import re
from collections.abc import Sequence

import duckdb

from connectors.files.formats.scan import Scan, identifier

SAMPLE_ROWS = 100_000
_EXACT = ("id", "hsobjectid", "recordid", "objectid", "uuid", "guid", "rowid", "uid", "arn", "pk", "key")
_ID_WORDS = frozenset(("id", "uuid", "guid", "key", "arn", "number", "no", "num", "code", "identifier"))


def propose_key(stream: str, scan: Scan) -> tuple[str, ...]:
    """The best-named column that is unique and never null in the sample; empty when there is none."""
    candidates = rank_key_names(stream, [field.name for field in scan.fields])
    if not candidates:
        return ()
    tests = ", ".join(f"count(DISTINCT {identifier(name)}) = count(*) AND count(*) > 0" for name in candidates)
    with duckdb.connect() as connection:
        for statement in scan.prepare:
            connection.execute(statement)
        row = connection.execute(f"SELECT {tests} FROM ({scan.sql} LIMIT {SAMPLE_ROWS})").fetchone() or ()
    return next(((name,) for name, unique in zip(candidates, row, strict=True) if unique), ())


def rank_key_names(stream: str, names: Sequence[str]) -> list[str]:
    """The names that read as this stream's own id, best first."""
    own = {_singular(word) for word in _words(stream)}
    ranked = [(rank, position, name) for position, name in enumerate(names) if (rank := _rank(own, name)) is not None]
    return [name for _, _, name in sorted(ranked)]


def _rank(own: set[str], name: str) -> int | None:
    words = _words(name)
    if "".join(words) in _EXACT:
        return _EXACT.index("".join(words))
    # accountid among accounts is written as one word by some systems.
    if len(words) == 1 and words[0].endswith("id") and words[0][:-2] in own:
        return len(_EXACT)
    if len(words) > 1 and words[-1] in _ID_WORDS and {_singular(word) for word in words[:-1]} <= own:
        return len(_EXACT) + 1
    return None


def _words(name: str) -> list[str]:
    """Parts of snake_case, camelCase and spaced names, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+", name)]


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
