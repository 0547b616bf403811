"""A folder with files, and connectors over it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.files.connector import FilesConnector
from connectors.registry import connector_for


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.mkdir()
    return path


@pytest.fixture
def files(folder: Path) -> Callable[..., FilesConnector]:
    """A connector over the folder; with keywords, of one stream so configured."""

    def make(*, path: Path | None = None, limits: dict[str, Any] | None = None, **stream: Any) -> FilesConnector:
        config: dict[str, Any] = {"path": str(path or folder), "limits": limits or {}}
        if stream:
            config["streams"] = [{"name": "s", "pattern": "**", **stream}]
        connector = connector_for("files", config)
        assert isinstance(connector, FilesConnector)
        return connector

    return make


@pytest.fixture
def read_only_stream(files: Callable[..., FilesConnector], read: Callable[..., Any]) -> Callable[..., Any]:
    """Pin, discover and read the single stream of the folder."""

    def run(**options: Any) -> Any:
        connector = files(**options)
        connector = FilesConnector(connector.pin())
        (stream,) = connector.discover()
        return read(connector, stream)

    return run
