"""A tenant's own files, which its connections may read."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import Path, Query
from pydantic import BaseModel, Field

from orchestration.resources.tenant_files import StoredFile

# What is no name of a file names none.
FileName = Annotated[str, Path(max_length=200, pattern=r"^[^\x00/]+$", description="Name of the file.")]
NewFileName = Annotated[
    str, Query(min_length=1, max_length=200, description="Name to keep it under.", examples=["deals_2026-01.csv"])
]


class FileOut(BaseModel):
    """One file. A connection of kind `files` reads it by this name as its `path`."""

    name: str
    size_bytes: int
    modified_at: datetime = Field(description="When it was put here.")

    @classmethod
    def of(cls, file: StoredFile) -> Self:
        """The file as it lies there."""
        return cls(name=file.name, size_bytes=file.size_bytes, modified_at=file.modified_at)
