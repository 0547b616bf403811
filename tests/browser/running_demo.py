"""A demo that serves: started like a new user does it, its people known by its own sign-in file."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from orchestration.embedded.state import read_state
from orchestration.resources.settings import REPOSITORY

_SERVES_WITHIN_S = 420
_API = "/api/v1"


@dataclass(frozen=True)
class Demo:
    """A running demo. `summary`: what it printed; `first`: what it printed when it ran before, None if unknown."""

    home: Path
    url: str
    first: dict[str, Any] | None = None
    summary: dict[str, Any] = field(default_factory=dict)
    _clients: list[httpx.Client] = field(default_factory=list)

    @property
    def people(self) -> dict[str, str]:
        """E-mail address -> password, an owner of each company."""
        found: dict[str, str] = json.loads((self.home / "demo" / "sign-in.json").read_text())
        return found

    def log_in(self, email: str, password: str) -> httpx.Client:
        """A client of its API as that person, for ten minutes."""
        client = httpx.Client(base_url=self.url + _API, timeout=60)
        self._clients.append(client)
        answer = client.post("/auth/login", json={"email": email, "password": password})
        answer.raise_for_status()
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return client

    def close(self) -> None:
        """Close the clients it gave."""
        for client in self._clients:
            client.close()


@contextmanager
def serving_demo(home: Path) -> Iterator[Demo]:
    """`autonomos demo` in that home: once headless, then from its second summary until the block ends."""
    command = [sys.executable, "-m", "orchestration.cli", "demo"]
    environment = os.environ | {"AUTONOMOS_HOME": str(home)}
    done = subprocess.run(
        [*command, "--headless"],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env=environment,
        timeout=600,
        check=False,
    )
    assert done.stdout, done.stderr[-2000:]
    first = json.loads(done.stdout)
    assert done.returncode == (0 if first["ok"] else 1), done.stderr[-2000:]
    home.mkdir(parents=True, exist_ok=True)
    with (home / "demo.out").open("wb") as out, (home / "demo.err").open("wb") as err:
        process = subprocess.Popen([*command, "--json"], cwd=REPOSITORY, stdout=out, stderr=err, env=environment)
    try:
        summary = _summary(process, home)
        yield Demo(home, read_state(home).urls["app"], first, summary)
    finally:
        process.terminate()
        process.wait(120)


def _summary(process: "subprocess.Popen[bytes]", home: Path) -> dict[str, Any]:
    deadline = time.monotonic() + _SERVES_WITHIN_S
    while time.monotonic() < deadline:
        printed = (home / "demo.out").read_text()
        if printed.rstrip().endswith("}"):
            found: dict[str, Any] = json.loads(printed)
            return found
        if process.poll() is not None:
            break
        time.sleep(0.2)
    raise AssertionError((home / "demo.err").read_text()[-3000:])
