"""Every source the contract suite runs against. A new kind adds its harness here."""

from collections.abc import Callable, Iterator

import pytest

from tests.connectors.harnesses.files import FilesHarness
from tests.connectors.harnesses.harness import Harness
from tests.connectors.harnesses.mongodb import MongoHarness, MongoPollingHarness
from tests.connectors.harnesses.salesforce import SalesforceBulkHarness, SalesforceHarness
from tests.connectors.harnesses.supabase import SupabaseDatabaseHarness, SupabaseRestHarness

HARNESSES: tuple[type[Harness], ...] = (
    FilesHarness,
    SalesforceHarness,
    SalesforceBulkHarness,
    SupabaseRestHarness,
    SupabaseDatabaseHarness,
    MongoHarness,
    MongoPollingHarness,
)
SERVICES = tuple(harness for harness in HARNESSES if harness.has_faults)


def parameters(harnesses: tuple[type[Harness], ...]) -> list[object]:
    """For `pytest.fixture(params=...)`: one each, those on a real Postgres marked."""
    marks = {True: [pytest.mark.servers], False: []}
    return [pytest.param(one, id=one.name, marks=marks[one.needs_postgres]) for one in harnesses]


def running(request: pytest.FixtureRequest) -> Iterator[Harness]:
    """The harness that the fixture's parameter names, from start to stop."""
    make: Callable[..., Harness] = request.param
    harness = make(request.getfixturevalue("postgres_admin_url" if request.param.needs_postgres else "tmp_path"))
    harness.start()
    try:
        yield harness
    finally:
        harness.close_connectors()
        harness.stop()
