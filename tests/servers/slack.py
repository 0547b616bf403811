"""A stand-in for Slack's incoming webhooks on a loopback port: takes what Slack takes, refuses what Slack refuses.

It checks the payload's shape against Block Kit's limits, answers with Slack's own words, and misbehaves on request.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from connectors.sandbox.http_server import HttpServer

PATH = "/services/T0000/B0000/canary4711"
RETRY_AFTER_S = 7
_MOST_BLOCKS = 50
_LONGEST = {"section": 3000, "header": 150}


class SlackStandIn:
    """What arrived, and how the next messages are answered."""

    def __init__(self) -> None:
        self.accepted: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self.asked = 0
        self._answers: list[int | str] = []
        self._server = HttpServer(Starlette(routes=[Route("/{path:path}", self._take, methods=["POST"])]))

    @property
    def url(self) -> str:
        """The webhook."""
        return f"{self._server.url}{PATH}"

    @property
    def allowed(self) -> str:
        """The entry of an allow-list for it."""
        return self._server.url.removeprefix("http://")

    def answer_next(self, *answers: int | str) -> None:
        """Statuses of the next answers, "slow" for one that comes too late, "redirect" for one that leads away."""
        self._answers += answers

    @contextmanager
    def running(self) -> "Iterator[SlackStandIn]":
        """Serve for as long as the block lasts."""
        with self._server:
            yield self

    async def _take(self, request: Request) -> Response:
        self.asked += 1
        body = await request.body()
        answer = self._answers.pop(0) if self._answers else 200
        if answer == "slow":
            await anyio.sleep(3)
        elif answer == "redirect":
            return RedirectResponse("http://127.0.0.1:1/away", status_code=302)
        elif answer == 429:
            return PlainTextResponse("rate_limited", 429, {"Retry-After": str(RETRY_AFTER_S)})
        elif answer != 200:
            return PlainTextResponse("rollup_error", int(answer))
        if request.url.path != PATH:
            return PlainTextResponse("no_service", 404)
        if problem := problem_of(body):
            self.refused.append(problem)
            return PlainTextResponse("invalid_blocks" if "block" in problem else "invalid_payload", 400)
        self.accepted.append(json.loads(body))
        return PlainTextResponse("ok")


def problem_of(body: bytes) -> str:
    """What Slack would not take about a message; empty when it would."""
    try:
        message = json.loads(body)
    except ValueError:
        return "no JSON"
    blocks = message.get("blocks", [])
    if not message.get("text") and not blocks:
        return "no text"
    if len(blocks) > _MOST_BLOCKS:
        return "too many blocks"
    return next((problem for block in blocks if (problem := _problem_of_block(block))), "")


def _problem_of_block(block: dict[str, Any]) -> str:
    kind, text = block.get("type"), block.get("text", {})
    if kind not in _LONGEST:
        return f"block of type {kind}"
    if text.get("type") != ("plain_text" if kind == "header" else "mrkdwn"):
        return f"block with text of type {text.get('type')}"
    if not 1 <= len(text.get("text", "")) <= _LONGEST[kind]:
        return f"block with {len(text.get('text', ''))} characters"
    unknown = set(text) - {"type", "text", "emoji" if kind == "header" else "verbatim"}
    return f"block with {sorted(unknown)}" if unknown else ""
