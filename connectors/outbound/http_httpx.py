"""An httpx client that reaches checked addresses only, for libraries built on httpx.

The check is the network backend of httpcore, httpx's transport: the address connected to is the one that was judged,
while TLS names and verifies the host. Bodies are bounded by whoever reads them.
"""

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx
from httpcore._backends.sync import SyncStream

from connectors.outbound.connecting import open_socket
from connectors.outbound.policy import Outbound
from connectors.outbound.redirects import check_redirect

_CONNECT_TIMEOUT_S = 10.0
_MOST_REDIRECTS = 5
_OURS = frozenset({"transport", "mounts", "proxy", "trust_env", "cert", "http1"})


def guarded_client(outbound: Outbound, timeout_s: float, **kwargs: Any) -> httpx.Client:
    """A client whose every connection is resolved, checked and pinned; `kwargs` are those of httpx.Client.

    Proxies, certificates and passwords of the server's environment are not used. A redirect away from the source
    raises, whether redirects are followed or not; those within it are followed unless `follow_redirects=False`.

    Raises:
        ValueError: a keyword would go round the check. Calls raise AddressRefused, ConfigInvalid (unencrypted to a
            public address) and SourceUnavailable (unknown name) beside httpx's own errors.
    """
    if clash := sorted(_OURS & kwargs.keys()):
        raise ValueError(f"a guarded client chooses its own {', '.join(clash)}")
    verify = kwargs.pop("verify", True)
    context = httpx.create_ssl_context(verify=verify, trust_env=False)
    http2 = bool(kwargs.pop("http2", False))
    limits = kwargs.pop("limits", httpx.Limits(max_connections=32, max_keepalive_connections=16, keepalive_expiry=30))
    hooks = dict(kwargs.pop("event_hooks", {}))
    hooks["response"] = [_check_redirect, *hooks.get("response", [])]
    settings: dict[str, Any] = {
        "timeout": httpx.Timeout(timeout_s, connect=min(timeout_s, _CONNECT_TIMEOUT_S)),
        "follow_redirects": True,
        "max_redirects": _MOST_REDIRECTS,
    } | kwargs
    return httpx.Client(
        transport=_GuardedTransport(_Network(outbound, encrypted=True), context, limits, http2),
        mounts={"http://": _GuardedTransport(_Network(outbound, encrypted=False), context, limits)},
        trust_env=False,
        event_hooks=hooks,
        **settings,
    )


class _Network(httpcore.NetworkBackend):
    """Opens sockets for httpcore."""

    def __init__(self, outbound: Outbound, *, encrypted: bool) -> None:
        self._outbound = outbound
        self._encrypted = encrypted

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - httpcore's signature; never set here
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            sock = open_socket(
                self._outbound, host, port, timeout, encrypted=self._encrypted, options=socket_options or ()
            )
        except TimeoutError:
            raise httpcore.ConnectTimeout("timed out") from None
        except OSError as error:
            raise httpcore.ConnectError(error.strerror or type(error).__name__) from None
        return SyncStream(sock)

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise httpcore.UnsupportedProtocol("sources are not reached through Unix sockets")


class _GuardedTransport(httpx.HTTPTransport):
    """httpx's transport over a pool with our network.

    httpx 0.28 takes no network backend, so its pool is exchanged for one made with httpcore's public constructor; the
    tests against hostile addresses fail should the attribute be renamed.
    """

    def __init__(self, network: _Network, context: ssl.SSLContext, limits: httpx.Limits, http2: bool = False) -> None:
        super().__init__(verify=context, trust_env=False, http2=http2)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            http2=http2,
            network_backend=network,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if not response.has_redirect_location:
            return response
        # httpx would read a redirect's body to its end, however long; nobody needs it.
        response.close()
        return httpx.Response(response.status_code, headers=response.headers, extensions=response.extensions)


def _check_redirect(response: httpx.Response) -> None:
    if response.has_redirect_location:
        check_redirect(str(response.url), response.headers["location"])
