"""Whatever the OpenAPI document allows a caller to send, and some of what it does not, is answered as it says.

No server error, no status, content type, header or body that the document does not describe. With
`AUTONOMOS_TEST_EXAMPLES=200` every operation is tried longer.
"""

import os
import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
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
# These end the log-in that asks, or all of its member's: asked as a viewer, with a log-in each time.
ENDS = re.compile(r"/auth/logout(-all)?$|/auth/password$")
# Does not end by itself: only how it begins is looked at.
ENDLESS = "/api/v1/events/stream"
TAGS = (*DOMAINS, "operations")


@pytest.fixture(scope="module")
def described(standing: Standing) -> schemathesis.BaseSchema:
    """The document of the served application, which holds one of everything."""
    return schemathesis.openapi.from_url(f"{standing.api.base_url}/openapi.json")


def test_every_operation_is_of_a_domain(described: schemathesis.BaseSchema) -> None:
    tags = {tag for result in described.get_all_operations() for tag in result.ok().definition.raw["tags"]}
    assert tags == set(TAGS)


@pytest.mark.parametrize("tag", TAGS)
def test_every_operation_answers_as_documented(
    tag: str, described: schemathesis.BaseSchema, standing: Standing
) -> None:
    known = {f"{one.method.upper()} {one.path}": one for one in operations_of(standing.application.openapi())}
    wrong, statuses = [], Counter[int]()
    operations = [result.ok() for result in described.get_all_operations()]
    for operation in sorted(operations, key=lambda one: one.method.upper() == "DELETE"):
        if tag not in operation.definition.raw["tags"]:
            continue
        own = known[operation.label]
        values = {
            one.name: standing.own(own, one, "owner")
            for one in own.positions
            if one.where == "path" and own.needs_login
        }
        try:
            statuses += tried(operation, values, partial(token_for, standing, operation.path))
        except (FailureGroup, AssertionError) as failure:
            wrong.append(f"{operation.label}: {failure}")
    assert wrong == [], "\n\n".join(wrong)
    assert statuses[200] + statuses[201] + statuses[202] + statuses[204] > 0, statuses


def token_for(standing: Standing, path: str) -> str:
    """What proves who is asking, whatever the request before has ended."""
    if ENDS.search(path):
        return standing.api.new_token(INTRUDER, "viewer")
    return standing.api.token(INTRUDER, "owner", operator=True)


def tried(operation: Any, values: dict[str, str], new_token: Callable[[], str]) -> Counter[int]:
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
        headers = {"Authorization": f"Bearer {new_token()}"}
        if operation.path == ENDLESS:
            statuses[begun(case, headers)] += 1
            return
        answer = case.call(headers=headers, timeout=60)
        statuses[answer.status_code] += 1
        # No Dagster runs here, and readiness says so.
        checks = CHECKS[1:] if operation.path == "/ready" else CHECKS
        case.validate_response(answer, checks=list(checks), headers=headers)

    ask()
    return statuses


def begun(case: Any, headers: dict[str, str]) -> int:
    """The status a stream begins with, which has to be documented with the content type it comes with."""
    sent = case.as_transport_kwargs()
    with httpx.stream("GET", sent["url"], params=sent.get("params"), headers=headers, timeout=10) as answer:
        documented = case.operation.definition.raw["responses"][str(answer.status_code)]["content"]
        assert answer.headers["content-type"].partition(";")[0] in documented, answer.headers
        return answer.status_code
