"""Where the lake of some settings lives. Apart from `services`, which needs Dagster, so that the API may ask."""

from pathlib import Path

from orchestration.resources.lake import LakeLocation, S3Location
from orchestration.resources.settings import Settings


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
