"""Calls to one org: paced, logged in, within the org's own quota, and with errors of ours.

Uses simple-salesforce for URLs, headers and judging answers. Knows no object and no query.
"""

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from tempfile import SpooledTemporaryFile
from typing import Any

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession
from simple_salesforce.util import call_salesforce

from connectors.errors import LimitReached, Timeout
from connectors.outbound.http_requests import guarded_session
from connectors.outbound.policy import Outbound
from connectors.pacing import Pacer
from connectors.protocol import Note
from connectors.salesforce.config import SalesforceConfig
from connectors.salesforce.failures import UNREADABLE, expired, from_answer, from_exception, unavailable
from connectors.salesforce.tokens import Token, Tokens

MIB = 1024 * 1024
_PIECE = 256 * 1024
_BODY_TIMEOUTS = 10  # a body may take this many times the timeout of one call


class Download:
    """A body on disk, or in memory while small, with the head of its answer."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers
        self.file = SpooledTemporaryFile(max_size=32 * MIB)  # noqa: SIM115 - closed by whoever reads it

    def close(self) -> None:
        self.file.close()


class Org:
    """The org of one connection. Thread-safe."""

    def __init__(self, config: SalesforceConfig, outbound: Outbound, notes: Callable[[Note], None]) -> None:
        self._config = config
        self._session = guarded_session(outbound, config.limits.timeout_s)
        self._tokens = Tokens(config, self._session)
        self._pacer = Pacer(config.limits, notes)
        self._lock = threading.Lock()
        self._used: tuple[int, int] | None = None

    def close(self) -> None:
        """Let go of connections."""
        self._session.close()

    @property
    def instance_url(self) -> str:
        """The org's own address, as the login tells it. Raises ConnectorError."""
        return self._pacer.call(self._tokens.current).instance_url

    def get(self, path: str, stream: str | None = None, params: dict[str, str] | None = None) -> Any:
        """JSON of a resource, its numbers as the text they were sent as."""
        return self.get_dated(path, stream, params)[0]

    def get_dated(
        self, path: str, stream: str | None = None, params: dict[str, str] | None = None, page_size: int | None = None
    ) -> tuple[Any, datetime]:
        """JSON of a resource and the service's own time when it answered."""
        headers = {"Sforce-Query-Options": f"batchSize={page_size}"} if page_size else {}

        def attempt() -> tuple[Any, datetime]:
            response = self._call("GET", path, stream, params=params, headers=headers)
            return _exact_json(response, stream), _date(response)

        return self._pacer.call(attempt, stream)

    def server_time(self) -> datetime:
        """The org's own time: ours may be wrong. Raises ConnectorError."""
        return self.get_dated("limits")[1]

    def send(self, method: str, path: str, stream: str | None, body: dict[str, Any] | None = None) -> Any:
        """JSON answered to a request that changes something (of bulk jobs); None for an empty answer."""

        def attempt() -> Any:
            data = None if body is None else json.dumps(body)
            response = self._call(method, path, stream, data=data, headers={})
            return None if response.status_code == 204 else _exact_json(response, stream)

        return self._pacer.call(attempt, stream)

    def download(self, path: str, stream: str, params: dict[str, str]) -> Download:
        """A whole body; the caller closes it. A body that breaks off is asked for again."""

        def attempt() -> Download:
            response = self._call("GET", path, stream, params=params, headers={"Accept": "text/csv"}, stream=True)
            download = Download({name.lower(): value for name, value in response.headers.items()})
            try:
                self._save(response, download, stream)
            except BaseException:  # raised again; an interrupt must not leave the temporary file either
                download.close()
                raise
            return download

        return self._pacer.call(attempt, stream)

    def _save(self, response: requests.Response, download: Download, stream: str) -> None:
        deadline = time.monotonic() + _BODY_TIMEOUTS * self._config.limits.timeout_s
        try:
            with response:
                for piece in response.iter_content(_PIECE):
                    # Salesforce lets NUL into texts; neither CSV nor the lake takes it.
                    download.file.write(piece.replace(b"\0", b"") if b"\0" in piece else piece)
                    if time.monotonic() > deadline:
                        raise Timeout(
                            "Salesforce sends a result too slowly.", stream=stream, hint="The sync tries again."
                        )
        except requests.RequestException as error:
            raise from_exception(error, stream) from None
        download.file.seek(0)

    def _call(
        self, method: str, path: str, of: str | None, *, headers: dict[str, str], **options: Any
    ) -> requests.Response:
        """One request; a refused token is renewed once. Raises ConnectorError."""
        if path != "limits":
            self._refuse_over_share()
        token = self._tokens.current()
        try:
            return self._once(token, method, path, of, headers, options)
        except SalesforceExpiredSession:
            renewed = self._tokens.renew(token)
        try:
            return self._once(renewed, method, path, of, headers, options)
        except SalesforceExpiredSession:
            raise expired(of) from None

    def _once(
        self, token: Token, method: str, path: str, of: str | None, headers: dict[str, str], options: dict[str, Any]
    ) -> requests.Response:
        api = Salesforce(
            session_id=token.secret,
            instance_url=token.instance_url,
            session=self._session,
            version=self._config.api_version,
        )
        # The library builds https URLs only; a stand-in on this machine speaks http.
        url = f"{token.instance_url}/services/data/v{api.sf_version}/{path}"
        sent = {**api.headers, "X-PrettyPrint": "0", **headers}
        seen: list[requests.Response] = []
        try:
            return call_salesforce(
                url,
                method,
                self._session,
                sent,
                hooks={"response": lambda answer, *_, **__: seen.append(answer)},
                **options,
            )
        except SalesforceExpiredSession:
            raise
        except SalesforceError as error:
            head = seen[-1].headers if seen else {}
            raise from_answer(error.status, error.content, head, of, _now_there(seen[-1]) if seen else None) from None
        except requests.RequestException as error:
            raise from_exception(error, of) from None
        finally:
            self._learn(api, seen)

    def _learn(self, api: Salesforce, seen: list[requests.Response]) -> None:
        told = seen[-1].headers.get("Sforce-Limit-Info") if seen else None
        usage = api.parse_api_usage(told).get("api-usage") if told else None
        if usage is not None:
            with self._lock:
                self._used = (usage[0], usage[1])

    def _refuse_over_share(self) -> None:
        with self._lock:
            used, most = self._used or (0, 0)
        stop_at = int(most * self._config.api_share)
        if most and used >= stop_at:
            raise LimitReached(
                f"The org has used {used:,} of its {most:,} API requests of 24 hours, "
                f"and this connection stops at {stop_at:,} ({self._config.api_share:.0%}).",
                hint="Wait until requests are free again, or raise api_share.",
                detail="api_share",
            )


def _exact_json(response: requests.Response, stream: str | None) -> Any:
    try:
        return json.loads(response.content, parse_float=str, parse_int=str)
    except UNREADABLE:
        raise unavailable(stream) from None


def _date(response: requests.Response) -> datetime:
    """The service's time by its Date header: our own clock may be wrong."""
    try:
        told = parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError):
        return datetime.now(UTC)
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _now_there(response: requests.Response) -> datetime:
    """The service's time now. Its header tells whole seconds; our clock, where it agrees, tells the part of it."""
    told, ours = _date(response), datetime.now(UTC)
    return ours if told <= ours < told + timedelta(seconds=1.5) else told
