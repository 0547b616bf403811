"""A stand-in project for the tests of a module, and connectors of both ways into it."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.limits import Limits
from connectors.outbound.policy import Outbound
from connectors.protocol import Note
from connectors.sandbox.postgrest.sandbox import PostgrestSandbox, Way
from connectors.supabase.config import SupabaseConfig
from connectors.supabase.connector import SupabaseConnector
from tests.connectors.supabase.project import QUICK, Open, Opened


@pytest.fixture(scope="module")
def project(postgres_admin_url: str) -> Iterator[PostgrestSandbox]:
    with PostgrestSandbox(postgres_admin_url) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def _behave_again(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "project" in request.fixturenames:
        request.getfixturevalue("project").behave()


@pytest.fixture
def opened(project: PostgrestSandbox) -> Iterator[Open]:
    """Makes connectors of either way into the project, with small batches."""
    made: list[SupabaseConnector] = []

    def make(
        way: Way = "rest",
        *,
        role: str = "service_role",
        login: str = "db_reader",
        limits: dict[str, Any] | None = None,
        **config: Any,
    ) -> Opened:
        given = project.config(way, role=role, login=login)
        limited = Limits(**{**QUICK, "batch_records": 50_000, **(limits or {})})
        settings = SupabaseConfig.model_validate({**given, "limits": limited, **config})
        connector = SupabaseConnector(settings, Outbound(project.addresses()))
        notes: list[Note] = []
        connector.notes = notes.append
        made.append(connector)
        return Opened(connector, notes)

    yield make
    for connector in made:
        connector.close()
