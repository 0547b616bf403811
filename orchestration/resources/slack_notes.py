"""Sends the notes that wait in the control plane to each tenant's Slack: fairly, slowly, and never for ever.

At most one a second a tenant; who is asked to wait is left alone until then; what is not taken is tried again ever more
rarely and then shown as failed. A sender that dies between sending and saying so sends that one note twice.
"""

import json
import math
import shlex
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import ControlPlaneError, NotFound
from orchestration.control_plane.notes_outbox import OutboxNote
from orchestration.resources.signed_links import LinkSigner
from orchestration.resources.slack import Slack, SlackError, SlackRefused, SlackSlow
from orchestration.resources.slack_blocks import slack_message

PAUSE_S: Final = 1.0  # https://docs.slack.dev/apis/web-api/rate-limits: webhooks take one message a second
DECIDE: Final = "decide"
TENANTS_AT_ONCE: Final = 100


@dataclass(slots=True)
class Sending:
    """What one round did. `paused` says until when (seconds since 1970) Slack wants to hear nothing of a tenant."""

    sent: int = 0
    failed: int = 0
    paused: dict[UUID, float] = field(default_factory=dict)

    def serialize(self) -> str:
        """For the cursor of a sensor."""
        return json.dumps({str(tenant): until for tenant, until in self.paused.items()})


def parse_paused(text: str | None, now: float) -> dict[UUID, float]:
    """Who is still to be left alone; nobody when that cannot be read."""
    try:
        found = {UUID(tenant): float(until) for tenant, until in json.loads(text or "{}").items()}
    except (ValueError, TypeError, AttributeError):
        return {}
    return {tenant: until for tenant, until in found.items() if until > now and math.isfinite(until)}


class SlackNotes:
    """The sweep over tenants with due notes. `signer` and `public_url` make links; without them commands are named."""

    def __init__(
        self,
        control_plane: ControlPlane,
        slack: Slack,
        signer: LinkSigner | None = None,
        public_url: str = "",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._control_plane = control_plane
        self._slack = slack
        self._signer = signer
        self._public_url = public_url.rstrip("/")
        self._sleep = sleep

    def send_due(self, budget_s: float, paused: Mapping[UUID, float]) -> Sending:
        """Send what is due until there is nothing or the time is over; tenants take turns."""
        done = Sending(paused=dict(paused))
        with self._control_plane.operator_session() as session:
            due = session.tenants_with_due_notes(datetime.now(UTC), TENANTS_AT_ONCE)
        waiting = deque(tenant for tenant in due if tenant not in paused)
        last: dict[UUID, float] = {}
        deadline = time.monotonic() + budget_s
        while waiting and time.monotonic() < deadline:
            tenant_id = waiting.popleft()
            # Whoever stands in front was served longest ago, so nobody waits for this but its own next note.
            self._sleep(max(0.0, last.get(tenant_id, -math.inf) + PAUSE_S - time.monotonic()))
            if self._send_next(tenant_id, done):
                waiting.append(tenant_id)
            last[tenant_id] = time.monotonic()
        return done

    def _send_next(self, tenant_id: UUID, done: Sending) -> bool:
        """Send one note; whether the tenant may have another one now."""
        with self._control_plane.tenant_session(tenant_id) as session:
            notes = session.notes_outbox.due(datetime.now(UTC), limit=1)
            tenant = session.tenants.current().name
        if not notes:
            return False
        try:
            self._slack.post(self._webhook(tenant_id), self._message(notes[0], tenant))
        except SlackError as error:
            self._failed(notes[0], error, done)
            return False
        with self._control_plane.tenant_session(tenant_id) as session:
            session.notes_outbox.sent(notes[0].id)
        done.sent += 1
        return True

    def _failed(self, note: OutboxNote, error: SlackError, done: Sending) -> None:
        retry_after_s = error.retry_after_s if isinstance(error, SlackSlow) else None
        if retry_after_s is not None:
            done.paused[note.tenant_id] = time.time() + retry_after_s
        with self._control_plane.tenant_session(note.tenant_id) as session:
            session.notes_outbox.failed(note.id, str(error), retry_after_s)
        done.failed += 1

    def _webhook(self, tenant_id: UUID) -> str:
        """The tenant's own webhook. Raises SlackRefused, which names the secret and never shows it."""
        with self._control_plane.tenant_session(tenant_id) as session:
            name = session.repair_settings.get().slack_secret
            if name is None:
                raise SlackRefused("Slack is not set up for this tenant.")
            try:
                value = session.secrets.open(name)
            except NotFound:
                raise SlackRefused(f"There is no secret {name!r} with the webhook of Slack.") from None
            except ControlPlaneError as error:
                raise SlackRefused(str(error)) from None
        url = value.get("url") if isinstance(value, dict) else value
        if not isinstance(url, str):
            raise SlackRefused(f"The secret {name!r} is neither a webhook's URL nor an object with 'url'.")
        return url.strip()

    def _message(self, note: OutboxNote, tenant: str) -> dict[str, object]:
        proposal = _id_in(note.payload.get("proposal_id"))
        link = command = None
        if proposal is not None and note.kind == "approval":
            if self._signer is not None and self._public_url:
                token = self._signer.sign(DECIDE, note.tenant_id, proposal, datetime.now(UTC))
                link = f"{self._public_url}/approvals/link/{token}"
            command = f"autonomos approvals show --tenant {shlex.quote(tenant)} {proposal}"
        return slack_message(note.kind, note.payload, tenant, link, command)


def _id_in(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
