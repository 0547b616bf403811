"""Secrets this installation generated for itself, in `AUTONOMOS_HOME/secrets.json` (mode 0600).

Made once, at the first start, and never changed afterwards: the databases and the sealed credentials
depend on them. Secrets a person gives by environment are read in `settings`, and are never written here.
"""

import base64
import json
import os
import secrets
from pathlib import Path

_FILE = "secrets.json"
_PASSWORDS = (
    "postgres_password",
    "owner_password",
    "app_password",
    "operator_password",
    "identity_password",
    "lake_password",
    "dagster_password",
    "redis_password",
)


class SecretsUnreadable(Exception):
    """secrets.json exists and cannot be used."""


def load_secrets(home: Path) -> dict[str, str]:
    """The generated secrets of this home; those that are missing are made and stored first.

    Raises:
        SecretsUnreadable: the file is damaged or belongs to somebody else.
    """
    path = home / _FILE
    known = _read(path) if path.exists() else {}
    missing = {name: secrets.token_urlsafe(24) for name in _PASSWORDS if name not in known}
    if "master_key" not in known:
        missing["master_key"] = base64.b64encode(secrets.token_bytes(32)).decode()
    if not missing:
        return known
    home.mkdir(parents=True, exist_ok=True)
    return _store(path, known | missing, known)


def _read(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise SecretsUnreadable(
            f"{path} cannot be read ({error}): restore it, or remove this home to begin anew"
        ) from None
    if not isinstance(found, dict):
        raise SecretsUnreadable(f"{path} does not hold a JSON object: restore it, or remove its folder")
    return {str(name): str(value) for name, value in found.items()}


def _store(path: Path, wanted: dict[str, str], known: dict[str, str]) -> dict[str, str]:
    """Put the file in place whole; of two first starts at once the first wins and both return its secrets."""
    draft = path.with_name(f".{_FILE}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(wanted, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    try:
        if known:
            draft.replace(path)
            return wanted
        os.link(draft, path)
        return wanted
    except FileExistsError:
        return _read(path)
    finally:
        draft.unlink(missing_ok=True)
