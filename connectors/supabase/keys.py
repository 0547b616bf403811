"""What an API key says about itself. Nothing is verified here: the source does that."""

import base64
import binascii
import json


def key_role(key: str) -> str | None:
    """The database role the key stands for; None when the key does not tell."""
    if key.startswith("sb_secret_"):
        return "service_role"
    if key.startswith("sb_publishable_"):
        return "anon"
    parts = key.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return None
    role = claims.get("role") if isinstance(claims, dict) else None
    return role if isinstance(role, str) and role.isprintable() and len(role) <= 63 else None


def reads_past_row_security(key: str) -> bool:
    """Only the service role is exempt from row-level security."""
    return key_role(key) == "service_role"
