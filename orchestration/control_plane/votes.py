"""Votes of people on repair proposals: one a person and revision, what they want, and with which rules.

How many votes decide is the mapping stage's rule; here they are only kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import Json, StorableText, jsonb, tenant_table, timestamp
from orchestration.control_plane.repository import columns_for

approvals = tenant_table(
    "approvals",
    sa.Column("proposal_id", sa.Uuid, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("voter", StorableText, primary_key=True),
    sa.Column("verdict", sa.Text, nullable=False),
    jsonb("payload", nullable=True),
    timestamp("voted_at"),
)


@dataclass(frozen=True, slots=True)
class VoteRecord:
    """`verdict` and `payload` as the mapping stage gave them; `revision` of the proposal it was given on."""

    proposal_id: UUID
    revision: int
    voter: str
    verdict: str
    payload: Json
    voted_at: datetime


def cast_vote(
    connection: sa.Connection,
    tenant_id: UUID,
    proposal_id: UUID,
    revision: int,
    voter: str,
    verdict: str,
    payload: Mapping[str, Any] | None,
) -> None:
    """Keep a vote, in place of the same person's on the same revision."""
    given = {"verdict": verdict, "payload": None if payload is None else dict(payload)}
    new = postgresql.insert(approvals).values(
        tenant_id=tenant_id, proposal_id=proposal_id, revision=revision, voter=voter, **given
    )
    replaced = new.on_conflict_do_update(
        index_elements=["tenant_id", "proposal_id", "revision", "voter"],
        set_={**given, "voted_at": sa.func.clock_timestamp()},
    )
    connection.execute(replaced)


def votes_of(proposal_id: UUID, revision: sa.ScalarSelect[int]) -> sa.Select[Any]:
    """The votes on one revision of a proposal, oldest first."""
    votes = sa.select(*columns_for(VoteRecord, approvals)).where(
        approvals.c.proposal_id == proposal_id, approvals.c.revision == revision
    )
    return votes.order_by(approvals.c.voted_at, approvals.c.voter)
