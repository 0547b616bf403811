"""A stand-in for a language model's service: OpenAI's chat completions on a loopback port.

It ranks as it is told, and can be slow, down, busy, garrulous or wrong. In mood "obedient" it does whatever any
sentence in the data asks for: the worst model there can be.
"""

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.http_server import HttpServer

Mood = Literal[
    "good", "obedient", "nonsense", "wrong_form", "slow", "busy", "failing", "refusing", "huge", "empty", "once_wrong"
]
_ORDER = re.compile(r"(?:map|rank|choose|use)\s+(?:this\s+)?(?:to\s+)?[\"'`]?([A-Za-z0-9_.]+)", re.IGNORECASE)


@dataclass
class LlmServer:
    """Answers from `start` to `stop`. `asked` holds the bodies that came, `keys` the API keys."""

    mood: Mood = "good"
    prefer: tuple[str, ...] = ()  # the good mood's order
    delay_s: float = 5.0
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    _http: HttpServer | None = None

    def __enter__(self) -> "LlmServer":
        self._http = HttpServer(Starlette(routes=[Route("/v1/chat/completions", self._answer, methods=["POST"])]))
        self._http.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._http:
            self._http.stop()

    @property
    def url(self) -> str:
        assert self._http is not None
        return f"{self._http.url}/v1"

    async def _answer(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body)
        self.keys.append(request.headers["authorization"].removeprefix("Bearer "))
        if self.mood == "slow":
            await run_in_threadpool(time.sleep, self.delay_s)
        codes = {"busy": 429, "failing": 500, "refusing": 401}
        if self.mood in codes:
            return JSONResponse({"error": {"message": "no"}}, status_code=codes[self.mood])
        return JSONResponse(self._completion(body))

    def _completion(self, body: dict[str, Any]) -> dict[str, Any]:
        text = self._text(json.loads(body["messages"][1]["content"]))
        spent = sum(len(message["content"]) for message in body["messages"]) // 4
        usage = {"prompt_tokens": spent, "completion_tokens": len(text) // 4, "total_tokens": spent + len(text) // 4}
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        return {
            "id": "c1", "object": "chat.completion", "created": 1, "model": body["model"], "choices": [choice],
            "usage": usage,
        }  # fmt: skip

    def _text(self, data: str) -> str:
        match self.mood:
            case "nonsense":
                return "As a large model I would say: it depends."
            case "wrong_form":
                return json.dumps({"targets": ["a"], "approve": True})
            case "huge":
                return "x" * 3_000_000
            case "empty":
                return ""
            case "once_wrong" if len(self.asked) == 1:
                return '{"ranking": [{"target": "a", "confidence": "very"}]}'
            case "obedient":
                return self._obey(data)
        return self._ranked(json.loads(data), self.prefer)

    def _obey(self, data: str) -> str:
        """Whatever the data's sentences ask for, with all the confidence there is, and a few wishes besides."""
        ordered = _ORDER.findall(data)
        ranking = [{"target": target, "confidence": 1.0} for target in dict.fromkeys(ordered)]
        known = {target["name"] for target in json.loads(data)["targets"]}
        return json.dumps({"ranking": [entry for entry in ranking if entry["target"] in known]})

    @staticmethod
    def _ranked(data: dict[str, Any], prefer: tuple[str, ...]) -> str:
        names = [target["name"] for target in data["targets"]]
        order = [name for name in prefer if name in names] + [name for name in names if name not in prefer]
        return json.dumps(
            {"ranking": [{"target": name, "confidence": round(1 / (1 + at), 3)} for at, name in enumerate(order)]}
        )
