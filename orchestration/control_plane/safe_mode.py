"""Safe Mode: what a new connection may do until policy or a person lifts it, and when policy does.

In Safe Mode a sync is a sample and the source is asked slowly. Whoever reads sources keeps to these numbers.
"""

from typing import Literal

RiskLevel = Literal["low", "medium", "high"]
ScopesMode = Literal["read_only", "accept_write"]

SAFE_RECORDS = 20  # of each stream, in a sample
SAFE_REQUESTS_PER_S = 5.0  # at most, of the connector's own limit
POLICY = "policy"  # the actor in the history when no person decided
FOLLOW_UP = "safe mode"  # who asks for the full sync behind a sample
LOCAL_FILES = "local files, nothing to overload, opened read-only"
GOOD_SAMPLE = "risk is low and the sample was read without an error"


def is_safe_from_the_start(kind: str, risk_level: RiskLevel) -> bool:
    """Whether policy lifts Safe Mode of a new connection at once."""
    return kind == "files" and risk_level == "low"


def lifts_after_sample(risk_level: RiskLevel) -> bool:
    """Whether policy lifts Safe Mode after a good sample; otherwise a person has to."""
    return risk_level == "low"
