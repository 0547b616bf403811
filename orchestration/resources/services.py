"""The services that assets, sensors and commands are given, made from settings in one place. Opens nothing yet."""

from orchestration.control_plane.database import ControlPlane
from orchestration.resources.audit_heads import AuditHeads
from orchestration.resources.callbacks import Callbacks
from orchestration.resources.events import Events
from orchestration.resources.events import events_client as events_client
from orchestration.resources.lake import Lake
from orchestration.resources.lake_places import lake_location
from orchestration.resources.llm import Llm
from orchestration.resources.refreshes import Refreshes
from orchestration.resources.settings import Settings
from orchestration.resources.signed_links import LinkSigner
from orchestration.resources.slack import Slack
from orchestration.resources.slack_notes import SlackNotes
from orchestration.resources.sources import Sources
from orchestration.resources.syncs import Syncs


def services(settings: Settings) -> dict[str, object]:
    """Resource name -> service, as the assets name them."""
    master_key = settings.master_key_bytes() if settings.database_url else None
    control_plane = ControlPlane(settings.database_url, settings.operator_url or None, master_key)
    events = Events(events_client(settings.redis_url or "redis://127.0.0.1:0/0"), settings.events_kept)
    control_plane.on_commit = events.heard
    return {
        "control_plane": control_plane,
        "lake": Lake(lake_location(settings)),
        "events": events,
        "sources": Sources(control_plane, settings.outbound, master_key),
        "syncs": Syncs(control_plane, events),
        "refreshes": Refreshes(control_plane, events),
        "llm": Llm(control_plane, settings.outbound, events.client),
        "audit_heads": AuditHeads(settings.home, master_key) if master_key else None,
        "callbacks": Callbacks(control_plane, settings.outbound),
        "slack": SlackNotes(
            control_plane, Slack(settings.outbound), LinkSigner(master_key) if master_key else None, settings.public_url
        ),
    }
