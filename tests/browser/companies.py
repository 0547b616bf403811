"""Companies that the tests make themselves, over the API: a people's file whose columns can be renamed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from tests.browser.running_demo import Demo

PASSWORD = "correct horse battery staple 9"
PEOPLE = 200
FILE = "contacts.csv"
COLUMNS = ("contact_id", "first_name", "last_name", "email", "phone", "job_title", "city")
_CITIES = ("Berlin", "Wien", "Paris")
_PATIENCE_S = 90


def people_csv(**renamed: str) -> bytes:
    """Contacts with a header, some columns called otherwise."""
    lines = [",".join(renamed.get(column, column) for column in COLUMNS)]
    for n in range(PEOPLE):
        person = (f"First{n}", f"Last{n}", f"p{n}@firm{n % 40}.example", f"+49 30 {1_000_000 + n}")
        lines.append(",".join((f"C-{n:04d}", *person, f"Title {n % 7}", _CITIES[n % 3])))
    return ("\n".join(lines) + "\n").encode()


@dataclass(frozen=True)
class Company:
    """An organisation that registered, as its owner."""

    name: str
    email: str
    client: httpx.Client

    @classmethod
    def registered(cls, demo: Demo, word: str) -> "Company":
        """A new one, named after that word."""
        number = uuid4().hex[:6]
        name, email = f"{word} {number}", f"owner-{number}@{word.lower()}.example"
        wish = {"organisation": name, "email": email, "password": PASSWORD}
        httpx.post(f"{demo.url}/api/v1/auth/register", json=wish, timeout=60).raise_for_status()
        return cls(name, email, demo.log_in(email, PASSWORD))

    @classmethod
    def known(cls, demo: Demo, name: str, email: str, password: str) -> "Company":
        """One that somebody registered in a browser."""
        return cls(name, email, demo.log_in(email, password))

    def connect_people(self) -> str:
        """Connect the file and sync it once; the connection's id."""
        self.send(people_csv())
        wish = {"name": "People", "kind": "files", "config": {"path": FILE}, "credentials": {}}
        connection: str = self.post("/aam/connections", wish)["connection"]["id"]
        self.sync(connection)
        return connection

    def send(self, content: bytes) -> None:
        """Put this in the place of the people's file."""
        self.client.post("/aam/files", params={"name": FILE}, content=content).raise_for_status()

    def ask_always(self) -> None:
        """From now on no repair is applied alone that is not certain."""
        tag = self.client.get("/aam/settings").headers["etag"]
        changed = self.client.patch("/aam/settings", json={"apply_at": 1.0}, headers={"If-Match": tag})
        changed.raise_for_status()

    def sync(self, connection: str) -> None:
        """Sync, and wait for its end."""
        sync = self.post(f"/aam/connections/{connection}/sync", {})["id"]
        ended = self.wait(lambda: (found := self.get(f"/aam/syncs/{sync}"))["finished_at"] and found)
        assert ended["status"] == "succeeded", ended

    def asked(self) -> dict[str, Any]:
        """The repair that waits, once there is one."""
        found: dict[str, Any] = self.wait(lambda: next(iter(self.get("/aam/approvals?status=open")["items"]), None))
        return found

    def rows(self, view: str) -> int | None:
        """How many rows a view has as it is published."""
        items = self.get("/dcl/views")["items"]
        return next((one["rows"] for one in items if one["name"] == view), None)

    def get(self, path: str) -> dict[str, Any]:
        answer = self.client.get(path)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.client.post(path, json=body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def wait(self, what: Callable[[], Any]) -> Any:
        """What it gives, once it gives something."""
        deadline = time.monotonic() + _PATIENCE_S
        while not (found := what()):
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.1)
        return found
