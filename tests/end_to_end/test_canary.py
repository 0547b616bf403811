"""Credentials of every kind of source go through connecting, syncing and failing, and are then nowhere to be read.

Each place is first shown to be searched: a word that may be seen is planted where it is allowed, and must be found.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.mongodb.sandbox import MongoSandbox
from connectors.sandbox.postgrest.sandbox import PostgrestSandbox
from connectors.sandbox.salesforce.sandbox import SalesforceSandbox
from orchestration.resources.settings import Settings
from tests.end_to_end.canary_search import needles_of, search_everything
from tests.end_to_end.running import Commands, running_stack

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stacks of their own")]
VISIBLE = "ordinary-word-that-may-be-seen"
ROWS = 5_000  # enough to become Parquet: fewer stay in the catalog
RECORDS = pa.table({"Id": [f"001{n:015d}" for n in range(ROWS)], "Name": [f"{VISIBLE} {n}" for n in range(ROWS)]})
PLACES_WITH_THE_WORD = ("postgres, lake", "lake", "logs and files", "output")


@pytest.fixture
def sandboxes(postgres_admin_url: str) -> Iterator[dict[str, Any]]:
    made: dict[str, Any] = {
        "salesforce": SalesforceSandbox(secret="canary/Salesforce+7hTq=secret"),
        "supabase": PostgrestSandbox(postgres_admin_url, secret="canary-Supabase-9fKw-signing-secret-of-32-bytes"),
        "mongodb": MongoSandbox(secret="canary-Mongo-3xZp-password"),
    }
    for sandbox in made.values():
        sandbox.start()
        sandbox.load("Account", RECORDS, "Id")
    yield made
    for sandbox in made.values():
        sandbox.stop()


def secrets_in(config: dict[str, Any]) -> list[str]:
    """The credentials of a stand-in's configuration; of a URL its password."""
    from urllib.parse import unquote, urlsplit

    found = []
    for name, value in config.items():
        if name in ("client_secret", "refresh_token", "private_key", "key"):
            found.append(str(value))
        elif isinstance(value, str) and "://" in value and (password := urlsplit(value).password):
            found.append(unquote(password))
    return found


@pytest.fixture
def settings(tmp_path: Path, sandboxes: dict[str, Any]) -> Iterator[Settings]:
    allow = [address for sandbox in sandboxes.values() for address in sandbox.addresses()]
    with running_stack(tmp_path / "home", allow) as running:
        yield running


def test_no_credential_is_found_anywhere(
    settings: Settings, sandboxes: dict[str, Any], tmp_path: Path, measured: Callable[[str], None]
) -> None:
    commands = Commands(settings.home, [a for sandbox in sandboxes.values() for a in sandbox.addresses()])
    configs = {kind: sandbox.config() for kind, sandbox in sandboxes.items()}
    secrets = [secret for config in configs.values() for secret in secrets_in(config)]
    assert len(secrets) >= 4
    commands.succeed("tenant", "create", "Canary", "--email", "owner@canary.test", "--password", "a long password")
    for kind, config in configs.items():
        given = tmp_path / f"{kind}.json"
        given.write_text(json.dumps(config))
        commands.succeed("connect", "--tenant", "Canary", "--name", kind, "--kind", kind, "--config", f"@{given}")
    commands.succeed("sync", "--tenant", "Canary")
    for sandbox in sandboxes.values():
        for fault in ("server_error", "cut_body", "unauthorized"):
            sandbox.misbehave(Fault(fault, times=2))
    commands.run("sync", "--tenant", "Canary")
    for sandbox in sandboxes.values():
        sandbox.misbehave(Fault("unauthorized", times=100_000))
    commands.fail("sync", "--tenant", "Canary")
    for kind, sandbox in sandboxes.items():
        commands.run("sync-log", "--tenant", "Canary", "--connection", kind)
        sandbox.behave()
        mistyped = tmp_path / f"{kind}-mistyped.json"
        mistyped.write_text(json.dumps({**configs[kind], "unknown_setting": secrets_in(configs[kind])[0]}))
        commands.fail("connect", "--tenant", "Canary", "--name", "x", "--kind", kind, "--config", f"@{mistyped}")
    for arguments in (("connections", "list"), ("funnel",), ("view", "accounts")):
        commands.run(*arguments, "--tenant", "Canary", "--json")

    planted = search_everything(settings, needles_of([VISIBLE]), commands.shown)
    assert all(planted[place].hits for place in PLACES_WITH_THE_WORD), planted
    places = search_everything(settings, needles_of(secrets), commands.shown)
    measured(f"canary search, {len(secrets)} credentials:")
    for place, looked in places.items():
        measured(f"  {place}: {len(looked.hits)} hits in {looked.items} items, {looked.size_bytes:,} bytes")
    assert all(looked.items and looked.size_bytes for place, looked in places.items() if place != "postgres, postgres")
    assert not [hit for looked in places.values() for hit in looked.hits]
