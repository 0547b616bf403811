"""The process that serves: `python -m api.serve --port N`. Logs as JSON, and ends without breaking anything off.

On SIGTERM readiness turns 503 and streams are closed; after `drain_s`, in which balancers look elsewhere, no connection
is taken any more; requests that run have `shutdown_grace_s` to finish. Then it exits with 0.
"""

import argparse
import asyncio
import logging
import signal
import socket
import sys

import uvicorn

from api import logs
from api.app import create_app
from api.state import AppState
from orchestration.resources.settings import SettingsInvalid, load_settings

logger = logging.getLogger(__name__)


class DrainingServer(uvicorn.Server):
    """uvicorn, which lets the application know before it stops listening."""

    def __init__(self, config: uvicorn.Config, drain_s: float) -> None:
        super().__init__(config)
        self._drain_s = drain_s

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then stop listening and wait for what runs."""
        held: AppState = self.config.app.state.held  # type: ignore[union-attr]  # FastAPI's, made below
        held.draining.begin()
        logger.info("draining")
        deadline = asyncio.get_running_loop().time() + self._drain_s
        while asyncio.get_running_loop().time() < deadline and not self.force_exit:
            await asyncio.sleep(0.05)
        await super().shutdown(sockets)


def main() -> int:
    """Serve until told to stop; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    arguments = parser.parse_args()
    try:
        settings = load_settings()
        logs.configure(settings.log_level)
        app = create_app(settings)
    except SettingsInvalid as error:
        sys.stderr.write(f"{error}\n")
        return 2
    config = uvicorn.Config(
        app,
        host=arguments.host or settings.host,
        port=settings.port if arguments.port is None else arguments.port,
        log_config=None,
        access_log=False,
        server_header=False,
        ws_max_size=4096,  # of what is sent to us: nothing is needed
        ws_per_message_deflate=False,  # a window of memory for each socket, for small messages
        timeout_graceful_shutdown=settings.shutdown_grace_s,
    )
    # uvicorn raises the signal again once it is done, for whoever listened before: nobody, so that the exit code is 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server = DrainingServer(config, settings.drain_s)
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
