"""One whole stack for the tests that bring a tenant of their own and leave the stack as they found it."""

from collections.abc import Iterator

import pytest

from orchestration.resources.settings import Settings
from tests.end_to_end.running import LOOPBACK, running_stack


@pytest.fixture(scope="package")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """It runs until the last test of this folder has ended; sources may be anywhere on this machine."""
    with running_stack(tmp_path_factory.mktemp("shared"), [LOOPBACK]) as settings:
        yield settings
