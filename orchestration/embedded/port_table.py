"""Which process listens where, and the move to another port when one is taken."""

from collections.abc import Callable

from orchestration.embedded.ports import free_port, is_free
from orchestration.embedded.state import StackState
from orchestration.resources.settings import Settings

_ALL_INTERFACES = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to


def preferred_ports(settings: Settings, last: dict[str, int]) -> dict[str, int]:
    """Where each process that listens would like to: people's ports as set, the others where they were (0 = any)."""
    return {
        "postgres": last.get("postgres", 0),
        "valkey": last.get("valkey", 0),
        "code-server": last.get("code-server", 0),
        "webserver": settings.dagster_port,
        "app": settings.port,
    }


class PortTable:
    """Keeps `ports` and `urls` of the state up to date."""

    def __init__(self, settings: Settings, state: StackState, say: Callable[[str], None]) -> None:
        self._hosts = {"app": settings.host, "webserver": settings.dagster_host}
        self._settings = settings
        self._state = state
        self._say = say

    def choose(self, last: dict[str, int]) -> None:
        """Give every process that listens a port that is free now."""
        for name, preferred in preferred_ports(self._settings, last).items():
            self._state.ports[name] = preferred
            if not preferred:
                self._move(name)
            self.move_if_taken(name)

    def move_if_taken(self, name: str) -> None:
        """Another port for a process whose port somebody else listens on."""
        port = self._state.ports.get(name)
        if port is not None and not is_free(port, self._host(name)):
            self._move(name)
            self._say(f"port {port} is taken: {name} listens on {self._state.ports[name]}")
        self._publish_urls()

    def _move(self, name: str) -> None:
        ports = self._state.ports
        ports[name] = free_port(ports[name], self._host(name), frozenset(ports.values()))

    def _host(self, name: str) -> str:
        return self._hosts.get(name, "127.0.0.1")

    def _publish_urls(self) -> None:
        shown = {name: "127.0.0.1" if host in _ALL_INTERFACES else host for name, host in self._hosts.items()}
        self._state.urls = {
            "app": f"http://{shown['app']}:{self._state.ports.get('app', 0)}",
            "dagster": f"http://{shown['webserver']}:{self._state.ports.get('webserver', 0)}",
        }
