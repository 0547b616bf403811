"""Which streams a folder of files holds: dates and sequence numbers in names are folded away.

`deals_2026-01.csv` and `deals_2026-02.csv` are one stream `deals`, and so are `2026/01/deals.csv` and `deals.csv`.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from connectors.files.config import Format, StreamConfig
from connectors.files.listing import matches

_FORMATS: dict[str, Format] = {
    "csv": "csv", "tsv": "csv", "tab": "csv", "psv": "csv", "txt": "csv",
    "json": "json", "jsonl": "jsonl", "ndjson": "jsonl",
    "parquet": "parquet", "pq": "parquet", "xlsx": "xlsx", "xlsm": "xlsx",
}  # fmt: skip
# A separator and digits, with the marks that times carry (T, Z, v2, part-3), at the end or the start of a name.
_COUNTER = r"(?:(?:part|page|chunk|v)[_\-]?)?\d+(?:[T_.\- ]?\d+)*Z?"
_SUFFIX = re.compile(rf"(?<=.)[_.\- (]+{_COUNTER}\)?$", re.IGNORECASE)
_PREFIX = re.compile(rf"^{_COUNTER}[_.\- ]+(?=.)", re.IGNORECASE)
_DATED = re.compile(r"(?:[a-z]+=)?\d+(?:[T_.\-]?\d+)*Z?", re.IGNORECASE)


def split_extension(name: str) -> tuple[str, str, bool]:
    """Stem, extension in lower case and whether `.gz` follows it."""
    base = PurePosixPath(name).name
    packed = base.lower().endswith(".gz")
    stem, _, extension = (base[:-3] if packed else base).rpartition(".")
    return (stem, extension.lower(), packed) if stem else (extension, "", packed)


def format_of(name: str) -> Format | None:
    """The format that a file's extension names."""
    _, extension, packed = split_extension(name)
    found = _FORMATS.get(extension)
    return None if packed and found in ("parquet", "xlsx") else found


def propose_streams(names: Sequence[str], listed: Iterable[StreamConfig] = ()) -> list[StreamConfig]:
    """One stream for each folded name among the files that no listed stream matches."""
    listed = tuple(listed)
    taken = {stream.name.casefold() for stream in listed}
    groups: dict[tuple[str, str, Format], set[str]] = {}
    for name in names:
        kind = format_of(name)
        if kind and not any(matches(name, stream.pattern) for stream in listed):
            groups.setdefault((*_folded(name), kind), set()).add(_pattern(name))
    streams = []
    for (folder, stem, kind), patterns in sorted(groups.items()):
        name = _free_name([stem, f"{folder}_{stem}".strip("_"), f"{stem}_{kind}", f"{folder}_{stem}_{kind}"], taken)
        taken.add(name.casefold())
        streams.append(StreamConfig(name=name, pattern="|".join(sorted(patterns)), format=kind))
    return streams


def _free_name(candidates: list[str], taken: set[str]) -> str:
    free = [name for name in candidates if name.casefold() not in taken]
    if free:
        return free[0]
    number = 2
    while f"{candidates[-1]}_{number}".casefold() in taken:
        number += 1
    return f"{candidates[-1]}_{number}"


def _folded(name: str) -> tuple[str, str]:
    folders = [part for part in PurePosixPath(name).parent.parts if not _DATED.fullmatch(part)]
    stem = split_extension(name)[0]
    if _DATED.fullmatch(stem):
        # Nothing but a date: the folder says what the files hold.
        return "_".join(folders[:-1]), folders[-1] if folders else "records"
    return "_".join(folders), _PREFIX.sub("", _SUFFIX.sub("", stem))


def _pattern(name: str) -> str:
    path = PurePosixPath(name)
    stem, _, _ = split_extension(name)
    extension = path.name[len(stem) :]
    folders = ["[0-9]*" if part[0].isdigit() else "*=[0-9]*" if _DATED.fullmatch(part) else _literal(part)
               for part in path.parent.parts]  # fmt: skip
    if _DATED.fullmatch(stem):
        return "/".join([*folders, "[0-9]*" + extension])
    base = _literal(_PREFIX.sub("", _SUFFIX.sub("", stem)))
    if ending := _SUFFIX.search(stem):
        separator = re.match(r"[_.\- (]+(?:(?:part|page|chunk|v)[_\-]?)?", ending.group(), re.IGNORECASE)
        base += _literal(separator.group() if separator else "") + "[0-9]*"
    if _PREFIX.search(_SUFFIX.sub("", stem)):
        base = "*[0-9]*" + base
    return "/".join([*folders, base + extension])


def _literal(text: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", text).replace("|", "?")
