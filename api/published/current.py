"""Which publication is current: asked of Postgres a few times a second for each tenant that reads, by one thread.

Whoever reads all the time never waits for that: it is asked again in the background before the answer is too old.
"""

import threading
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import ControlPlaneUnavailable
from orchestration.control_plane.publications import PublicationRecord

KNOWN_FOR_S = 0.5
ASKED_AGAIN_AFTER_S = 0.25
_MOST_TENANTS = 10_000

_Known = tuple[float, PublicationRecord | None]


class CurrentPublications:
    """The pointer of every tenant that is asked about. Safe to share between threads."""

    def __init__(self, control_plane: ControlPlane) -> None:
        self._control_plane = control_plane
        self._lock = threading.Lock()
        self._known: OrderedDict[UUID, _Known] = OrderedDict()
        self._asking: dict[UUID, threading.Lock] = {}
        self._asked_again: set[UUID] = set()
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="current-publication")

    def known(self, tenant_id: UUID) -> tuple[bool, PublicationRecord | None]:
        """Whether the answer is known without asking, and the answer. Never waits."""
        found = self._known.get(tenant_id)
        age_s = KNOWN_FOR_S + 1 if found is None else time.monotonic() - found[0]
        if found is None or age_s > KNOWN_FOR_S:
            return False, None
        if age_s > ASKED_AGAIN_AFTER_S and tenant_id not in self._asked_again:
            self._asked_again.add(tenant_id)
            self._pool.submit(self._ask_again, tenant_id)
        return True, found[1]

    def close(self) -> None:
        """Ask no more."""
        self._pool.shutdown(cancel_futures=True)

    def get(self, tenant_id: UUID) -> PublicationRecord | None:
        """The current publication; None before the first one. Raises ControlPlaneUnavailable."""
        is_known, found = self.known(tenant_id)
        if is_known:
            return found
        with self._lock:
            asking = self._asking.setdefault(tenant_id, threading.Lock())
        with asking:
            is_known, found = self.known(tenant_id)  # somebody else may have asked meanwhile
            return found if is_known else self._ask(tenant_id)

    def _ask_again(self, tenant_id: UUID) -> None:
        try:
            self._ask(tenant_id)
        except ControlPlaneUnavailable:
            return  # whoever needs the answer asks for it, and is told
        finally:
            self._asked_again.discard(tenant_id)

    def _ask(self, tenant_id: UUID) -> PublicationRecord | None:
        asked_at = time.monotonic()
        with self._control_plane.tenant_session(tenant_id) as session:
            found = session.publications.current()
        with self._lock:
            self._known[tenant_id] = asked_at, found
            self._known.move_to_end(tenant_id)
            while len(self._known) > _MOST_TENANTS:
                gone, _ = self._known.popitem(last=False)
                self._asking.pop(gone, None)
        return found
