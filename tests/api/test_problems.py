"""Every error is a problem document, and absent things look all alike."""

import pytest

from tests.api.serving import ServedApi

pytestmark = pytest.mark.servers


def test_who_does_not_say_who_they_are_is_asked_to(api: ServedApi) -> None:
    with api.anonymous() as client:
        answer = client.get("/api/v1/nothing/here")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
