"""A tenant's own secrets: credentials put once under a name, which connections take them from by locator.

Sealed as connections' credentials are. Nothing lists or shows a value; only `open` and connections read one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import Json, tenant_table, timestamp
from orchestration.control_plane.errors import (
    CredentialsMissing,
    MasterKeyInvalid,
    NotFound,
    SecretInUse,
    SecretInvalid,
)
from orchestration.control_plane.locators import SCHEME, Locator, check_name
from orchestration.control_plane.repository import Repository, columns_for
from orchestration.control_plane.sealing import SealedSecrets, Sealer

LARGEST_VALUE = 64 * 1024  # characters

tenant_secrets = tenant_table(
    "tenant_secrets",
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
    sa.Column("ciphertext", sa.LargeBinary, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
)


@dataclass(frozen=True, slots=True)
class SecretRecord:
    """That there is a secret, and nothing of what it is."""

    tenant_id: UUID
    name: str
    version: int
    created_at: datetime
    updated_at: datetime


class SecretRepository(Repository):
    """The secrets of one tenant."""

    kind = "secret"

    def __init__(self, connection: sa.Connection, tenant_id: UUID, sealer: Sealer | None) -> None:
        super().__init__(connection, tenant_id)
        self._sealer = sealer

    def put(self, name: str, value: Json) -> SecretRecord:
        """Store or replace a secret: a JSON object of fields, or a text. Raises SecretInvalid."""
        _check_value(value)
        held = sa.select(tenant_secrets.c.version).where(tenant_secrets.c.name == check_name(name)).with_for_update()
        version = (self._connection.execute(held).scalar() or 0) + 1
        sealed = self._need_sealer().seal({"value": value}, self._tenant_id, _bound(name), version)
        values = {column: getattr(sealed, column) for column in ("version", "key_id", "wrapped_key", "ciphertext")}
        new = postgresql.insert(tenant_secrets).values(tenant_id=self._tenant_id, name=name, **values)
        replaced = new.on_conflict_do_update(
            index_elements=["tenant_id", "name"], set_={**values, "updated_at": sa.func.clock_timestamp()}
        )
        return self._one(replaced.returning(*_COLUMNS), SecretRecord, name)

    def names(self) -> Sequence[str]:
        """The names of all secrets."""
        return [record.name for record in self.list()]

    def list(self) -> Sequence[SecretRecord]:
        """All secrets by name, without their values."""
        return self._all(sa.select(*_COLUMNS).order_by(tenant_secrets.c.name), SecretRecord)

    def page(self, after: str | None = None, limit: int = 50) -> Sequence[SecretRecord]:
        """Secrets by name, those behind a name, without their values."""
        behind = sa.select(*_COLUMNS).order_by(tenant_secrets.c.name).limit(limit)
        return self._all(behind if after is None else behind.where(tenant_secrets.c.name > after), SecretRecord)

    def open(self, name: str) -> Json:
        """The value. Raises NotFound, SecretsUnreadable."""
        stored = sa.select(*columns_for(SealedSecrets, tenant_secrets)).where(tenant_secrets.c.name == name)
        sealed = self._one(stored, SealedSecrets, name)
        return self._need_sealer().open(sealed, self._tenant_id, _bound(name))["value"]

    def resolve(self, locator: Locator) -> dict[str, Json]:
        """The fields of configuration that a locator stands for.

        Raises:
            CredentialsMissing: the tenant has no such secret, or it has no such field.
        """
        try:
            value = self.open(locator.name)
        except NotFound:
            raise CredentialsMissing(
                f"There is no secret {locator.name!r}; put it with 'autonomos secret put {locator.name}'."
            ) from None
        return locator.credentials_in(value)

    def delete(self, name: str) -> None:
        """Destroy a secret. Raises SecretInUse while a connection takes its credentials from it."""
        # Held first, so that a connection which starts to use it meanwhile waits, and then finds it gone.
        held = sa.select(tenant_secrets.c.name).where(tenant_secrets.c.name == name).with_for_update()
        if self._connection.execute(held).first() is None:
            raise NotFound(self.kind, name)
        users = list(self._connection.execute(_USERS, {"whole": f"{SCHEME}{name}"}).scalars())
        if users:
            raise SecretInUse(f"The secret {name!r} is used by {', '.join(map(repr, users))}; connect that anew first.")
        self._connection.execute(sa.delete(tenant_secrets).where(tenant_secrets.c.name == name))

    def _need_sealer(self) -> Sealer:
        if self._sealer is None:
            raise MasterKeyInvalid("Secrets need the master key, and this process was started without one.")
        return self._sealer


def hold_secret(connection: sa.Connection, name: str) -> None:
    """Keep a secret from being deleted until this transaction ends. Raises CredentialsMissing when it is gone."""
    held = sa.select(tenant_secrets.c.name).where(tenant_secrets.c.name == name).with_for_update(read=True)
    if connection.execute(held).first() is None:
        raise CredentialsMissing(f"There is no secret {name!r}; put it with 'autonomos secret put {name}'.")


_COLUMNS = columns_for(SecretRecord, tenant_secrets)
# As text, since `connections` stands on this module.
_USERS = sa.text(
    "SELECT name FROM connections WHERE deleted_at IS NULL"
    " AND split_part(credential_locator, '#', 1) = :whole ORDER BY name"
)


def _bound(name: str) -> str:
    return f"secret|{name}"


def _check_value(value: Json) -> None:
    if isinstance(value, str):
        size = len(value)
    elif isinstance(value, dict) and value:
        size = sum(len(str(item)) for item in value.values())
    else:
        raise SecretInvalid("A secret is a JSON object with fields, or a text.")
    if not 0 < size <= LARGEST_VALUE:
        raise SecretInvalid(f"A secret has 1 to {LARGEST_VALUE} characters.")
