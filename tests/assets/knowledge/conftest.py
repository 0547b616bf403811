"""A lake of each test's own; it needs no server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.resources.lake_session import LakeSession
from tests.assets.canonical_rows import local_lake


@pytest.fixture
def session(tmp_path: Path) -> Iterator[LakeSession]:
    """A session on an empty lake."""
    with local_lake(tmp_path) as opened:
        yield opened
