"""The services that assets, sensors and commands are given, made from settings in one place. Opens nothing yet."""

from pathlib import Path

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from orchestration.control_plane.database import ControlPlane
from orchestration.resources.events import Events
from orchestration.resources.lake import Lake, LakeLocation, S3Location
from orchestration.resources.llm import Llm
from orchestration.resources.refreshes import Refreshes
from orchestration.resources.settings import Settings
from orchestration.resources.signed_links import LinkSigner
from orchestration.resources.slack import Slack
from orchestration.resources.slack_notes import SlackNotes
from orchestration.resources.sources import Sources
from orchestration.resources.syncs import Syncs


def lake_location(settings: Settings) -> LakeLocation:
    """Where the lake of these settings lives. Published catalogs stay on disk also when the data lies on s3://."""
    is_remote = "://" in settings.data
    return LakeLocation(
        catalog=settings.lake_url,
        data_path=settings.data if is_remote else f"{settings.data}/lake",
        published_path=Path(settings.home if is_remote else settings.data) / "published",
        memory_limit=settings.lake_memory_limit,
        threads=settings.lake_threads,
        s3=s3_location(settings) if is_remote else None,
    )


def s3_location(settings: Settings) -> S3Location:
    """How to reach the bucket of an s3:// data path."""
    return S3Location(
        key_id=settings.s3_key_id,
        secret=settings.s3_secret.get_secret_value(),
        region=settings.s3_region,
        endpoint=settings.s3_endpoint or None,
        use_ssl=settings.s3_use_ssl,
    )


def events_client(url: str) -> "redis.Redis":
    """A client that gives up early: with redis-py's own patience, every event of a sync would wait for seconds."""
    retry = Retry(ExponentialBackoff(cap=0.2, base=0.05), 2)
    return redis.Redis.from_url(url, retry=retry, socket_connect_timeout=2)


def services(settings: Settings) -> dict[str, object]:
    """Resource name -> service, as the assets name them."""
    master_key = settings.master_key_bytes() if settings.database_url else None
    control_plane = ControlPlane(settings.database_url, settings.operator_url or None, master_key)
    events = Events(events_client(settings.redis_url or "redis://127.0.0.1:0/0"))
    return {
        "control_plane": control_plane,
        "lake": Lake(lake_location(settings)),
        "events": events,
        "sources": Sources(control_plane, settings.outbound, master_key),
        "syncs": Syncs(control_plane, events),
        "refreshes": Refreshes(control_plane, events),
        "llm": Llm(control_plane, settings.outbound, events.client),
        "slack": SlackNotes(
            control_plane, Slack(settings.outbound), LinkSigner(master_key) if master_key else None, settings.public_url
        ),
    }
