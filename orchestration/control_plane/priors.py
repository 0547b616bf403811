"""What tenants who opted in tell each other: that a field of this name, in this kind of source, became that target.

Nothing in the table names a tenant or a field. A contributor and a field name are hashes keyed by the master key, so
without it neither can be told or tried out; entity and target are words of the canonical model, never a tenant's own.
Row-level security lets a session give and look up only while its tenant's own setting shares.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import metadata
from orchestration.control_plane.custom_entities import custom_entities
from orchestration.control_plane.errors import MasterKeyInvalid
from orchestration.control_plane.repository import Repository
from orchestration.control_plane.sealing import Sealer

MOST_FIELDS = 5000  # of one look-up: more than a stream has

field_priors = sa.Table(
    "field_priors",
    metadata,
    sa.Column("contributor", sa.Text, primary_key=True),
    sa.Column("connector", sa.Text, primary_key=True),
    sa.Column("field_hash", sa.Text, primary_key=True),
    sa.Column("entity", sa.Text, primary_key=True),
    sa.Column("target", sa.Text, primary_key=True),
)
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_SHARES = sa.text("SELECT EXISTS (SELECT FROM repair_settings WHERE share_priors)")


class Prior(NamedTuple):
    """`tenants`: how many others mapped a field of that hash to that target."""

    field_hash: str
    entity: str
    target: str
    tenants: int


def contributor_of(tenant_id: UUID, sealer: Sealer) -> str:
    """What a tenant is known by in the table; nobody finds the tenant from it without the master key."""
    return sealer.keyed_hash("prior contributor", str(tenant_id))


class PriorRepository(Repository):
    """What one tenant gives and gets."""

    kind = "prior"

    def __init__(self, connection: sa.Connection, tenant_id: UUID, sealer: Sealer | None) -> None:
        super().__init__(connection, tenant_id)
        self._sealer = sealer

    def field_hash(self, connector: str, name: str) -> str:
        """What a field's name is known by: the same in any case, accents composed, spaces and punctuation left out."""
        plain = "".join(char for char in unicodedata.normalize("NFKC", name).casefold() if char.isalnum())
        return self._need_sealer().keyed_hash("field prior", f"{connector}\0{plain or name}")

    def contribute(self, connector: str, decided: Iterable[tuple[str, str, str]]) -> int:
        """Give (field_hash, entity, target) of approved rules; the number of new ones.

        Nothing is given while the tenant does not share, nor what targets an entity of the tenant's own.
        """
        if not self._acting():
            return 0
        own = set(self._connection.execute(sa.select(custom_entities.c.name)).scalars())
        rows = [
            {
                "contributor": self._contributor(),
                "connector": connector,
                "field_hash": field_hash,
                "entity": entity,
                "target": target,
            }
            for field_hash, entity, target in dict.fromkeys(decided)
            if entity not in own and _WORD.fullmatch(entity) and _WORD.fullmatch(target)
        ]
        new = postgresql.insert(field_priors).on_conflict_do_nothing()
        return self._connection.execute(new, rows).rowcount if rows else 0

    def withdraw(self) -> int:
        """Take back all this tenant gave; the number of priors that are gone."""
        self._act()
        return self._connection.execute(sa.delete(field_priors)).rowcount

    def look_up(self, connector: str, field_hashes: Sequence[str]) -> Sequence[Prior]:
        """What others made of these fields, the commonest first; nothing while the tenant does not share."""
        if not field_hashes or not self._acting():
            return []
        found = (field_priors.c.field_hash, field_priors.c.entity, field_priors.c.target)
        others = sa.func.count().label("tenants")
        asked = field_priors.c.field_hash.in_(field_hashes[:MOST_FIELDS])
        priors = sa.select(*found, others).where(field_priors.c.connector == connector, asked)
        priors = priors.group_by(*found).order_by(found[0], others.desc(), *found[1:])
        return [Prior(*row) for row in self._connection.execute(priors)]

    def _acting(self) -> bool:
        """Whether the tenant shares, and if so the transaction acts as the contributor that it is."""
        shares = bool(self._connection.execute(_SHARES).scalar())
        if shares:
            self._act()
        return shares

    def _act(self) -> None:
        """Policies on the table compare with this setting; it goes with the transaction."""
        self._connection.execute(sa.select(sa.func.set_config("app.contributor", self._contributor(), True)))

    def _contributor(self) -> str:
        return contributor_of(self._tenant_id, self._need_sealer())

    def _need_sealer(self) -> Sealer:
        if self._sealer is None:
            raise MasterKeyInvalid("Shared priors need the master key, and this process was started without one.")
        return self._sealer
