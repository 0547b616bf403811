"""Questions that endpoints put to sources while somebody waits: bounded in time, and in number for each tenant.

A source that hangs keeps a thread of its own and none of those that serve requests for longer than the wait. The
connector's own limits end it later; until then it counts against its tenant.
"""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import TypeVar, cast
from uuid import UUID

from api.problems import Problem, TooManyRequests

T = TypeVar("T")

WAIT_S = 45.0
PATIENCE_S = 20.0  # for one call to the source, with all its attempts
_MOST = 16
_MOST_OF_A_TENANT = 4


class SourceTimeout(Problem):
    slug, status, title = "source-timeout", 504, "The source did not answer in time"
    advice = "Try again, or ask for a sync instead: it waits for as long as the connection's own limits say."


class TooManySourceCalls(TooManyRequests):
    slug, title = "too-many-source-calls", "Too many questions to sources are under way"
    advice = "Wait until some of them are answered; the seconds in Retry-After are a good guess."


class SourceCalls:
    """Safe to share between threads."""

    def __init__(self, wait_s: float = WAIT_S, most: int = _MOST, most_of_a_tenant: int = _MOST_OF_A_TENANT) -> None:
        self._wait_s = wait_s
        self._most = most
        self._most_of_a_tenant = most_of_a_tenant
        self._lock = threading.Lock()
        self._under_way: Counter[UUID] = Counter()

    def call(self, tenant_id: UUID, ask: Callable[[], T]) -> T:
        """What `ask` returns or raises.

        Raises:
            SourceTimeout: it takes too long; it goes on without anybody who waits.
            TooManySourceCalls: the tenant, or all together, have too many under way.
        """
        self._begin(tenant_id)
        answer: Future[T] = Future()
        # A daemon: a source that hangs must not keep the process from ending, as an executor's threads would.
        threading.Thread(target=self._run, args=(tenant_id, ask, answer), name="source-call", daemon=True).start()
        try:
            return answer.result(self._wait_s)
        except FutureTimeout:
            if answer.done():
                raise  # its own
            raise SourceTimeout from None

    def _begin(self, tenant_id: UUID) -> None:
        with self._lock:
            if self._under_way[tenant_id] >= self._most_of_a_tenant or self._under_way.total() >= self._most:
                raise TooManySourceCalls(retry_after_s=5)
            self._under_way[tenant_id] += 1

    def _run(self, tenant_id: UUID, ask: Callable[[], T], answer: Future[T]) -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = ask()
        except BaseException as raised:  # noqa: BLE001 - raised again where somebody waits for it
            error = raised
        self._end(tenant_id)
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(cast(T, result))

    def _end(self, tenant_id: UUID) -> None:
        with self._lock:
            self._under_way[tenant_id] -= 1
            if not self._under_way[tenant_id]:
                del self._under_way[tenant_id]
