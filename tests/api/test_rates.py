"""Rates: who asks too often waits, whoever counts, and nobody else does."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
import redis.asyncio
from starlette.requests import Request

from api.problems import TooManyRequests
from api.requests.buckets import LocalBucket
from api.requests.rates import Rates
from api.security.actor import Actor
from api.security.permissions import GRANTED
from orchestration.embedded.ports import free_port
from orchestration.resources.settings import Settings
from tests.api.convention_routes import add_to
from tests.api.serving import ServedApi, serving
from tests.orchestration.control_plane.databases import throwaway

THING = "/api/v1/conventions/things/one"


def test_a_bucket_holds_a_minutes_worth_and_fills_evenly() -> None:
    bucket = LocalBucket(60)
    assert bucket.take(100, 1000.0).granted == 60
    empty = bucket.take(1, 1000.0)
    assert (empty.granted, empty.left, round(empty.next_in_s, 6)) == (0, 0, 1.0)
    assert bucket.take(5, 1002.0).granted == 2
    assert bucket.take(100, 5000.0).granted == 60


def test_over_any_minute_a_bucket_gives_at_most_twice_its_size() -> None:
    bucket = LocalBucket(30)
    given = sum(bucket.take(1, 1000 + step / 10).granted for step in range(600))
    assert 59 <= given <= 60


def settings(**changed: int) -> Settings:
    limits = {"rate_limit_tenant": 50, "rate_limit_actor": 20, "rate_limit_address": 10, **changed}
    return Settings().model_copy(update=limits)


def actor(tenant_id: UUID, name: str) -> Actor:
    return Actor(tenant_id, name, "viewer", GRANTED["viewer"])


async def admitted(rates: Rates, who: Actor, times: int) -> int:
    async def once() -> bool:
        request = Request({"type": "http", "headers": [], "state": {}})
        try:
            await rates.admit(request, who)
        except TooManyRequests as refused:
            assert int(refused.headers["Retry-After"]) >= 1
            return False
        return True

    return sum(await asyncio.gather(*(once() for _ in range(times))))


@pytest.mark.servers
@pytest.mark.parametrize("processes", [1, 3])
def test_processes_share_what_a_caller_and_its_tenant_may_ask(redis_url: str, processes: int) -> None:
    async def play() -> tuple[int, int, int]:
        clients = [redis.asyncio.Redis.from_url(redis_url) for _ in range(processes)]
        each = [Rates(client, settings()) for client in clients]
        tenant, other = uuid4(), uuid4()
        own = sum([await admitted(rates, actor(tenant, "a"), 30) for rates in each])
        rest = sum([await admitted(rates, actor(tenant, name), 30) for rates in each for name in "bcd"])
        untouched = await admitted(each[0], actor(other, "a"), 20)
        for client in clients:
            await client.aclose()
        return own, rest, untouched

    own, rest, untouched = asyncio.run(play())
    assert 20 <= own <= 22  # what flows in while it runs
    assert 50 <= own + rest <= 55
    assert untouched == 20


@pytest.mark.servers
def test_a_busy_caller_costs_few_round_trips(redis_url: str) -> None:
    async def play() -> int:
        async with redis.asyncio.Redis.from_url(redis_url) as client:
            rates, who = Rates(client, settings(rate_limit_tenant=600_000, rate_limit_actor=600_000)), uuid4()
            before = (await client.info("commandstats")).get("cmdstat_eval", {"calls": 0})["calls"]
            for _ in range(40):
                assert await admitted(rates, actor(who, "a"), 50) == 50
                await asyncio.sleep(0.005)
            return int((await client.info("commandstats"))["cmdstat_eval"]["calls"] - before)

    assert asyncio.run(play()) < 200  # for 2 x 2,000 counts


def test_without_valkey_each_process_counts_for_itself_and_waits_for_nobody() -> None:
    async def play() -> tuple[int, float]:
        async with redis.asyncio.Redis.from_url(f"redis://127.0.0.1:{free_port()}/0") as client:
            rates = Rates(client, settings())
            began = time.monotonic()
            return await admitted(rates, actor(uuid4(), "a"), 100), time.monotonic() - began

    granted, seconds = asyncio.run(play())
    assert 20 <= granted <= 21
    assert seconds < 1.5


@pytest.fixture(scope="module")
def limited(
    postgres_admin_url: str,
    migrated_template: str,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    hashed_password: str,
) -> Iterator[ServedApi]:
    """Few requests a minute for everybody."""
    home: Path = tmp_path_factory.mktemp("limited")
    limits = {"rate_limit_tenant": 30, "rate_limit_actor": 12, "rate_limit_address": 15}
    with (
        throwaway(postgres_admin_url, migrated_template) as made,
        serving(made, redis_url, home, hashed_password, prepare=add_to, **limits) as api,
    ):
        yield api


def read(client: httpx.Client, times: int) -> list[httpx.Response]:
    return [client.get(THING) for _ in range(times)]


@pytest.mark.servers
def test_answers_say_how_much_is_left_and_when_to_come_back(limited: ServedApi) -> None:
    tenant = limited.new_tenant()
    answers = read(tenant.client("viewer"), 16)
    assert 12 <= sum(answer.is_success for answer in answers) <= 13
    assert answers[0].headers["RateLimit-Policy"] == '"tenant";q=30;w=60, "actor";q=12;w=60'
    assert answers[0].headers["RateLimit"] == '"tenant";r=29;t=2, "actor";r=11;t=5'
    refused = answers[-1]
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/rate-limited")
    assert 1 <= int(refused.headers["Retry-After"]) <= 6
    assert '"actor";r=0' in refused.headers["RateLimit"]
    # Others of the tenant go on, until all of them together asked too often.
    assert read(tenant.client("analyst"), 1)[0].is_success
    assert any(answer.status_code == 429 for role in ("admin", "owner") for answer in read(tenant.client(role), 12))
    assert read(limited.new_tenant().client("viewer"), 1)[0].is_success


@pytest.mark.servers
def test_who_does_not_say_who_they_are_counts_by_address(limited: ServedApi) -> None:
    with limited.anonymous() as client:
        answers = read(client, 18)
        health = client.get("/health")
        false = client.get(THING, headers={"Authorization": "Bearer x"})
    assert {answer.status_code for answer in answers} == {401, 429}
    assert answers[0].headers["RateLimit-Policy"] == '"address";q=15;w=60'
    assert (health.status_code, "RateLimit" in health.headers) == (200, False)
    assert false.status_code == 429  # as many false proofs would have done
