"""`autonomos sync`: asks for syncs, waits until what they brought is published, and reports."""

from typing import Annotated

import typer

from orchestration.commands.errors import FAILED, CommandFailed
from orchestration.commands.output import ConnectionOption, JsonOption, Output, TenantOption

TIMEOUT_S = 3600


def sync(
    tenant: TenantOption,
    connection: ConnectionOption = None,
    timeout_s: Annotated[int, typer.Option("--timeout", min=1, help="Seconds to wait at most.")] = TIMEOUT_S,
    as_json: JsonOption = False,
) -> None:
    """Sync one connection or all of a tenant, and wait until the views show what they brought."""
    from orchestration.commands.access import find_connections, open_access
    from orchestration.commands.sync_progress import SyncProgress
    from orchestration.commands.sync_report import describe_syncs, show_syncs
    from orchestration.commands.sync_wait import SyncWait

    output = Output(as_json)
    with open_access(output, "sync", everything=True) as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            chosen = find_connections(session, connection)
        if not chosen:
            hint = f"Set one up with 'autonomos connect --tenant {owner.name!r} ...'."
            raise CommandFailed(f"{owner.name!r} has no connection.", code="no_connection", hint=hint)
        wait = SyncWait(access.control_plane, access.settings.redis_url)
        wait.request(owner.id, chosen)
        with SyncProgress(output) as progress:
            wait.until_synced(timeout_s, progress.update)
            wait.until_published(timeout_s, progress.update)
        document = describe_syncs(access.control_plane, owner, wait.syncs)
    output.result(document, *show_syncs(document))
    if not document["ok"]:
        raise typer.Exit(FAILED)
