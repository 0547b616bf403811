"""Logging in by each grant, what wrong credentials become, and what a configuration must hold."""

import logging
import traceback
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.errors import (
    AddressRefused,
    ConfigInvalid,
    ConnectorError,
    CredentialsExpired,
    RateLimited,
    SourceUnavailable,
)
from connectors.outbound.policy import Outbound
from connectors.salesforce.config import SalesforceConfig
from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.failures import from_login
from connectors.sandbox.http_server import HttpServer
from connectors.sandbox.salesforce.sandbox import SalesforceSandbox
from tests.connectors.salesforce.conftest import COUNT, Connect, stream_of, take

AUTHS = ["refresh_token", "client_credentials", "jwt_bearer"]


@pytest.mark.parametrize("auth", AUTHS)
def test_each_grant_gives_a_token_that_reads(connect: Connect, auth: str) -> None:
    connector = connect(auth)
    connector.check()
    assert len(take(connector, stream_of(connector)).rows) == COUNT
    assert connector.pin().auth == auth
    assert connector.pin() == SalesforceConnector(connector.pin(), connector.outbound).pin()


@pytest.mark.parametrize(
    ("auth", "wrong"),
    [
        ("refresh_token", {"refresh_token": "wrong-token-7"}),
        ("refresh_token", {"client_secret": "wrong-secret-7"}),
        ("client_credentials", {"client_secret": "wrong-secret-7"}),
        ("client_credentials", {"client_id": "nobody"}),
        ("jwt_bearer", {"username": "stranger@example.com"}),
        ("jwt_bearer", {"jwt_audience": "https://elsewhere.example"}),
    ],
)
def test_wrong_credentials_need_a_person_and_are_tried_once(
    connect: Connect, sandbox: SalesforceSandbox, auth: str, wrong: dict[str, str]
) -> None:
    with pytest.raises(CredentialsExpired) as caught:
        connect(auth, **wrong).check()
    assert caught.value.hint
    assert len(sandbox.requests) == 1


def test_a_key_of_somebody_else_is_refused(connect: Connect) -> None:
    stranger = SalesforceSandbox()
    with pytest.raises(CredentialsExpired):
        connect("jwt_bearer", private_key=stranger.logins.private_key).check()
    broken = stranger.logins.private_key[:200]
    with pytest.raises(ConfigInvalid) as caught:
        connect("jwt_bearer", private_key=broken).check()
    assert broken[60:100] not in "".join(traceback.format_exception(caught.value))


def test_an_address_without_an_org_is_a_wrong_configuration(connect: Connect) -> None:
    async def page(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": b"<h1>nothing</h1>"})

    with HttpServer(page) as other, pytest.raises(ConfigInvalid):
        config = connect().config.model_copy(update={"instance_url": other.url})
        SalesforceConnector(config, Outbound(allow=("127.0.0.1",))).check()


def test_the_org_of_the_token_is_checked_like_any_address(connect: Connect, sandbox: SalesforceSandbox) -> None:
    async def grant(scope: Any, receive: Any, send: Any) -> None:
        body = b'{"access_token": "t", "instance_url": "https://169.254.169.254"}'
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body})

    with HttpServer(grant) as login, pytest.raises(AddressRefused):
        config = connect().config.model_copy(update={"instance_url": login.url})
        SalesforceConnector(config, Outbound(allow=(login.url.removeprefix("http://"),))).check()


def test_nothing_is_reached_that_is_not_allowed(sandbox: SalesforceSandbox) -> None:
    with pytest.raises(AddressRefused):
        SalesforceConnector(SalesforceConfig.model_validate(sandbox.config())).check()
    assert sandbox.requests == []


@pytest.mark.parametrize(
    "change",
    [
        {"instance_url": "http://acme.my.salesforce.com"},
        {"instance_url": "https://acme.my.salesforce.com/path"},
        {"instance_url": "https://user:secret@acme.my.salesforce.com"},
        {"instance_url": None},
        {"domain": "login"},
        {"instance_url": None, "domain": "not a host"},
        {"refresh_token": None, "client_secret": None},
        {"auth": "jwt_bearer"},
        {"instance_url": None, "domain": "login", "refresh_token": None},
        {"instance_url": "https://login.salesforce.com", "refresh_token": None},
        {"api_version": "latest"},
        {"api_share": 0},
    ],
)
def test_a_configuration_that_cannot_work_is_refused(change: dict[str, Any]) -> None:
    good = {
        "instance_url": "https://acme.my.salesforce.com",
        "client_id": "app",
        "client_secret": "s",
        "refresh_token": "r",
    }
    SalesforceConfig.model_validate(good)
    with pytest.raises(ValidationError):
        SalesforceConfig.model_validate({**good, **change})


def test_a_domain_stands_for_its_login_server() -> None:
    given = {"client_id": "app", "refresh_token": "r"}
    assert SalesforceConfig.model_validate({**given, "domain": "test"}).login_url == "https://test.salesforce.com"
    assert SalesforceConfig.model_validate({**given, "domain": "test"}).audience == "https://test.salesforce.com"
    own = SalesforceConfig.model_validate({**given, "domain": "acme.my.salesforce.com"})
    assert (own.login_url, own.audience) == ("https://acme.my.salesforce.com", "https://login.salesforce.com")


@pytest.mark.parametrize(
    ("host", "audience"),
    [
        ("acme.my.salesforce.com", "login"),
        ("acme.develop.my.salesforce.com", "login"),
        ("acme--dev.sandbox.my.salesforce.com", "test"),
        ("acme--dev.my.salesforce.com", "test"),
        ("acme.scratch.my.salesforce.com", "test"),
        ("cs42.salesforce.com", "test"),
    ],
)
def test_an_assertion_is_made_out_for_the_login_server_of_the_org(host: str, audience: str) -> None:
    given = {"client_id": "app", "private_key": "k", "username": "u", "instance_url": f"https://{host}"}
    assert SalesforceConfig.model_validate(given).audience == f"https://{audience}.salesforce.com"


def test_an_app_that_changes_its_refresh_token_is_refused_before_the_old_one_is_used_again(
    connect: Connect, sandbox: SalesforceSandbox
) -> None:
    sandbox.logins.rotates = True
    with pytest.raises(ConfigInvalid, match="new refresh token") as caught:
        connect().check()
    assert "rotation" in caught.value.hint
    assert len(sandbox.requests) == 1


def test_a_login_that_meets_another_one_under_way_is_tried_again(connect: Connect, sandbox: SalesforceSandbox) -> None:
    sandbox.logins.busy = 1
    connector = connect()
    connector.check()
    assert [request.path.rsplit("/", 1)[-1] for request in sandbox.requests[:2]] == ["token", "token"]


@pytest.mark.parametrize(
    ("status", "error", "description", "expected", "hint"),
    [
        (400, "invalid_grant", "request not supported on this domain", ConfigInvalid, "My Domain"),
        (400, "unsupported_grant_type", "grant type not supported", ConfigInvalid, "OAuth flow"),
        (400, "invalid_grant", "no client credentials user enabled", CredentialsExpired, "Run As"),
        (400, "invalid_grant", "user hasn't approved this consumer", CredentialsExpired, "Pre-authorize"),
        (400, "invalid_grant", "audience is invalid", CredentialsExpired, "jwt_audience"),
        (400, "invalid_grant", "Audience validation failed", CredentialsExpired, "jwt_audience"),
        (400, "invalid_grant", "expired access/refresh token", CredentialsExpired, "Connect the org again"),
        (400, "inactive_user", "user is inactive", CredentialsExpired, "Connect the org again"),
        (400, "invalid_grant", "login rate exceeded", RateLimited, "by itself"),
        (400, "rate_limit_exceeded", "", RateLimited, "by itself"),
        (420, "", "", SourceUnavailable, "by itself"),
        (503, "", "", SourceUnavailable, "by itself"),
    ],
)
def test_refused_logins_say_what_to_do(
    status: int, error: str, description: str, expected: type[ConnectorError], hint: str
) -> None:
    found = from_login(status, {"error": error, "error_description": description}, {})
    assert type(found) is expected
    assert hint in found.hint
    assert description not in found.detail or not description


@pytest.mark.parametrize("auth", AUTHS)
def test_no_secret_is_shown_or_logged(
    connect: Connect, sandbox: SalesforceSandbox, caplog: pytest.LogCaptureFixture, auth: str
) -> None:
    caplog.set_level(logging.DEBUG)
    connector = connect(auth)
    take(connector, stream_of(connector))
    sandbox.revoke_login()
    with pytest.raises(ConnectorError) as caught:
        connector.check()
    shown = [caplog.text, repr(connector.config), str(connector.config), repr(connector)]
    shown += ["".join(traceback.format_exception(caught.value)), caught.value.detail]
    config = sandbox.config(auth)  # type: ignore[arg-type]
    secrets = [config[name] for name in ("client_secret", "refresh_token", "private_key") if name in config]
    secrets += ["00D000000000001!"]  # every access token begins so
    assert len(secrets) >= 2
    assert all(secret not in text for secret in secrets for text in shown)
