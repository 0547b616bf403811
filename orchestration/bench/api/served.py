"""Servers under load, each in a process of its own: ours as it is served, and the bare one beside it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from orchestration.embedded.ports import free_port
from orchestration.resources.settings import REPOSITORY

_START_TIMEOUT_S = 30
# What a bench asks in a minute is more than anybody's share.
_NO_RATES = {f"AUTONOMOS_RATE_LIMIT_{name}": "100000000" for name in ("TENANT", "ACTOR", "ADDRESS")}


@contextmanager
def serving_app(home: Path) -> Iterator[int]:
    """The application over the servers that run in `home`, with the rates out of the way; its port."""
    port = free_port()
    environment = {"AUTONOMOS_HOME": str(home), "AUTONOMOS_LOG_LEVEL": "warning", **_NO_RATES}
    with _running([sys.executable, "-m", "api.serve", "--port", str(port)], environment, port, "/health"):
        yield port


@contextmanager
def serving_hello() -> Iterator[int]:
    """A bare FastAPI application on the same server software; its port."""
    port = free_port()
    command = [
        sys.executable, "-m", "uvicorn", "orchestration.bench.api.hello:app", "--port", str(port),
        "--log-level", "warning", "--no-access-log", "--no-server-header",
    ]  # fmt: skip
    with _running(command, {}, port, "/"):
        yield port


@contextmanager
def _running(command: Sequence[str], environment: Mapping[str, str], port: int, path: str) -> Iterator[None]:
    with subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ, **environment}) as process:
        try:
            _until_it_answers(process, f"http://127.0.0.1:{port}{path}")
            yield
        finally:
            process.terminate()
            process.wait(30)


def _until_it_answers(process: "subprocess.Popen[bytes]", url: str) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(url, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{url} did not answer; the server's own words are above")
