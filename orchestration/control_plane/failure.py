"""How a sync or a rebuild ended when it did not succeed: words for a person, and whether trying again can help."""

from dataclasses import dataclass
from typing import Literal

RunStatus = Literal["requested", "queued", "running", "succeeded", "failed", "canceled"]
RunKind = Literal["sync", "replay"]  # a replay normalizes what is in the lake; it does not ask the source
ACTIVE = ("queued", "running")
TERMINAL = ("succeeded", "failed", "canceled")


@dataclass(frozen=True, slots=True)
class Failure:
    """`message` and `hint` are safe to show to the tenant; `code` is the error's class name.

    `retry_after_s`: how long the source asked to be left alone.
    """

    code: str
    message: str
    hint: str = ""
    retryable: bool = True
    retry_after_s: float | None = None
