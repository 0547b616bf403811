"""Where a connection's credentials are, as an intent says it: `secret://name` or `secret://name#field`.

Only the tenant's own sealed secrets can be named: no environment, file, vault or URL, since those would be the
platform's and not the tenant's.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from orchestration.control_plane.columns import Json
from orchestration.control_plane.errors import CredentialsMissing, LocatorInvalid, SecretInvalid

SCHEME = "secret://"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Locator:
    """A secret of the tenant; with `field` one field of it, or the field that a secret of plain text fills."""

    name: str
    field: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises LocatorInvalid, never repeating a text that may itself be a credential."""
        name, hash_mark, field = text.removeprefix(SCHEME).partition("#")
        if not text.startswith(SCHEME):
            raise LocatorInvalid(
                "Credentials are taken from the tenant's own secrets only: write secret://NAME or secret://NAME#FIELD,"
                " and put the secret there with 'autonomos secret put'."
            )
        if not _NAME.fullmatch(name) or (hash_mark and not _FIELD.fullmatch(field)):
            raise LocatorInvalid(
                "A locator is secret://NAME or secret://NAME#FIELD, with letters, digits, '.', '_' and '-' in NAME."
            )
        return cls(name, field if hash_mark else None)

    def __str__(self) -> str:
        """The form `parse` reads back."""
        return f"{SCHEME}{self.name}" + (f"#{self.field}" if self.field else "")

    def credentials_in(self, value: Json) -> dict[str, Json]:
        """The fields of configuration that the secret's value gives. Raises CredentialsMissing."""
        if isinstance(value, Mapping):
            if self.field is None:
                return dict(value)
            if self.field in value:
                return {self.field: value[self.field]}
            raise CredentialsMissing(f"The secret {self.name!r} has no field {self.field!r}; put it there.")
        if self.field is None:
            raise CredentialsMissing(
                f"The secret {self.name!r} is plain text: say which field it fills, as in {self}#password."
            )
        return {self.field: value}


def check_name(name: str) -> str:
    """The name of a secret. Raises SecretInvalid."""
    if not _NAME.fullmatch(name):
        raise SecretInvalid(
            "A secret's name has 1 to 100 letters, digits, '.', '_' or '-', and starts with one of the first two."
        )
    return name
