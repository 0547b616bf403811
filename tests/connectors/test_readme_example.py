"""The connector that README shows works as it stands, and is as short as promised."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.errors import CredentialsExpired
from connectors.outbound.policy import Outbound
from connectors.sandbox.http_server import HttpServer

README = Path(__file__).resolve().parents[2] / "README.md"
MOST_LINES = 60
TOKEN = "example-token-of-the-test"


@pytest.fixture
def source() -> str:
    section = README.read_text().split("## Write a connector")[1]
    return section.split("```python\n")[1].split("```")[0]


@pytest.fixture
def rates() -> Iterator[str]:
    """The imagined API: 2,500 rates, the first request of each page answered with 429."""
    refused: set[str] = set()

    async def page(request: Request) -> JSONResponse:
        if request.headers.get("authorization") != TOKEN:
            return JSONResponse({}, 401)
        if str(request.url) not in refused:
            refused.add(str(request.url))
            return JSONResponse({}, 429, headers={"Retry-After": "0"})
        after = int(request.query_params["after"] or 0)
        last = min(after + int(request.query_params["limit"]), 2500)
        return JSONResponse([{"id": n, "pair": "EURUSD", "rate": n / 4} for n in range(after + 1, last + 1)])

    with HttpServer(Starlette(routes=[Route("/rates", page)])) as server:
        yield server.url


@pytest.fixture
def connector(source: str, rates: str) -> Iterator[Callable[..., Any]]:
    """Makes the example's connector; all of them are closed."""
    namespace: dict[str, Any] = {"__name__": "example"}
    exec(compile(source, "README.md", "exec"), namespace)
    made = []

    def make(token: str = TOKEN) -> Any:
        config = namespace["RatesConfig"](url=rates, token=token, limits={"requests_per_s": 1000})
        made.append(namespace["RatesConnector"](config, Outbound((rates.removeprefix("http://"),))))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_it_is_short(source: str) -> None:
    assert len(source.splitlines()) < MOST_LINES


def test_it_reads_everything_once_and_resumes(connector: Callable[..., Any], read: Callable[..., Any]) -> None:
    (stream,) = connector().discover()
    first = read(connector(), stream, stop_after=1)
    rest = read(connector(), stream, first.cursor)
    assert [int(row["id"]) for row in first.rows + rest.rows] == list(range(1, 2501))
    assert rest.rows[-1] == {"id": "2500", "pair": "EURUSD", "rate": "625.0"}


def test_a_wrong_token_needs_a_person(connector: Callable[..., Any]) -> None:
    connector().check()
    with pytest.raises(CredentialsExpired):
        connector("another").check()
