"""What a login may do beyond reading, as the server itself lists it."""

from typing import Any

from connectors.protocol import NOT_VERIFIED, Grants

# Of MongoDB's privilege actions those that change data, collections, indexes, users or the server.
_WRITING = frozenset(
    (
        *("insert", "update", "remove", "bypassDocumentValidation", "convertToCapped", "collMod", "compact"),
        *("createCollection", "dropCollection", "renameCollectionSameDB", "dropDatabase", "createIndex", "dropIndex"),
        *("createSearchIndexes", "dropSearchIndex", "updateSearchIndex", "reIndex", "enableSharding", "moveChunk"),
        *("createUser", "dropUser", "changePassword", "changeCustomData", "grantRole", "revokeRole"),
        *("createRole", "dropRole", "changeOwnPassword", "changeOwnCustomData", "setAuthenticationRestriction"),
        *("applyOps", "shutdown", "setParameter", "replSetConfigure", "dropConnections", "fsync", "anyAction"),
        *("emptycapped", "enableProfiler", "setFeatureCompatibilityVersion", "setClusterParameter", "killop"),
        *("addShard", "removeShard", "cleanupOrphaned", "reshardCollection", "refineCollectionShardKey", "splitChunk"),
        *("setUserWriteBlockMode", "bypassWriteBlockingMode", "planCacheWrite", "internal"),
    )
)
_OWN = ("config", "local")
_MOST = 40
# Built-in roles that read and do nothing else, for servers that list no privileges.
_READING = ("read", "readAnyDatabase", "clusterMonitor")
_UNLISTED = f"{NOT_VERIFIED}: the server does not list what this user may write"


def grants_in(status: dict[str, Any]) -> Grants:
    """From the reply to `connectionStatus` with privileges."""
    info = status.get("authInfo", {})
    if not info.get("authenticatedUsers"):
        return Grants(("everything",), "connectionStatus: the server asks for no login")
    roles = sorted({str(role.get("role")) for role in info.get("authenticatedUserRoles", ())})
    if "authenticatedUserPrivileges" not in info:
        # MongoDB always lists them; services that speak part of its commands may not.
        known = bool(roles) and all(role in _READING for role in roles)
        told = f"connectionStatus: roles {', '.join(roles) or 'none'}, privileges not listed by the server"
        return Grants(() if known else (_UNLISTED,), told)
    found: dict[str, None] = {}
    for privilege in info.get("authenticatedUserPrivileges", ()):
        place = _place(privilege.get("resource", {}))
        if place is not None:
            found |= {f"{action} on {place}": None for action in privilege.get("actions", ()) if action in _WRITING}
    writes = tuple(list(found)[:_MOST])
    return Grants(writes, f"connectionStatus: roles {', '.join(roles) or 'none'}, privileges listed by the server")


def _place(resource: dict[str, Any]) -> str | None:
    """None of the server's own databases, which every login may touch in small ways."""
    if "db" not in resource:
        return "the server"
    if resource["db"] in _OWN or str(resource.get("collection", "")).startswith("system."):
        return None
    return f"{resource['db'] or '*'}.{resource.get('collection') or '*'}"
