"""Two tenants who have one of everything, an application over them, and the values each place of an operation can take.

The victim's name stands in all that is the victim's: wherever an answer to the intruder holds it, something leaked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from api.security.permissions import GRANTED, Role
from orchestration.bench.api.published_view import publish_views
from tests.api.isolation.operations import Operation, Position
from tests.api.serving import ROLES, ServedApi, email, serving
from tests.isolation.two_tenants import STREAM, Ids, TwoTenants, populate
from tests.orchestration.control_plane.databases import Database

INTRUDER, VICTIM = "intruder", "victim"
NO_IDS = ("not-an-id", "0%27%20OR%20true")  # as they stand in a URL
PLENTY = 10_000_000  # requests a minute: what is tried here is not the rates
# What a body of the document's examples names, and both tenants have under the same name.
_SHARED = {"stream": STREAM, "version": 1}


@dataclass(frozen=True)
class Standing:
    """The served application and whose things are where."""

    api: ServedApi
    application: FastAPI
    two: TwoTenants
    entity_rows: dict[str, str]  # tenant -> id of its row in the view `things`
    logins: dict[str, dict[Role, UUID]]
    contracts: dict[str, UUID]

    def client(self, role: Role) -> httpx.Client:
        return self.api.client(role, INTRUDER)

    def own(self, operation: Operation, position: Position, role: Role) -> str:
        """A value of the intruder's own."""
        return self._value(operation, position, self.two.intruder, INTRUDER, role)

    def theirs(self, operation: Operation, position: Position) -> str:
        """The same place filled with what is the victim's."""
        return self._value(operation, position, self.two.victim, VICTIM, "owner")

    def _value(self, operation: Operation, position: Position, ids: Ids, tenant: str, role: Role) -> str:
        """Raises KeyError for a place that nobody has given a value: a new route has to be told of here."""
        if position.name == "name":
            return self._named(operation, ids)
        known: dict[str, Any] = {
            "connection_id": ids.connection, "sync_id": ids.sync_run, "intent_id": ids.intent,
            "fingerprint_id": ids.fingerprint, "against": ids.fingerprint, "drift_id": ids.drift,
            "proposal_id": ids.proposal, "contract_id": self.contracts[tenant], "task_id": ids.task,
            "user_id": ids.user,
            "invitation_id": ids.invitation, "key_id": ids.api_key, "login_id": self.logins[tenant][role],
            "tenant_id": ids.tenant, "stream": STREAM, "version": 1, "view": f"{tenant}_lines",
            "entity_id": self.entity_rows[tenant],
        }  # fmt: skip
        return str(known[position.name])

    def _named(self, operation: Operation, ids: Ids) -> str:
        by_prefix = {
            "/api/v1/aam/secrets/": ids.secret,
            "/api/v1/aam/files/": f"{ids.secret}.csv",
            "/api/v1/dcl/entities/": ids.entity,
            "/api/v1/admin/platform-flags/": "a-flag",
        }
        return next(value for prefix, value in by_prefix.items() if operation.path.startswith(prefix))

    def ask(self, operation: Operation, values: dict[Position, str], role: Role) -> httpx.Response:
        """The operation as the intruder's member of that role asks it."""
        path = operation.path
        query = dict(operation.required_query)
        body = operation.body
        if isinstance(body, dict):
            body = {name: _SHARED.get(name, value) for name, value in body.items()}
        for position, value in values.items():
            if position.where == "path":
                path = path.replace(f"{{{position.name}}}", value if value in NO_IDS else quote(value, safe=""))
            elif position.where == "query":
                query[position.name] = value
            elif isinstance(body, dict):
                body[position.name] = value
        sent = {"json": body} if body is not None else {}
        return self.client(role).request(operation.method.upper(), path, params=query, **sent)  # type: ignore[arg-type]

    def leaks(self, answer: httpx.Response) -> list[str]:
        """What of the victim an answer tells."""
        secrets = (VICTIM, *(str(value) for value in vars(self.two.victim).values() if isinstance(value, UUID)))
        asked = str(answer.request.url) + (answer.request.content.decode(errors="replace"))
        return [secret for secret in secrets if secret in answer.text and secret not in asked]


def may(role: Role, operation: Operation) -> bool:
    """Whether the table of permissions lets that role ask this."""
    return operation.permission is None or operation.permission in GRANTED[role]


@contextmanager
def standing_on(database: Database, redis_url: str, home: Path, password_hash: str) -> Iterator[Standing]:
    """Both tenants populated, with members of every role, a published view each, and the application over them."""
    two = populate(database)
    made: list[FastAPI] = []
    rates = dict.fromkeys(("rate_limit_tenant", "rate_limit_actor", "rate_limit_address"), PLENTY)
    with serving(database, redis_url, home, password_hash, prepare=made.append, **rates) as api:
        entity_rows, logins, contracts = {}, {}, {}
        for name, ids in ((VICTIM, two.victim), (INTRUDER, two.intruder)):
            api.tenants[name] = ids.tenant
            entity_rows[name] = uuid4().hex[:16]
            with api.control_plane.tenant_session(ids.tenant) as session:
                for role in ROLES:
                    session.users.add(email(role, name), password_hash, role)
            things = {f"{name}_lines": _things(name, entity_rows[name], ids.connection)}
            publish_views(api.settings, api.control_plane, ids.tenant, things, 3)
            with api.control_plane.tenant_session(ids.tenant) as session:
                contracts[name] = session.contracts.list()[0].id
            folder = api.settings.home / "files" / str(ids.tenant)
            folder.mkdir(parents=True)
            (folder / f"{ids.secret}.csv").write_text(f"id,name\n1,{name}\n")
            logins[name] = {role: _login(api, name, role) for role in ROLES}
        yield Standing(api, made[0], two, entity_rows, logins, contracts)


def _login(api: ServedApi, name: str, role: Role) -> UUID:
    """A second device of that member, so that ending it does not end the one that asks."""
    with api.control_plane.tenant_session(api.tenants[name]) as session:
        member = session.users.by_email(email(role, name))
        return session.logins.begin(member.user_id, uuid4().hex + uuid4().hex, f"{name} device").id


def _things(name: str, entity: str, connection: UUID) -> str:
    return (
        f"SELECT '{entity}' AS _entity_id, '{name} thing' AS name, [{{'connection_id': '{connection}', "
        "'record_id': '1', 'updated_at': TIMESTAMPTZ '2026-01-01'}] AS _sources, 1::INTEGER AS _source_count, "
        f"TIMESTAMPTZ '2026-01-01' AS _source_updated_at, {int(entity, 16)}::UBIGINT AS _entity, "
        "NULL::UBIGINT AS _account_ref"
    )
