"""What a command works with: servers that run, settings with their URLs, and the control plane.

A command that needs servers uses the ones that run; otherwise it starts them, says so, and stops them again.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from orchestration.commands.errors import CommandFailed, did_you_mean
from orchestration.commands.output import Output
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import NotFound
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.control_plane.tenants import TenantRecord
from orchestration.embedded.processes import EVERYTHING, STORES
from orchestration.embedded.stack import Stack, connect_or_start
from orchestration.embedded.state import StackState
from orchestration.resources.events import Events, events_client
from orchestration.resources.settings import Settings

OPERATOR = "operator"  # who asks, in the control plane's records, when it is asked on the command line


@dataclass(frozen=True, slots=True)
class Access:
    """Open for as long as the command runs."""

    settings: Settings
    control_plane: ControlPlane

    def tenant(self, name: str) -> TenantRecord:
        """A tenant by name. Raises CommandFailed with the nearest name."""
        with self.control_plane.operator_session() as session:
            try:
                return session.tenant_by_name(name)
            except NotFound:
                known = [tenant.name for tenant in session.tenants()]
        hint = did_you_mean(name, known) or "Create it with 'autonomos tenant create'."
        raise CommandFailed(f"There is no tenant named {name!r}.", code="unknown_tenant", hint=hint)


@contextmanager
def open_access(output: Output, purpose: str, *, everything: bool = False) -> Iterator[Access]:
    """The control plane on servers that run: the stores alone, or the whole stack."""
    with running_stack(output, purpose, EVERYTHING if everything else STORES) as stack:
        settings = stack.settings
        control_plane = connect_control_plane(settings)
        try:
            yield Access(settings, control_plane)
        finally:
            control_plane.dispose()


@contextmanager
def running_stack(output: Output, purpose: str, processes: Collection[str]) -> Iterator[Stack]:
    """Servers that run, started for as long as the block lasts when they did not."""
    announced: list[str] = []

    def announce(state: StackState) -> None:
        if state.phase == "starting" and not announced:
            announced.append("starting")
            output.say(
                "Waiting for the stack; what does not run yet is started, and stopped again when nobody needs it."
            )

    with connect_or_start(only=processes, purpose=purpose, on_change=announce) as stack:
        yield stack


def connect_control_plane(settings: Settings) -> ControlPlane:
    """The control plane of these settings, as the operator sees it."""
    control_plane = ControlPlane(
        settings.database_url, settings.operator_url, settings.master_key_bytes(), settings.identity_url or None
    )
    # What a person decides here, dashboards hear of as they do of what is decided in them.
    control_plane.on_commit = Events(events_client(settings.redis_url), settings.events_kept).heard
    return control_plane


def find_connection(session: TenantSession, name: str) -> ConnectionRecord:
    """A connection of the session's tenant by name. Raises CommandFailed with the nearest name."""
    try:
        return session.connections.by_name(name)
    except NotFound:
        hint = did_you_mean(name, [known.name for known in session.connections.list()])
        hint = hint or "Set one up with 'autonomos connect'."
        raise CommandFailed(f"There is no connection named {name!r}.", code="unknown_connection", hint=hint) from None


def find_connections(session: TenantSession, name: str | None) -> list[ConnectionRecord]:
    """The named connection, or all of them."""
    return [find_connection(session, name)] if name is not None else list(session.connections.list())


def parse_id(text: str, kind: str) -> UUID:
    """An id as given on the command line."""
    try:
        return UUID(text)
    except ValueError:
        raise CommandFailed(
            f"{text!r} is no id of a {kind}.", code="not_an_id", hint=f"Copy one from 'autonomos {kind} list'."
        ) from None
