"""Whatever the OpenAPI document allows a caller to send, and some of what it does not, is answered as it says.

No server error, no status, content type, header or body that the document does not describe. With
`AUTONOMOS_TEST_EXAMPLES=200` every operation is tried longer.
"""

import os
import re
from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import DOMAINS
from tests.api.isolation.operations import operations_of
from tests.api.isolation.standing import INTRUDER, Standing
from tests.api.isolation.test_matrix import standing

__all__ = ["standing"]
pytestmark = pytest.mark.servers
EXAMPLES = int(os.environ.get("AUTONOMOS_TEST_EXAMPLES", "6"))
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
# A stream does not end by itself, and what ends the log-in that asks would leave the rest without one.
LEFT_OUT = re.compile(r"/events/stream$|/auth/logout(-all)?$|/auth/password$")


@pytest.fixture(scope="module")
def described(standing: Standing) -> schemathesis.BaseSchema:
    """The document of the served application, which holds one of everything."""
    return schemathesis.openapi.from_url(f"{standing.api.base_url}/openapi.json")


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_operation_answers_as_documented(
    domain: str, described: schemathesis.BaseSchema, standing: Standing
) -> None:
    known = {f"{one.method.upper()} {one.path}": one for one in operations_of(standing.application.openapi())}
    wrong, statuses = [], Counter[int]()
    operations = [result.ok() for result in described.get_all_operations()]
    for operation in sorted(operations, key=lambda one: one.method.upper() == "DELETE"):
        if domain not in (operation.definition.raw.get("tags") or ()) or LEFT_OUT.search(operation.path):
            continue
        own = known[operation.label]
        values = {one.name: standing.own(own, one, "owner") for one in own.positions if one.where == "path"}
        try:
            statuses += tried(operation, values, standing.api.token(INTRUDER, "owner", operator=True))
        except (FailureGroup, AssertionError) as failure:
            wrong.append(f"{operation.label}: {failure}")
    assert wrong == [], "\n\n".join(wrong)
    assert statuses[200] + statuses[201] + statuses[202] + statuses[204] > 0, statuses


def tried(operation: Any, values: dict[str, str], token: str) -> Counter[int]:
    """Ask with what the document allows and with some of what it does not, often about things that are there."""
    statuses = Counter[int]()

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(
        case=st.one_of(operation.as_strategy(), operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)),
        about_what_is_there=st.booleans(),
    )
    def ask(case: Any, about_what_is_there: bool) -> None:
        if about_what_is_there and values:
            case.path_parameters = {**(case.path_parameters or {}), **values}
        case.headers = {}  # what is no header at all is answered by the server below the application
        answer = case.call(headers={"Authorization": f"Bearer {token}"}, timeout=60)
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=list(CHECKS), headers={"Authorization": f"Bearer {token}"})

    ask()
    return statuses
