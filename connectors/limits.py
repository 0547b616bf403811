"""How hard a connector may press its source, and how long it waits for it.

Only numbers live here; `connectors.pacing` keeps to them. Every kind's configuration has `limits: Limits = Limits()`.
"""

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """Caps of one connection; a kind with more of them subclasses this.

    `timeout_s` bounds one call, `give_up_after_s` the waiting of one call over all its attempts. A batch ends at
    `batch_records` records or `batch_mib` MiB, whichever comes first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests_per_s: float = Field(default=10.0, gt=0, le=10_000, allow_inf_nan=False)
    timeout_s: float = Field(default=60.0, gt=0, le=3_600, allow_inf_nan=False)
    give_up_after_s: float = Field(default=120.0, ge=0, le=86_400, allow_inf_nan=False)
    batch_records: int = Field(default=50_000, ge=1, le=1_000_000)
    batch_mib: int = Field(default=16, ge=1, le=256)
    streams_at_once: int = Field(default=4, ge=1, le=32)
