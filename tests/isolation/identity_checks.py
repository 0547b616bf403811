"""What the identity login may do is a list, and it can do its work with it; and what no request may read or set."""

from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import exc

from orchestration.control_plane.errors import ControlPlaneError
from orchestration.control_plane.identity_session import IdentitySession
from orchestration.control_plane.provisioning import APP, IDENTITY, OPERATOR, OWNER
from orchestration.control_plane.sealing import Sealer
from tests.isolation.two_tenants import PLATFORM_TABLES, TwoTenants, acting_as, owned_tables
from tests.orchestration.control_plane.databases import MASTER_KEY

_FLAGS = "description enabled name percentage updated_at updated_by"
# table -> command -> columns, across tenants. No business data: of that, states and times to count, without ids.
IDENTITY_MAY: dict[str, dict[str, str]] = {
    "tenants": {"SELECT": "created_at id name stale_since status", "INSERT": "id name"},
    "users": {
        "SELECT": "created_at display_name email id is_operator password_changed_at password_hash status",
        "INSERT": "display_name email id password_hash",
        "UPDATE": "display_name password_changed_at password_hash",
    },
    "memberships": {"SELECT": "created_at role tenant_id user_id", "INSERT": "role tenant_id user_id"},
    "logins": {
        "SELECT": "created_at id last_used_at revoked_at revoked_reason tenant_id user_agent user_id",
        "UPDATE": "last_used_at revoked_at revoked_reason",
    },
    "refresh_tokens": {
        "SELECT": "expires_at issued_at login_id tenant_id token_hash used_at",
        "INSERT": "expires_at login_id tenant_id token_hash",
        "UPDATE": "used_at",
        "DELETE": "",
    },
    "api_keys": {
        "SELECT": "created_by expires_at id last_used_at prefix revoked_at scopes secret_hash tenant_id",
        "UPDATE": "last_used_at",
    },
    "invitations": {"SELECT": "accepted_at email expires_at id revoked_at role tenant_id token_hash"},
    "signing_keys": {
        "SELECT": "ciphertext created_at key_id kid public_key verifies_until version wrapped_key",
        "INSERT": "ciphertext key_id kid public_key version wrapped_key",
        "UPDATE": "verifies_until",
    },
    "audit_events": {"INSERT": "action actor at data hash previous_hash seq subject tenant_id"},
    "feature_flags": {"SELECT": _FLAGS, "INSERT": _FLAGS, "UPDATE": _FLAGS, "DELETE": ""},
    "feature_flag_tenants": dict.fromkeys(("SELECT", "INSERT", "UPDATE"), "flag is_on tenant_id") | {"DELETE": ""},
    "sync_runs": {"SELECT": "kind queued_at requested_at started_at status"},
    "view_refreshes": {"SELECT": "queued_at requested_at started_at status"},
    "tasks": {"SELECT": "finished_at requested_at status"},
    "task_callbacks": {"SELECT": "due_at status"},
    "notes_outbox": {"SELECT": "due_at"},
    "connections": {"SELECT": "deleted_at next_due_at status"},
}
# What a request's login neither reads back nor sets, even of its own tenant.
_KEPT_FROM_REQUESTS = {
    "users": {"SELECT": "password_hash is_operator password_changed_at", "INSERT": "is_operator status"},
    "refresh_tokens": {"SELECT": "token_hash"},
    "api_keys": {"SELECT": "secret_hash", "UPDATE": "secret_hash scopes created_by expires_at"},
    "invitations": {"SELECT": "token_hash", "UPDATE": "role email expires_at token_hash"},
    "logins": {"UPDATE": "user_id created_at"},
}
_COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")
REFUSED = "42501"


def identity_violations(connection: sa.Connection, two: TwoTenants) -> list[str]:
    """Everything that is wrong with the identity login and with what it guards."""
    found = [*_grants(connection), *_kept(connection)]
    savepoint = connection.begin_nested()
    try:
        _prepare(connection, two)
        return [*found, *_seen(connection), *_refused(connection, two), *_platform(connection), *_work(connection, two)]
    finally:
        savepoint.rollback()


def _grants(connection: sa.Connection) -> Iterator[str]:
    for table in (*owned_tables(connection), *PLATFORM_TABLES):
        may = {command: " ".join(sorted(_columns(connection, IDENTITY, table, command))) for command in _COMMANDS[:3]}
        may = {command: columns for command, columns in may.items() if columns}
        delete = sa.text("SELECT has_table_privilege(:role, :table, 'DELETE')")
        if connection.execute(delete, {"role": IDENTITY, "table": table}).scalar():
            may["DELETE"] = ""
        if may != IDENTITY_MAY.get(table, {}):
            yield f"{table}: the identity login may {may}"


def _kept(connection: sa.Connection) -> Iterator[str]:
    for table, commands in _KEPT_FROM_REQUESTS.items():
        for command, columns in commands.items():
            open_ones = _columns(connection, APP, table, command) & set(columns.split())
            if open_ones:
                yield f"{table}: requests may {command} {sorted(open_ones)}"
    for role in (APP, OPERATOR):
        for command in _COMMANDS[:3]:
            if _columns(connection, role, "signing_keys", command):
                yield f"signing_keys: {role} may {command}"


def _columns(connection: sa.Connection, role: str, table: str, command: str) -> set[str]:
    columns = sa.text(
        "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0"
        " AND NOT attisdropped AND has_column_privilege(:role, attrelid, attnum, :command)"
    )
    return set(connection.execute(columns, {"table": table, "role": role, "command": command}).scalars())


def _prepare(connection: sa.Connection, two: TwoTenants) -> None:
    """A flag, a signing key, and a token that is dead."""
    connection.execute(sa.text("INSERT INTO feature_flags VALUES ('checked', 'x', 0, true, 'x')"))
    connection.execute(
        sa.text("INSERT INTO signing_keys VALUES ('00000000000000aa', 'x', 1, 'x', 'x', 'x', now(), now())")
    )
    dead = (
        "INSERT INTO refresh_tokens SELECT tenant_id, repeat('d', 64), id, now(), now() - interval '1 day' FROM logins"
    )
    connection.execute(sa.text(f"{dead} WHERE tenant_id = '{two.victim.tenant}'"))


def _seen(connection: sa.Connection) -> Iterator[str]:
    """Rows of every table it may read, of all tenants."""
    for table, commands in IDENTITY_MAY.items():
        if "SELECT" not in commands:
            continue
        counted = sa.text(f"SELECT count(coalesce({commands['SELECT'].split()[0]}::text, '')) FROM {table}")
        there = connection.execute(counted).scalar()
        with acting_as(connection, IDENTITY, None):
            try:
                seen = connection.execute(counted).scalar()
            except exc.ProgrammingError:
                seen = None
        if seen != there:
            yield f"{table}: the identity login sees {seen} of {there} rows"


def _refused(connection: sa.Connection, two: TwoTenants) -> Iterator[str]:
    victim, intruder = two.victim, two.intruder
    columns = "tenant_id, seq, at, actor, action, subject, data, previous_hash, hash"
    statements = {
        "join a tenant that is there": "INSERT INTO memberships (tenant_id, user_id, role)"
        f" VALUES ('{victim.tenant}', '{intruder.user}', 'owner')",
        "write into a history": f"INSERT INTO audit_events ({columns})"
        f" VALUES ('{victim.tenant}', 99, now(), 'a', 'b', 'c', '{{}}', 'd', 'e')",
    }
    for what, statement in statements.items():
        with acting_as(connection, IDENTITY, None):
            try:
                connection.execute(sa.text(statement))
            except exc.ProgrammingError as error:
                if error.orig is not None and getattr(error.orig, "pgcode", "") == REFUSED:
                    continue
            yield f"the identity login may {what}"
    with acting_as(connection, IDENTITY, None):
        gone = connection.execute(sa.text("DELETE FROM refresh_tokens")).rowcount
    if gone != 1:
        yield f"the identity login deletes {gone} refresh tokens, and one is dead"


def _platform(connection: sa.Connection) -> Iterator[str]:
    """The platform's own tables show nothing to their owner, nor to requests before a tenant is known."""
    for role, table in ((OWNER, "signing_keys"), (OWNER, "feature_flags"), (APP, "feature_flags")):
        with acting_as(connection, role, None):
            if connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar():
                yield f"{table}: {role} sees rows"
    with acting_as(connection, APP, "00000000-0000-0000-0000-000000000001"):
        if not connection.execute(sa.text("SELECT count(*) FROM feature_flags")).scalar():
            yield "feature_flags: a tenant does not see which features there are"
        changed = "UPDATE feature_flags SET enabled = true"
        try:
            connection.execute(sa.text(changed))
        except exc.ProgrammingError:
            return
        yield "feature_flags: a request may change them"


def _work(connection: sa.Connection, two: TwoTenants) -> list[str]:
    victim = two.victim
    with acting_as(connection, IDENTITY, None):
        identity = IdentitySession(connection, Sealer(MASTER_KEY))
        try:
            identity.set_display_name(victim.user, "seen")
            account = identity.account_by_email(victim.email)
            third = identity.register("third", identity.add_account("third@example.com", "a hash", None), "third")
            key, invitation = identity.key_standing(victim.key_prefix), identity.open_invitation(victim.invitation_hash)
            identity.key_used(victim.api_key)
            used = sa.text(f"SELECT count(last_used_at) FROM api_keys WHERE id = '{victim.api_key}'")
            standing = identity.login_standing(victim.login)
            identity.retire_signing_keys(0)
            identity.add_signing_key("00000000000000bb", b"public", b"private")
            signing = [record.kid for record in identity.verifying_keys()]
            private = identity.private_key("00000000000000bb")
            identity.retire_signing_keys(0)
            works = {
                "account": account is not None and account.display_name == "seen",
                "belongings": [one.tenant_id for one in identity.belongings(victim.user)] == [victim.tenant],
                "register": third is not None,
                "key_standing": key is not None and key.tenant_id == victim.tenant,
                "key_used": connection.execute(used).scalar() == 1,
                "open_invitation": invitation is not None and invitation.tenant_id == victim.tenant,
                "login_standing": standing is not None and standing.user_id == victim.user,
                "rotate": identity.rotate(victim.token_hash, "e" * 64).outcome == "rotated",
                "replay": identity.rotate(victim.token_hash, "f" * 64).outcome == "replayed",
                "replay ends": identity.login_standing(victim.login) is None,
                "signing": (signing, private) == (["00000000000000bb"], b"private"),
                "retire": identity.verifying_keys() == [],
            }
        except (exc.SQLAlchemyError, ControlPlaneError) as error:
            return [f"the identity login's work is refused: {error}"]
    return [f"the identity login's {name} does not work at {datetime.now(UTC)}" for name, ok in works.items() if not ok]
