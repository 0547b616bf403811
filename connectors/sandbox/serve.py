"""Serves the stand-ins of a manifest in one process: `python -m connectors.sandbox.serve MANIFEST FOLDER`.

Writes a ready configuration of each source into FOLDER, and beside it `<FOLDER>.json`: addresses to allow, and where
the control server takes changes of shape and misbehaviour. Ports and credentials stay the same from start to start.
"""

import json
import os
import secrets
import signal
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow.parquet as pq

from connectors.sandbox.control import control_app
from connectors.sandbox.http_server import HttpServer
from connectors.sandbox.mongodb.sandbox import MongoSandbox
from connectors.sandbox.postgrest.sandbox import PostgrestSandbox
from connectors.sandbox.salesforce.sandbox import SalesforceSandbox

Sandbox = SalesforceSandbox | PostgrestSandbox | MongoSandbox


class Serving:
    """The stand-ins of one manifest, from `start` to `stop`."""

    def __init__(self, manifest: Path, folder: Path, postgres_url: str) -> None:
        self._manifest = manifest
        self._folder = folder
        self._postgres_url = postgres_url
        self._remembered: dict[str, Any] = _read(folder / "remembered.json")
        self.sandboxes: dict[str, Sandbox] = {}
        self._control = HttpServer(control_app(self.sandboxes))

    def start(self) -> None:
        """Load and serve every source, then say where."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for source in json.loads(self._manifest.read_text())["sources"]:
            self.sandboxes[source["name"]] = self._serve(source)
        urls = {name: sandbox.url for name, sandbox in self.sandboxes.items()}
        self._remembered["control"] = {"port": self._listen("control", self._control)}
        _write(self._folder / "remembered.json", self._remembered)
        sources = []
        for name, sandbox in self.sandboxes.items():
            config = self._folder / f"{name.replace('/', '-')}.json"
            _write(config, sandbox.config())
            sources.append({"name": name, "kind": sandbox.kind, "url": urls[name], "config": str(config)})
        allow = sorted({address for sandbox in self.sandboxes.values() for address in sandbox.addresses()})
        state = {"pid": os.getpid(), "allow": allow, "control": self._control.url, "sources": sources}
        _write(self._folder.with_suffix(".json"), state)

    def stop(self) -> None:
        """Stop serving; nothing is allowed any more."""
        self._folder.with_suffix(".json").unlink(missing_ok=True)
        self._control.stop()
        for sandbox in self.sandboxes.values():
            sandbox.stop()

    def _serve(self, source: dict[str, Any]) -> Sandbox:
        name = source["name"]
        known = self._remembered.setdefault(name, {})
        known.setdefault("secret", secrets.token_urlsafe(24))
        sandbox = self._made(source["kind"], name, known["secret"])
        known["port"] = self._listen(name, sandbox)
        for stream, where in source["streams"].items():
            table = pq.read_table(self._manifest.parent / where["path"], partitioning=None)
            sandbox.load(stream, table, where["key"])
        return sandbox

    def _made(self, kind: str, name: str, secret: str) -> Sandbox:
        if kind == "salesforce":
            return SalesforceSandbox(secret=secret)
        if kind == "supabase":
            return PostgrestSandbox(self._postgres_url, secret=secret, database=_database(name))
        if kind == "mongodb":
            return MongoSandbox(secret=secret)
        raise ValueError(f"there is no stand-in for {kind!r}")

    def _listen(self, name: str, server: Sandbox | HttpServer) -> int:
        """Start on the port it had last; on another one when that is taken."""
        try:
            url = server.start(int(self._remembered.get(name, {}).get("port", 0)))
        except OSError:
            url = server.start(0)
        port = urlsplit(url).port
        if port is None:
            raise ValueError(f"{name} does not say on which port it listens")
        return port


def _database(name: str) -> str:
    return "sandbox_" + "".join(letter if letter.isalnum() else "_" for letter in name.lower())


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def _write(path: Path, document: dict[str, Any]) -> None:
    """In one step, and for the owner alone: configurations hold the stand-ins' credentials."""
    draft = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(document, file, indent=2)
    draft.replace(path)


def main() -> None:
    """Serve until told to stop."""
    manifest, folder = (Path(argument) for argument in sys.argv[1:3])
    stopped = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stopped.set())
    serving = Serving(manifest, folder, os.environ["SANDBOX_POSTGRES_URL"])
    try:
        serving.start()
        stopped.wait()
    finally:
        serving.stop()


if __name__ == "__main__":
    main()
