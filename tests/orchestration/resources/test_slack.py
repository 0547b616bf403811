"""Messages to Slack: their shape, what data in them can do (nothing), and what each answer of Slack means."""

import json
import logging
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.outbound.policy import Outbound
from orchestration.resources.slack import Slack, SlackRefused, SlackSlow, SlackUnavailable
from orchestration.resources.slack_blocks import slack_message
from tests.servers.slack import RETRY_AFTER_S, SlackStandIn, problem_of

PAYLOAD = {
    "connection": "crm", "stream": "deals", "change": "renamed", "fields": ["amount"], "severity": "breaking",
    "summary": "amount is called total now.", "diff": ["- amount -> opportunity.amount", "+ total"],
    "probability": 0.7, "held": 12, "views": ["opportunities"],
}  # fmt: skip
SPECIAL = re.compile(r"<[^>]*>")
NAMES = st.text(alphabet=st.sampled_from("<>&!@#|`*_~ \n\u202ehttps://evil.example channel U024"), max_size=400)


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn().running() as server:
        yield server


@pytest.fixture
def client(slack: SlackStandIn) -> Slack:
    return Slack(lambda: Outbound(allow=(slack.allowed,)), timeout_s=0.5)


def texts(message: dict[str, object]) -> list[str]:
    return [block["text"]["text"] for block in message["blocks"]]  # type: ignore[attr-defined, index]


def test_a_note_says_what_changed_and_where(slack: SlackStandIn, client: Slack) -> None:
    client.post(slack.url, slack_message("drift", PAYLOAD, "acme"))
    (message,) = slack.accepted
    told = "\n".join(texts(message))
    for part in ("breaking", "`crm`", "`deals`", "- amount -&gt; opportunity.amount", "+ total", "0.70", "12"):
        assert part in told
    assert all(block["text"].get("verbatim") for block in message["blocks"] if block["type"] == "section")
    assert message["unfurl_links"] is False


def test_an_approval_carries_the_link_or_else_the_command() -> None:
    linked = texts(slack_message("approval", PAYLOAD, "acme", link="https://here.example/l/abc.def"))
    assert linked[-1] == "<https://here.example/l/abc.def|Look at it and decide>"
    named = texts(slack_message("approval", PAYLOAD, "acme", command="autonomos approvals show --tenant 'a<b' 1"))
    assert named[-1] == "To decide: `autonomos approvals show --tenant 'a&lt;b' 1`"


@settings(max_examples=300)
@given(connection=NAMES, fields=st.lists(NAMES, max_size=60), summary=NAMES, diff=st.lists(NAMES, max_size=80))
def test_data_forms_neither_mention_nor_link_and_fits_the_limits(
    connection: str, fields: list[str], summary: str, diff: list[str]
) -> None:
    payload = {"connection": connection, "stream": "s", "fields": fields, "summary": summary, "diff": diff}
    message = slack_message("drift", payload, tenant=connection, command=summary)
    assert problem_of(json.dumps(message).encode()) == ""
    for text in texts(message)[1:]:
        assert SPECIAL.search(text) is None
        assert text.replace("```", "").count("`") % 2 == 0
        assert "\u202e" not in text
        assert re.search(r"&(?!(amp|lt|gt);)", text) is None
    assert SPECIAL.search(message["text"]) is None


def test_a_wide_change_is_cut_in_whole_lines() -> None:
    lines = [f"+ field {number} {'x' * 90}" for number in range(2000)]
    (diff,) = (text for text in texts(slack_message("drift", {"diff": lines}, "acme")) if "```" in text)
    assert len(diff) <= 3000
    assert diff.count("```") == 2
    assert "more lines" in diff


def test_being_slowed_down_says_for_how_long(slack: SlackStandIn, client: Slack) -> None:
    slack.answer_next(429)
    with pytest.raises(SlackSlow) as slowed:
        client.post(slack.url, slack_message("drift", PAYLOAD, "acme"))
    assert slowed.value.retry_after_s == RETRY_AFTER_S


@pytest.mark.parametrize("answer", [500, 503, "slow"])
def test_what_may_pass_is_told_apart(slack: SlackStandIn, client: Slack, answer: int | str) -> None:
    slack.answer_next(answer)
    with pytest.raises(SlackUnavailable):
        client.post(slack.url, slack_message("drift", PAYLOAD, "acme"))


def test_a_webhook_that_is_gone_is_refused_for_good_and_not_repeated(
    slack: SlackStandIn, client: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(SlackRefused, match="no_service") as refused:
        client.post(slack.url.replace("canary4711", "canary4712"), {"text": "x"})
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    assert "canary" not in "".join([str(refused.value), *ours])


def test_a_message_slack_cannot_read_is_refused(slack: SlackStandIn, client: Slack) -> None:
    with pytest.raises(SlackRefused, match="invalid_payload"):
        client.post(slack.url, {"nothing": 1})


def test_a_redirect_is_not_followed(slack: SlackStandIn, client: Slack) -> None:
    slack.answer_next("redirect")
    with pytest.raises(SlackRefused):
        client.post(slack.url, slack_message("drift", PAYLOAD, "acme"))
    assert slack.asked == 1


@pytest.mark.parametrize(
    "url", ["", "hooks.slack.com/services/canary", "ftp://hooks.slack.com/canary", "http://127.0.0.1:9/canary", "http://[::1"]
)  # fmt: skip
def test_a_secret_that_is_no_reachable_webhook_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(SlackRefused) as refused:
        Slack(Outbound).post(url, {"text": "x"})
    assert "canary" not in str(refused.value)
