"""How far a tenant's sources have come from "asked for" to "delivering", counted from rows in one query.

Counted are intents, and live connections that came without one. An intent that is not unsupported is eligible, and
every eligible one is in exactly one of these, the first that holds:

- awaiting_credentials: not connected, or its syncs fail, for want of credentials or permissions that it may have
- network_blocked: its address does not answer or is refused
- error: anything else stands in the way that repeating does not mend
- healing: connected; its syncs fail but are tried again by themselves, or breaking drift is open
- waiting: connected; no sync has ended well yet, or it is paused, or Safe Mode waits for a person to lift it
- active: connected; its last sync ended well

`reachable` counts across these: connected at least once, or the source itself answered and refused.
The objective of the first day is active / eligible >= 0.90; without an eligible one it is unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from orchestration.control_plane.repository import Repository

DAY_ONE_OBJECTIVE = 0.90
TERMINAL = ("active", "awaiting_credentials", "network_blocked", "healing", "waiting", "error")
MOST_BLOCKERS = 5


@dataclass(frozen=True, slots=True)
class Blocker:
    """What keeps `count` sources from being active; `example` names one of them and says why."""

    state: str
    code: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class Funnel:
    """The counts; `day_one` is active / eligible, None when nothing is eligible."""

    eligible: int
    reachable: int
    active: int
    awaiting_credentials: int
    network_blocked: int
    unsupported: int
    healing: int
    waiting: int
    error: int
    blockers: tuple[Blocker, ...]

    @property
    def day_one(self) -> float | None:
        """The share of eligible sources that are active."""
        return self.active / self.eligible if self.eligible else None

    @property
    def meets_objective(self) -> bool | None:
        """Whether the share reaches DAY_ONE_OBJECTIVE; None when it is unknown."""
        return None if self.day_one is None else self.day_one >= DAY_ONE_OBJECTIVE


class FunnelRepository(Repository):
    """The funnel of one tenant."""

    kind = "funnel"

    def counts(self) -> Funnel:
        """As it stands now."""
        rows = self._connection.execute(_COUNTS).all()
        totals = dict.fromkeys((*TERMINAL, "unsupported"), 0)
        for row in rows:
            totals[row.state] += row.found
        return Funnel(
            eligible=sum(totals[state] for state in TERMINAL),
            reachable=sum(row.reached for row in rows),
            blockers=_top(rows),
            **totals,
        )


def _top(rows: Sequence[sa.Row[tuple[object, ...]]]) -> tuple[Blocker, ...]:
    found = [
        Blocker(row.state, row.code, row.found, row.example)
        for row in rows
        if row.state not in ("active", "unsupported")
    ]
    return tuple(sorted(found, key=lambda blocker: (-blocker.count, blocker.state, blocker.code))[:MOST_BLOCKERS])


# Codes of connectors' errors: what they mean is the same whether met while connecting or by a later sync.
_CREDENTIALS = (
    "('credentials_expired', 'permission_missing', 'CredentialsMissing', 'credentials_missing', 'writes_granted')"
)
_NETWORK = "('address_refused')"
_ANSWERED = "('credentials_expired', 'permission_missing', 'writes_granted')"
_COUNTS = sa.text(
    f"""
    WITH sources AS (
        SELECT i.name, i.status AS intent, i.code AS intent_code, i.reason, c.*
        FROM onboarding_intents i
        FULL JOIN (
            SELECT id, name AS connection, status, error, safe_mode, last_success_at
            FROM connections WHERE deleted_at IS NULL
        ) c ON c.id = i.connection_id
    ), judged AS (
        SELECT coalesce(s.connection, s.name) AS name, s.id IS NOT NULL OR s.intent_code IN {_ANSWERED} AS reached,
            CASE
                WHEN s.id IS NULL THEN s.intent
                WHEN s.status = 'needs_person' AND f.error_code IN {_CREDENTIALS} THEN 'awaiting_credentials'
                WHEN s.status = 'needs_person' AND f.error_code IN {_NETWORK} THEN 'network_blocked'
                WHEN s.status = 'needs_person' THEN 'error'
                WHEN s.status = 'failing' OR d.is_open THEN 'healing'
                WHEN s.status = 'paused' OR s.last_success_at IS NULL OR s.safe_mode THEN 'waiting'
                ELSE 'active'
            END AS state,
            CASE
                WHEN s.id IS NULL THEN s.intent_code
                WHEN s.status IN ('needs_person', 'failing') THEN coalesce(f.error_code, 'unknown')
                WHEN d.is_open THEN 'breaking_drift'
                WHEN s.status = 'paused' THEN 'paused'
                WHEN s.last_success_at IS NULL THEN 'not_synced_yet'
                WHEN s.safe_mode THEN 'safe_mode'
                ELSE ''
            END AS code,
            CASE
                WHEN s.id IS NULL THEN s.reason
                WHEN s.status IN ('needs_person', 'failing') THEN coalesce(s.error, 'its syncs fail')
                WHEN d.is_open THEN 'the source changed its shape and waits for a decision'
                WHEN s.status = 'paused' THEN 'somebody paused it'
                WHEN s.last_success_at IS NULL THEN 'no sync of it has ended well yet'
                ELSE 'Safe Mode waits for a person to lift it'
            END AS why
        FROM sources s
        LEFT JOIN LATERAL (
            SELECT r.error_code FROM sync_runs r
            WHERE r.connection_id = s.id AND r.status = 'failed' AND r.kind = 'sync'
            ORDER BY r.requested_at DESC LIMIT 1
        ) f ON s.status IN ('needs_person', 'failing')
        LEFT JOIN LATERAL (
            SELECT true AS is_open FROM drift_events e
            WHERE e.connection_id = s.id AND e.status = 'open' AND e.is_breaking LIMIT 1
        ) d ON s.id IS NOT NULL
    )
    SELECT state, code, count(*) AS found, count(*) FILTER (WHERE reached AND state <> 'unsupported') AS reached,
        min(name || ': ' || why) AS example
    FROM judged GROUP BY state, code
    """
)
