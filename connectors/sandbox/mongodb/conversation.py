"""One client's connection: greeting, login, commands, and the misbehaviour planned for them."""

import datetime as dt
import email.utils
import logging
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bson

from connectors.sandbox.faults import Fault, Faults, Request
from connectors.sandbox.mongodb import commands, wire
from connectors.sandbox.mongodb.commands import READS, WRITES, CommandFailed, Document, Server
from connectors.sandbox.mongodb.scram import Exchange

logger = logging.getLogger(__name__)
_GREETINGS = ("hello", "isMaster", "ismaster")
# What a client may ask before it has logged in, and what no fault concerns: it is the driver's own housekeeping.
_OPEN = (*_GREETINGS, "saslStart", "saslContinue", "buildInfo", "ping", "connectionStatus", "endSessions")
_UNTOUCHED = (*_GREETINGS, "endSessions", "killCursors", "buildInfo")


@dataclass(frozen=True, slots=True)
class Account:
    """A login. `database` is where its role holds."""

    password: str
    role: str = "read"
    database: str = "app"


@dataclass(slots=True)
class House:
    """What all conversations share."""

    server: Server
    accounts: dict[str, Account]
    faults: Faults
    address: str
    heard: Callable[[Request], None]
    stopped: threading.Event


class Conversation:
    """One connection, from accept to hang-up."""

    def __init__(self, house: House, connection: socket.socket) -> None:
        self._house = house
        self._connection = connection
        self._exchange: Exchange | None = None
        self._user: str | None = None

    def run(self) -> None:
        """Answer until either side hangs up."""
        try:
            while message := wire.receive(self._connection):
                if not self._answer(message):
                    break
        except OSError:
            logger.debug("a client hung up")
        finally:
            self._connection.close()

    def _answer(self, message: wire.Message) -> bool:
        """False to hang up."""
        name = next(iter(message.command))
        stream = self._house.server.stream_of(message.command)
        fault = None
        if name not in _GREETINGS:
            self._house.heard(Request("OP_MSG", name, time.monotonic(), _bound(message.command), stream))
        if name not in _UNTOUCHED:
            fault = self._house.faults.next(stream)
        try:
            document = self._played(fault, message.command) if fault else self._reply(message.command)
        except CommandFailed as error:
            document = bson.encode(error.document)
        if self._house.server.replica_set:
            moment = self._house.server.store.operation_time
            document = wire.merged(document, {"operationTime": moment, "$clusterTime": {"clusterTime": moment}})
        sent = wire.reply(message, document)
        if fault and fault.kind == "cut_body":
            self._connection.sendall(sent[: len(sent) // 2])
            return False
        if message.answered:
            self._connection.sendall(sent)
        return True

    def _played(self, fault: Fault, command: Document) -> bytes:
        if fault.kind == "slow":
            self._house.stopped.wait(fault.delay_s)
        elif fault.kind == "schema_change" and fault.change:
            fault.change()
        elif fault.kind == "repeat_page" and "getMore" in command:
            return commands.repeated_page(self._house.server, command)
        elif failure := _failure(fault, next(iter(command))):
            raise failure
        return self._reply(command)

    def _reply(self, command: Document) -> bytes:
        name = next(iter(command))
        if self._house.accounts and name not in _OPEN and self._user is None:
            raise CommandFailed(13, f"Command {name} requires authentication")
        if name in _GREETINGS:
            return bson.encode(self._greeting(command))
        if name == "saslStart":
            passwords = {user: account.password for user, account in self._house.accounts.items()}
            self._exchange = Exchange(passwords)
            return _sasl(self._exchange.first(command["payload"]), done=False)
        if name == "saslContinue":
            return self._proven(command)
        if name == "connectionStatus":
            return bson.encode({"authInfo": self._status(), "ok": 1.0})
        self._authorize(command)
        return commands.answer(self._house.server, command)

    def _authorize(self, command: Document) -> None:
        account = self._house.accounts.get(self._user or "")
        held = self._house.server.store.databases
        if account and command["$db"] in held and command["$db"] != account.database:
            raise CommandFailed(13, f"not authorized on {command['$db']} to execute command")

    def _proven(self, command: Document) -> bytes:
        proof = self._exchange.final(command["payload"]) if self._exchange else None
        if proof is None or self._exchange is None:
            raise CommandFailed(18, "Authentication failed.")
        self._user = self._exchange.user
        return _sasl(proof, done=True)

    def _greeting(self, command: Document) -> Document:
        greeting: Document = {
            "helloOk": True, "ismaster": True, "isWritablePrimary": True, "maxBsonObjectSize": 16 * 1024 * 1024,
            "maxMessageSizeBytes": wire.MAX_MESSAGE_BYTES, "maxWriteBatchSize": 100_000,
            "localTime": dt.datetime.now(dt.UTC), "logicalSessionTimeoutMinutes": 30, "connectionId": 1,
            "minWireVersion": 0, "maxWireVersion": 21, "readOnly": False, "ok": 1.0,
        }  # fmt: skip
        if name := self._house.server.replica_set:
            me = self._house.address
            greeting |= {"setName": name, "setVersion": 1, "hosts": [me], "me": me, "primary": me, "secondary": False}
        if "saslSupportedMechs" in command:
            greeting["saslSupportedMechs"] = ["SCRAM-SHA-256"]
        return greeting

    def _status(self) -> Document:
        account = self._house.accounts.get(self._user or "")
        if account is None:
            return {"authenticatedUsers": [], "authenticatedUserRoles": [], "authenticatedUserPrivileges": []}
        actions = [*READS, *(WRITES if account.role == "readWrite" else ())]
        return {
            "authenticatedUsers": [{"user": self._user, "db": "admin"}],
            "authenticatedUserRoles": [{"role": account.role, "db": account.database}],
            "authenticatedUserPrivileges": [
                {"resource": {"db": account.database, "collection": ""}, "actions": actions}
            ],
        }


def _bound(command: Document) -> str:
    """What a command is bound by: the most documents (`limit=20`), `min`, `afterClusterTime`; empty without bounds."""
    stages = command.get("pipeline", ())
    given = [stage.get("$limit") or stage.get("$sample", {}).get("size") for stage in stages]
    limits = [int(limit) for limit in (command.get("limit"), *given) if limit]
    bounds = [f"limit={min(limits)}"] if limits else []
    bounds += ["min"] if "min" in command else []
    bounds += ["afterClusterTime"] if "afterClusterTime" in command.get("readConcern", {}) else []
    return "&".join(bounds)


def _sasl(payload: bytes, done: bool) -> bytes:
    return bson.encode({"conversationId": 1, "done": done, "payload": payload, "ok": 1.0})


def _failure(fault: Fault, command: str) -> CommandFailed | None:
    match fault.kind:
        case "unauthorized" if command.startswith("sasl"):
            return CommandFailed(18, "Authentication failed.")
        case "unauthorized":
            return CommandFailed(13, f"Command {command} requires authentication")
        case "forbidden":
            return CommandFailed(13, f"not authorized on app to execute command {{ {command}: 1 }}")
        case "rate_limited" if fault.retry_after is not None:
            wait_ms = int(_seconds(fault.retry_after) * 1000)
            told = f"Error=16500, RetryAfterMs={wait_ms}, Details='Request rate is large.'"
            return CommandFailed(16500, told, codeName="RequestRateTooLarge")
        case "rate_limited":
            labels: list[Any] = ["SystemOverloadedError", "RetryableError"]
            name = "IngressRequestRateLimitExceeded"
            return CommandFailed(462, "Request rejected by the rate limiter", codeName=name, errorLabels=labels)
        case "server_error":
            return CommandFailed(6, "Host unreachable", codeName="HostUnreachable")
    return None


def _seconds(retry_after: str) -> float:
    if retry_after.replace(".", "", 1).isdigit():
        return float(retry_after)
    return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
