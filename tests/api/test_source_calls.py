"""Questions to sources are bounded in time and number, whatever the source does."""

import threading
from uuid import uuid4

import pytest

from api.source_calls import SourceCalls, SourceTimeout, TooManySourceCalls


def test_an_answer_and_an_error_come_through() -> None:
    calls, tenant = SourceCalls(), uuid4()
    assert calls.call(tenant, lambda: 7) == 7
    for error in (ValueError("no"), TimeoutError("its own")):
        with pytest.raises(type(error), match=str(error)):
            calls.call(tenant, lambda error=error: _raise(error))


def test_who_waits_for_a_source_that_hangs_is_let_go_and_the_tenant_runs_out_of_calls() -> None:
    calls, tenant, other, ends = SourceCalls(0.05, 3, 2), uuid4(), uuid4(), threading.Event()
    for _ in range(2):
        with pytest.raises(SourceTimeout):
            calls.call(tenant, ends.wait)
    with pytest.raises(TooManySourceCalls):
        calls.call(tenant, lambda: 1)
    assert calls.call(other, lambda: 1) == 1
    with pytest.raises(SourceTimeout):
        calls.call(other, ends.wait)
    with pytest.raises(TooManySourceCalls):
        calls.call(uuid4(), lambda: 1)
    ends.set()
    while any(thread.name == "source-call" for thread in threading.enumerate()):
        pass
    assert calls.call(tenant, lambda: 1) == 1


def _raise(error: Exception) -> None:
    raise error
