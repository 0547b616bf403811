"""Sources of every kind, started for one test, and how the tests read them."""

from collections.abc import Callable, Iterator

import pytest

from tests.connectors.harnesses.harness import Harness, ServiceHarness
from tests.connectors.harnesses.reading import Reading, read_stream
from tests.connectors.harnesses.roster import HARNESSES, SERVICES, parameters, running


@pytest.fixture
def read() -> Callable[..., Reading]:
    """Read one stream to its end, or to some item."""
    return read_stream


@pytest.fixture(params=parameters(HARNESSES))
def harness(request: pytest.FixtureRequest) -> Iterator[Harness]:
    """Each source there is."""
    yield from running(request)


@pytest.fixture(params=parameters(SERVICES))
def service(request: pytest.FixtureRequest) -> Iterator[ServiceHarness]:
    """Each source that answers requests."""
    for one in running(request):
        assert isinstance(one, ServiceHarness)
        yield one
