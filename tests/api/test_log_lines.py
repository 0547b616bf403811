"""Log lines are JSON and hold nothing that lets anybody in."""

import io
import json
import logging

import pytest

from api.logs import FIELDS, JsonLines, redact_secrets

SECRET = "hUnter2-Zq81kT"
TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl"
KEY = "ak_4f9XzQ2mB7vT1kLw8pRs6YhN3cJd0aGe"


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET}",
        f"Authorization: Basic {SECRET}",
        f"{{'authorization': 'Bearer {SECRET}'}}",
        f'{{"password": "{SECRET}", "email": "ann@acme.example"}}',
        f"password={SECRET}&next=/",
        f"new_password = '{SECRET}'",
        f"the api_key is {SECRET}",
        f"X-Api-Key: {SECRET}",
        f"Cookie: session={SECRET}",
        f"Set-Cookie: refresh={SECRET}; HttpOnly",
        f"GET /api/v1/events?ticket={SECRET} failed",
        f"client_secret: {SECRET}",
        f"could not connect to postgresql+psycopg2://app:{SECRET}@db.example:5432/autonomos",
        f"redis://:{SECRET}@127.0.0.1:6379/0",
        f"[SQL: INSERT INTO x VALUES (%(a)s)]\n[parameters: {{'a': '{SECRET}', 'b': [1]}}]\n(Background on this error)",
        f"1 validation error\nbody.password\n  too short [type=x, input_value='{SECRET}', input_type=str]",
        f"DETAIL:  Key (lower(email))=({SECRET}) already exists.",
        f"DETAIL:  Failing row contains (1, {SECRET}, null).",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----",
        f"refresh_token '{SECRET}' was used twice",
        f"KeyError: 'master_key={SECRET}'",
    ],
)
def test_what_lets_somebody_in_is_taken_out(text: str) -> None:
    redacted = redact_secrets(text)
    assert SECRET not in redacted
    assert "redacted" in redacted


@pytest.mark.parametrize("word", [TOKEN, KEY, "sk-proj-AbCdEf0123456789AbCdEf", "dGhpcyBpcyBhIHRva2VuIDEyMzQ1Ng=="])
def test_a_bare_token_is_known_by_its_looks(word: str) -> None:
    assert word not in redact_secrets(f"rejected {word} from a caller")


@pytest.mark.parametrize(
    "text",
    [
        "sync 3f2b8c1e-7d4a-4f0b-9c6e-2a1d5b8e7f90 of connection crm ended with SourceUnavailable",
        "Traceback (most recent call last):\n  File \"/work/api/routers/approvals.py\", line 12, in decide",
        "sha256 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
        "orchestration.control_plane.migrations.versions.r0010_platform was applied",
        "3 tokens were revoked, 12 secrets are stored",
    ],
)  # fmt: skip
def test_what_tells_us_something_stays(text: str) -> None:
    assert redact_secrets(text) == text


def test_an_error_is_logged_with_its_traceback_and_without_its_secrets() -> None:
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(JsonLines())
    logger = logging.Logger("test")
    logger.addHandler(handler)
    try:
        try:
            raise ValueError(f"password={SECRET}")
        except ValueError as error:
            raise RuntimeError(f"token {TOKEN} is wrong\nand on two lines") from error
    except RuntimeError:
        logger.exception("login of %s failed", f"https://ann:{SECRET}@x.example", extra={FIELDS: {"trace_id": "ab"}})
    (line,) = output.getvalue().splitlines()
    entry = json.loads(line)
    assert SECRET not in line and TOKEN not in line
    assert (entry["level"], entry["error"], entry["trace_id"]) == ("error", "RuntimeError", "ab")
    assert "ValueError" in entry["traceback"] and "test_log_lines.py" in entry["traceback"]


def test_redaction_is_linear_in_what_it_reads() -> None:
    import time

    for text in ("a" * 200_000, "password" * 20_000, "x://" * 40_000, "token is " * 20_000, "-----BEGIN " * 15_000):
        began = time.perf_counter()
        redact_secrets(text)
        assert time.perf_counter() - began < 1.5, text[:20]
