"""Every page there is, and where to find it in a demo."""

import re
from collections.abc import Mapping
from typing import Any

import httpx

from orchestration.resources.settings import REPOSITORY

_TABLE = REPOSITORY / "frontend" / "src" / "app" / "pages.tsx"


def registered() -> set[str]:
    """Addresses in the dashboard's table of pages, with `$name` for what stands for an id."""
    return set(re.findall(r'\bpath: "([^"]+)"', _TABLE.read_text()))


#: name -> address; `{...}` is filled from `facts`
PUBLIC: Mapping[str, str] = {
    "log-in": "/login",
    "register": "/register",
    "invitation": "/invitations#token={invitation}",
}
PRIVATE: Mapping[str, str] = {
    "dashboard": "/",
    "flow": "/flow",
    "flow-stage": "/flow?stage=mapping",
    "connections": "/connections",
    "connection-new": "/connections/new",
    "connection-new-source": "/connections/new?step=source&kind=files",
    "connection": "/connections/{connection}",
    "views": "/views",
    "view": "/views/accounts",
    "view-row": "/views/accounts?row={row}&cell=name",
    "ontology": "/ontology",
    "lineage": "/lineage",
    "monitor": "/aam",
    "approvals": "/approvals",
    "approval": "/approvals/{approval}",
    "activity": "/activity",
    "team": "/team",
    "settings": "/settings",
    "architecture": "/architecture",
    "not-found": "/no/such/page",
}


def template(address: str) -> str:
    """The address as the table of pages has it."""
    path = re.split("[?#]", address)[0]
    for name, word in (("connection", "connectionId"), ("approval", "approvalId")):
        path = path.replace(f"{{{name}}}", f"${word}")
    return "/views/$view" if path.startswith("/views/") else path


def facts(client: httpx.Client) -> dict[str, str]:
    """Ids that fill addresses: a connection, a repair, a row of several sources, an invitation that can be taken."""

    def first(path: str) -> dict[str, Any]:
        items: list[dict[str, Any]] = client.get(path).raise_for_status().json()["items"]
        return items[0]

    connections = client.get("/aam/connections").raise_for_status().json()["items"]
    wish = {"email": "someone@guest.example", "role": "viewer"}
    invitation = client.post("/auth/invitations", json=wish).raise_for_status().json()
    joined = {"where": "_source_count:gt:1", "limit": 1}
    rows = client.get("/dcl/views/accounts/rows", params=joined).raise_for_status().json()["rows"]
    return {
        "row": str(rows[0]["_entity_id"]),
        "connection": str(max(connections, key=lambda one: one["open_approvals"])["id"]),
        "approval": str(first("/aam/approvals")["id"]),
        "invitation": str(invitation["token"]),
    }
