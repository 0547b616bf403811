"""Contracts: whether a change of shape is taken over (evolve), its records are held (hold), or nothing moves (freeze).

Said for a tenant, a connection or a stream, and there for all kinds of change or one. The narrowest that somebody set
counts; where nobody set any, the product's default does, which the mapping stage knows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import StorableText, tenant_table, timestamp
from orchestration.control_plane.connections import lock_live
from orchestration.control_plane.errors import ContractInvalid
from orchestration.control_plane.repository import Repository, columns_for

ContractPolicy = Literal["evolve", "hold", "freeze"]
POLICIES: tuple[ContractPolicy, ...] = ("evolve", "hold", "freeze")

drift_contracts = tenant_table(
    "drift_contracts",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("connection_id", sa.Uuid, nullable=True),
    sa.Column("stream", StorableText, nullable=True),
    sa.Column("kind", sa.Text, nullable=True),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("decided_by", StorableText, nullable=False),
    timestamp("decided_at"),
)
_SCOPE = ("connection_id", "stream", "kind")


@dataclass(frozen=True, slots=True)
class ContractRecord:
    """None in `connection_id`, `stream` or `kind` means: all of them."""

    tenant_id: UUID
    id: UUID
    connection_id: UUID | None
    stream: str | None
    kind: str | None
    policy: ContractPolicy
    decided_by: str
    decided_at: datetime


class ContractRepository(Repository):
    """The contracts of one tenant."""

    kind = "contract"

    def set(
        self,
        policy: ContractPolicy | None,
        by: str,
        connection_id: UUID | None = None,
        stream: str | None = None,
        kind: str | None = None,
    ) -> ContractRecord | None:
        """Say what holds for that scope from now on; None takes back what was said there.

        Raises:
            ContractInvalid: no such policy, or a stream without its connection.
            NotFound: there is no such connection.
        """
        if policy is not None and policy not in POLICIES:
            raise ContractInvalid(f"A contract is one of {', '.join(POLICIES)}, not {policy!r}.")
        if stream is not None and connection_id is None:
            raise ContractInvalid("A stream belongs to a connection; name that too.")
        scope = {"connection_id": connection_id, "stream": stream, "kind": kind}
        if policy is None:
            said = [drift_contracts.c[name].is_not_distinct_from(value) for name, value in scope.items()]
            self._connection.execute(sa.delete(drift_contracts).where(*said))
            return None
        if connection_id is not None:
            lock_live(self._connection, connection_id)
        new = postgresql.insert(drift_contracts).values(
            tenant_id=self._tenant_id, id=uuid4(), policy=policy, decided_by=by, **scope
        )
        replaced = new.on_conflict_do_update(
            index_elements=["tenant_id", *_SCOPE],
            set_={"policy": policy, "decided_by": by, "decided_at": sa.func.clock_timestamp()},
        )
        return self._one(replaced.returning(*_COLUMNS), ContractRecord, policy)

    def list(self, connection_id: UUID | None = None) -> Sequence[ContractRecord]:
        """All that was said, the tenant's own first; or what concerns one connection."""
        said = sa.select(*_COLUMNS)
        if connection_id is not None:
            its_own = drift_contracts.c.connection_id == connection_id
            said = said.where(sa.or_(its_own, drift_contracts.c.connection_id.is_(None)))
        order = (drift_contracts.c[name].asc().nulls_first() for name in _SCOPE)
        return self._all(said.order_by(*order), ContractRecord)

    def get(self, contract_id: UUID) -> ContractRecord:
        """One of them."""
        return self._one(sa.select(*_COLUMNS).where(drift_contracts.c.id == contract_id), ContractRecord, contract_id)

    def delete(self, contract_id: UUID) -> ContractRecord:
        """Take back what was said there; what it was."""
        gone = sa.delete(drift_contracts).where(drift_contracts.c.id == contract_id).returning(*_COLUMNS)
        return self._one(gone, ContractRecord, contract_id)

    def effective(self, connection_id: UUID, stream: str, kind: str) -> ContractPolicy | None:
        """What counts for a kind of change in a stream; None where nobody decided."""
        return self.all_effective(connection_id)(stream, kind)

    def all_effective(self, connection_id: UUID) -> Callable[[str, str], ContractPolicy | None]:
        """The same for every stream and kind of a connection, out of one query."""
        said = {(one.connection_id, one.stream, one.kind): one.policy for one in self.list(connection_id)}

        def effective(stream: str, kind: str) -> ContractPolicy | None:
            narrowest_first = (
                (connection_id, stream, kind), (connection_id, stream, None),
                (connection_id, None, kind), (connection_id, None, None),
                (None, None, kind), (None, None, None),
            )  # fmt: skip
            return next((said[scope] for scope in narrowest_first if scope in said), None)

        return effective


_COLUMNS = columns_for(ContractRecord, drift_contracts)
