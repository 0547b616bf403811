"""The four clients, each reduced to one attempt to reach a host."""

from collections.abc import Callable

import psycopg2

from connectors.limits import Limits
from connectors.outbound.http_httpx import guarded_client
from connectors.outbound.http_requests import guarded_session
from connectors.outbound.mongodb import guarded_mongo_client
from connectors.outbound.policy import Outbound
from connectors.outbound.postgres import pinned_parameters

Reach = Callable[[Outbound, str, int], None]


def with_requests(outbound: Outbound, host: str, port: int) -> None:
    with guarded_session(outbound, 2) as session:
        session.get(f"http://{host}:{port}/").raise_for_status()


def with_httpx(outbound: Outbound, host: str, port: int) -> None:
    with guarded_client(outbound, 2) as client:
        client.get(f"http://{host}:{port}/").raise_for_status()


def with_postgres(outbound: Outbound, host: str, port: int) -> None:
    url = f"postgresql://user:word@{host}:{port}/postgres?connect_timeout=2"
    psycopg2.connect(**pinned_parameters(url, outbound)).close()


def with_mongodb(outbound: Outbound, host: str, port: int) -> None:
    with guarded_mongo_client(f"mongodb://{host}:{port}/", outbound, Limits(timeout_s=1)) as client:
        client.admin.command("ping")


CLIENTS: dict[str, Reach] = {
    "requests": with_requests,
    "httpx": with_httpx,
    "postgres": with_postgres,
    "mongodb": with_mongodb,
}
