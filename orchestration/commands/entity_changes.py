"""What the `entity` commands do besides talking: find the stream, store, normalize what landed, publish.

Records that landed are normalized here from the raw table they lie in; no source is asked.
"""

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import redis

from assets.normalize import declaring
from assets.normalize.custom import DeclarationInvalid, tenant_catalog
from assets.normalize.declaring import FoundStream, StreamIsMapped, as_mapping
from assets.normalize.delta import StreamNormalizer
from assets.normalize.outcome import NormalizedStream
from orchestration.commands.access import Access, find_connection
from orchestration.commands.errors import CommandFailed, did_you_mean
from orchestration.commands.output import Output
from orchestration.control_plane.custom_entities import CustomEntityRecord
from orchestration.control_plane.errors import NotFound
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.resources.lake import Lake
from orchestration.resources.lake_places import lake_location
from orchestration.resources.nudges import nudge

FROM_THE_FIRST = 0  # counts are of every record that ever landed
_POLL_S = 0.2


def find_entity(session: TenantSession, name: str) -> CustomEntityRecord:
    """A declared entity by its name or its view's. Raises CommandFailed with the nearest name."""
    declared = session.custom_entities.list()
    for record in declared:
        if name in (record.name, record.view):
            return record
    hint = did_you_mean(name, [record.name for record in declared]) or "Declare it with 'autonomos entity declare'."
    raise CommandFailed(f"There is no custom entity named {name!r}.", code="unknown_entity", hint=hint)


def find_stream(session: TenantSession, text: str) -> FoundStream:
    """CONNECTION/STREAM, where both may hold slashes. Raises CommandFailed."""
    known = {connection.name.lower() for connection in session.connections.list()}
    cuts = [at for at, character in enumerate(text) if character == "/"]
    if not cuts:
        hint = "Name the connection and its stream: --from CONNECTION/STREAM."
        raise CommandFailed(f"{text!r} names no stream.", code="not_a_stream", hint=hint)
    cut = next((at for at in cuts if text[:at].lower() in known), cuts[0])
    connection = find_connection(session, text[:cut])
    stream = text[cut + 1 :]
    try:
        return declaring.find_stream(session, connection.id, stream)
    except NotFound:
        seen = session.schemas.streams(connection.id)
        hint = did_you_mean(stream, seen) or f"Run 'autonomos sync' for {connection.name!r} first."
        message = f"The connection {connection.name!r} has brought no stream {stream!r}."
        raise CommandFailed(message, code="unknown_stream", hint=hint) from None
    except DeclarationInvalid as invalid:
        raise CommandFailed(str(invalid), code="empty_stream") from None


def normalize_landed(access: Access, tenant_id: UUID, connection_id: UUID, stream: str) -> NormalizedStream:
    """Bring the stream's canonical rows to the mapping in force, from the raw records that landed.

    A sync that runs at the same moment does the same work or finds it done: both read and move the same progress.
    """
    with access.control_plane.tenant_session(tenant_id) as session:
        active = session.mappings.active(connection_id, stream)
        catalog = tenant_catalog(session.custom_entities.list())
        holds = session.holds.active(connection_id)
    if active is None:
        raise NotFound("mapping", stream)
    with Lake(lake_location(access.settings)).session(tenant_id) as lake:
        return StreamNormalizer(lake, connection_id, as_mapping(active), FROM_THE_FIRST, catalog, holds=holds).run()


def request_publication(access: Access, tenant_id: UUID) -> UUID:
    """Ask for a refresh of the views; the id of the one that will take in what was just committed."""
    with access.control_plane.tenant_session(tenant_id) as session:
        session.tenants.mark_stale()
        refresh_id = session.refreshes.request().id
    # Without Redis the dispatcher sees the row a second later by itself.
    with redis.Redis.from_url(access.settings.redis_url, socket_timeout=2, socket_connect_timeout=2) as client:
        nudge(client, tenant_id)
    return refresh_id


def wait_published(access: Access, output: Output, tenant_id: UUID, refresh_id: UUID, timeout_s: float) -> None:
    """Return when the refresh ended well. Raises CommandFailed when it fails or takes longer."""
    output.say("Waiting until the views are published.")
    deadline = time.monotonic() + timeout_s
    while True:
        with access.control_plane.tenant_session(tenant_id) as session:
            refresh = session.refreshes.get(refresh_id)
        if refresh.status == "succeeded":
            return
        if refresh.is_finished:
            message = f"The views could not be rebuilt: {refresh.error_message or 'no reason was given.'}"
            raise CommandFailed(message, code=refresh.error_code or "refresh_failed", hint=refresh.error_hint or "")
        if time.monotonic() > deadline:
            hint = "What was declared is stored; the views follow while the stack runs."
            raise CommandFailed(f"The views are not published after {timeout_s:.0f} s.", code="timeout", hint=hint)
        time.sleep(_POLL_S)


def as_command_error(invalid: DeclarationInvalid | StreamIsMapped) -> CommandFailed:
    """A declaration that cannot be taken, as the command line says it."""
    if isinstance(invalid, StreamIsMapped):
        hint = "Add --replace to move it: its records then leave the view they are in."
        return CommandFailed(str(invalid), code="stream_is_mapped", hint=hint)
    return CommandFailed(str(invalid), code="declaration_invalid", hint=invalid.hint)


def describe_field(field: dict[str, Any], key: Sequence[str]) -> dict[str, Any]:
    """A declared field as it is printed."""
    return {**field, "required": bool(field["required"]) or field["name"] in key, "key": field["name"] in key}
