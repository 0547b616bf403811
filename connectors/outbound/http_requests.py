"""A requests session that reaches checked addresses only, for libraries built on requests.

The check sits where urllib3 opens its socket, so whatever a URL's text pretends, the address connected to is the one
that was judged. TLS still names and verifies the host. Bodies are bounded by whoever reads them.
"""

from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from connectors.errors import ConfigInvalid
from connectors.outbound.connecting import open_socket
from connectors.outbound.policy import Outbound
from connectors.outbound.redirects import check_redirect

_CONNECT_TIMEOUT_S = 10.0
_MOST_REDIRECTS = 5


def guarded_session(outbound: Outbound, timeout_s: float) -> requests.Session:
    """A session whose every connection is resolved, checked and pinned; `timeout_s` is the default of each call.

    Proxies, certificates and passwords of the server's environment are not used. Its calls raise AddressRefused,
    ConfigInvalid (unencrypted to a public address) and SourceUnavailable (unknown name) beside requests' own errors.
    """
    return _GuardedSession(outbound, timeout_s)


class _GuardedSession(requests.Session):
    def __init__(self, outbound: Outbound, timeout_s: float) -> None:
        super().__init__()
        self.trust_env = False  # neither proxies nor ~/.netrc of the server
        self.max_redirects = _MOST_REDIRECTS
        self._timeout = (min(timeout_s, _CONNECT_TIMEOUT_S), timeout_s)
        adapter = _GuardedAdapter(outbound)
        self.adapters.clear()
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self._timeout
        if kwargs.get("proxies"):
            raise ConfigInvalid("Sources are reached directly, not through a proxy.")
        return super().send(request, **kwargs)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target is not None:
            # requests would read a redirect's body to its end, however long; and a refused one would stay open.
            resp.raw.close()
            check_redirect(str(resp.url), target)
        return target


class _GuardedAdapter(HTTPAdapter):
    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **pool_kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = _pools(self._outbound)

    def close(self) -> None:
        # urllib3 leaves a pool's connections open while a response refers to the pool; garbage may keep responses long.
        pools = self.poolmanager.pools
        for key in list(pools.keys()):
            if pool := pools.get(key):
                pool.close()
        super().close()

    def proxy_manager_for(self, *_: Any, **__: Any) -> Any:
        raise ConfigInvalid("Sources are reached directly, not through a proxy.")


def _pools(outbound: Outbound) -> dict[str, Any]:
    """urllib3's pools by scheme, with connections that ask `outbound` where to connect."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> Any:
            return _connect(self, outbound, encrypted=False)

    class Tls(HTTPSConnection):
        def _new_conn(self) -> Any:
            return _connect(self, outbound, encrypted=True)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}


def _connect(connection: HTTPConnection, outbound: Outbound, *, encrypted: bool) -> Any:
    timeout = connection.timeout if isinstance(connection.timeout, int | float) else _CONNECT_TIMEOUT_S
    options = connection.socket_options or ()
    try:
        return open_socket(outbound, connection.host, connection.port, timeout, encrypted=encrypted, options=options)
    except TimeoutError:
        raise ConnectTimeoutError(connection, f"Connection to {connection.host} timed out.") from None
    except OSError as error:
        raise NewConnectionError(connection, f"No connection: {error.strerror or type(error).__name__}") from None
