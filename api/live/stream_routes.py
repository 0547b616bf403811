"""The routes that stay open, for whoever has to try all of them: they tell of the caller's tenant, and of no other."""

from typing import Final

# path -> how one authenticates there
STREAM_ROUTES: Final[dict[str, tuple[str, ...]]] = {
    "/api/v1/events/stream": ("header", "ticket"),
    "/api/v1/events/ws": ("ticket",),
}
