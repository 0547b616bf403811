"""How a tenant wants repairs decided."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.rules import FieldName


class RepairSettingsOut(BaseModel):
    """What holds now. From `apply_at` on a repair is applied, from `ask_at` on asked for, below it is refused."""

    model_config = ConfigDict(from_attributes=True)

    apply_at: float = Field(description="Probability, 0-1.", examples=[0.85])
    ask_at: float = Field(description="Probability, 0-1.", examples=[0.6])
    two_person: bool = Field(description="Two persons have to approve the same.")
    share_priors: bool = Field(description="Give and get hashed field names, with the other tenants that do.")
    watch_syncs: int = Field(description="Syncs over which a repair is watched.", examples=[3])
    approval_days: int = Field(description="Days until a repair that waits is escalated.", examples=[7])
    slack_secret: str | None = Field(description="Name of the secret with the webhook of Slack; null: no notes.")
    llm: bool = Field(description="A language model may re-rank candidates.")
    llm_model: str | None = Field(description="null: the platform's default.")
    llm_monthly_budget_usd: Decimal | None = Field(description="null: no limit.", examples=["25"])


class RepairSettingsIn(BaseModel):
    """What is to change; what is left out stays. null is for the four that may be nothing."""

    model_config = ConfigDict(extra="forbid")

    apply_at: float = Field(default=0.85, gt=0, le=1)
    ask_at: float = Field(default=0.6, gt=0, le=1)
    two_person: bool = False
    share_priors: bool = False
    watch_syncs: int = Field(default=3, ge=1, le=20)
    approval_days: int = Field(default=7, ge=1, le=90)
    slack_secret: FieldName | None = None
    llm: bool = False
    llm_model: FieldName | None = None
    llm_monthly_budget_usd: Decimal | None = Field(default=None, ge=0, le=1_000_000, max_digits=16, decimal_places=4)
