"""What a person may set on a `files` connection, and what `pin()` writes back.

Everything left out is found by looking at the files; nothing here reads them.
"""

import codecs
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Format = Literal["csv", "json", "jsonl", "parquet", "xlsx"]
MIB = 1024 * 1024


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Dialect(_Strict):
    """How a delimited text file is written. An empty `quote` means that nothing is quoted."""

    delimiter: str = Field(",", min_length=1, max_length=4)
    quote: str = Field('"', max_length=1)
    escape: str = Field('"', max_length=1)
    header: bool = True
    skip_lines: int = Field(0, ge=0, le=1000, description="lines before the header")

    @model_validator(mode="after")
    def _distinct(self) -> "Dialect":
        if self.quote and self.quote in self.delimiter:
            raise ValueError("the quote and the delimiter must differ")
        if set(self.delimiter + self.quote + self.escape) & {"\n", "\r"}:
            raise ValueError("a line break cannot be a delimiter, quote or escape")
        return self


class Limits(_Strict):
    """What one file may cost. Crossing a limit is an error that names the file, except a long line: it is rejected."""

    max_file_bytes: int = Field(64 * 1024 * MIB, gt=0)
    max_unpacked_bytes: int = Field(128 * 1024 * MIB, gt=0)
    max_ratio: float = Field(100.0, gt=1, description="unpacked bytes per packed byte")
    max_line_bytes: int = Field(2 * MIB, ge=1024, le=64 * MIB)
    max_columns: int = Field(2000, gt=0)
    max_files: int = Field(100_000, gt=0)


class StreamConfig(_Strict):
    """One stream: the files of a pattern. Alternatives within a pattern are separated by `|`."""

    name: str = Field(min_length=1, max_length=200)
    pattern: str = Field(min_length=1)
    format: Format | None = None
    dialect: Dialect | None = None
    encoding: str | None = None
    columns: tuple[str, ...] | None = Field(None, description="names to use instead of the header, by position")
    primary_key: tuple[str, ...] | None = Field(None, description="empty: the stream has no key")
    key_proposed: bool = Field(False, description="the key was found by looking, not declared")
    mode: Literal["snapshot", "append"] = "snapshot"
    deletes: bool = Field(False, description="a record absent from its file, or a file that is gone, is a delete")
    select: Literal["all", "latest"] = Field("all", description="latest: only the newest file is the snapshot")
    sheet: str | None = None

    @field_validator("pattern")
    @classmethod
    def _inside(cls, pattern: str) -> str:
        for alternative in pattern.split("|"):
            path = PurePosixPath(alternative)
            if not alternative or path.is_absolute() or ".." in path.parts:
                raise ValueError("a pattern must stay inside the connection's folder: no '..', no leading '/'")
        return pattern

    @field_validator("encoding")
    @classmethod
    def _known(cls, encoding: str | None) -> str | None:
        if encoding is None:
            return None
        try:
            info = codecs.lookup(encoding)
            "".encode(info.name)
        except (LookupError, UnicodeError):
            raise ValueError(f"there is no text encoding called {encoding!r}") from None
        return info.name

    @model_validator(mode="after")
    def _consistent(self) -> "StreamConfig":
        if self.mode == "append" and (self.deletes or self.select == "latest"):
            raise ValueError("mode 'append' never deletes and reads all files: drop 'deletes' and 'select'")
        return self


class FilesConfig(_Strict):
    """A folder, file or glob. `allowed_roots` is the operator's: when set, nothing outside is read."""

    path: str = Field(min_length=1)
    streams: tuple[StreamConfig, ...] | None = None
    propose: bool | None = Field(
        None, description="also make streams of files that no listed stream matches; default: when none is listed"
    )
    limits: Limits = Limits()
    allowed_roots: tuple[Path, ...] = ()

    @field_validator("path")
    @classmethod
    def _absolute(cls, path: str) -> str:
        if "\0" in path:
            raise ValueError("the path holds a NUL character")
        return str(Path(path).expanduser().absolute())

    @model_validator(mode="after")
    def _unique_names(self) -> "FilesConfig":
        names = [stream.name.casefold() for stream in self.streams or ()]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"stream names given twice: {', '.join(repeated)}")
        return self

    @property
    def proposes(self) -> bool:
        """Whether files that no listed stream matches become streams."""
        return not self.streams if self.propose is None else self.propose
