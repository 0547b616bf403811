"""Wrong passwords of people we know, counted here and written into their tenants' histories every few seconds.

Not while the answer is waited for: it would tell by its time which addresses have a user.
"""

import logging
import threading
from collections import Counter
from typing import Final
from uuid import UUID

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import ControlPlaneError

WRITTEN_EVERY_S: Final = 5.0
_log = logging.getLogger(__name__)


class FailedLogins:
    """Safe to share between threads; `start` and `close` are the application's."""

    def __init__(self, control_plane: ControlPlane) -> None:
        self._control_plane = control_plane
        self._counts: Counter[UUID] = Counter()
        self._turn = threading.Lock()
        self._ended = threading.Event()
        self._writer = threading.Thread(target=self._write_now_and_then, name="failed-logins", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._writer.start()

    def close(self) -> None:
        """Write what is left, and end."""
        self._ended.set()
        self._writer.join()

    def count(self, user_id: UUID | None) -> None:
        """A wrong password for that user; for nobody, nothing is kept."""
        if user_id is not None:
            with self._turn:
                self._counts[user_id] += 1

    def write(self) -> None:
        """Put the counts into the histories. What cannot be written is counted on."""
        with self._turn:
            counts, self._counts = self._counts, Counter()
        for user_id, count in counts.items():
            try:
                self._record(user_id, count)
            except ControlPlaneError:
                _log.exception("failed log-ins could not be written into a history")
                with self._turn:
                    self._counts[user_id] += count

    def _record(self, user_id: UUID, count: int) -> None:
        with self._control_plane.identity_session() as identity:
            account, belongings = identity.account(user_id), identity.belongings(user_id)
        for belonging in belongings if account else ():
            with self._control_plane.tenant_session(belonging.tenant_id) as session:
                session.audit.record("login.failed", f"user:{user_id}", {"attempts": count}, account.email)  # type: ignore[union-attr]

    def _write_now_and_then(self) -> None:
        while not self._ended.wait(WRITTEN_EVERY_S):
            self.write()
        self.write()
