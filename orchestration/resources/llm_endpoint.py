"""Where a tenant's model is and how it is spoken to: one client for every service with OpenAI's chat interface.

Everything of an endpoint is the tenant's own sealed secret `llm`. Whether a call may be made at all, and what it
cost, is `llm`'s business.
"""

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal, cast

import httpx
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr

from connectors.errors import ConnectorError
from connectors.outbound.http_httpx import guarded_client
from connectors.outbound.policy import Outbound

SECRET = "llm"  # noqa: S105 - the name of a tenant's secret, not a secret
_MOST_BYTES = 1_000_000  # of an answer; a list of twenty names is a few thousand

Trouble = Literal[
    "off", "no_secret", "over_budget", "price_unknown", "circuit_open", "timeout", "down", "refused", "too_large",
    "no_answer",
]  # fmt: skip


class LlmUnavailable(Exception):
    """There is no answer, and the work goes on without one. `code` says why; the sentence is for people."""

    def __init__(self, code: Trouble, message: str) -> None:
        super().__init__(message)
        self.code = code


class LlmEndpoint(BaseModel):
    """A service with OpenAI's chat interface. Prices are in US dollars a million tokens; None is unknown, not free."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: HttpUrl
    api_key: SecretStr = SecretStr("none")  # a local service may want none
    model: str = Field(min_length=1, max_length=200)
    usd_per_million_prompt: Decimal | None = Field(default=None, ge=0)
    usd_per_million_completion: Decimal | None = Field(default=None, ge=0)
    timeout_s: float = Field(default=20.0, gt=0, le=120)
    max_completion_tokens: int = Field(default=1_000, ge=50, le=8_000)

    def cost_usd(self, prompt_tokens: int, completion_tokens: int) -> Decimal | None:
        """What that many tokens cost; None when a price is unknown."""
        if self.usd_per_million_prompt is None or self.usd_per_million_completion is None:
            return None
        spent = self.usd_per_million_prompt * prompt_tokens + self.usd_per_million_completion * completion_tokens
        return spent / 1_000_000


class Answer(BaseModel):
    """What came back. Tokens are the service's own count; None where it gave none."""

    text: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Message(BaseModel):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


def complete(endpoint: LlmEndpoint, outbound: Outbound, messages: list[Message]) -> Answer:
    """One call, bounded in time and in the size of its answer. Not repeated: whoever asks decides on that.

    Raises:
        LlmUnavailable: timeout, down, refused, too_large or no_answer.
    """
    import openai  # 0.7 s; a worker without a model never pays it

    deadline = time.monotonic() + endpoint.timeout_s
    hooks = {"response": [lambda response: _bound(response, deadline)]}
    try:
        with guarded_client(outbound, endpoint.timeout_s, event_hooks=hooks, follow_redirects=False) as http:
            client = openai.OpenAI(
                api_key=endpoint.api_key.get_secret_value(), base_url=str(endpoint.base_url).rstrip("/"),
                timeout=endpoint.timeout_s, max_retries=0, http_client=http,
            )  # fmt: skip
            found = client.chat.completions.create(
                model=endpoint.model,
                messages=cast("Any", [message.model_dump() for message in messages]),  # its typed dicts, by role
                response_format={"type": "json_object"},
                temperature=0,
                max_tokens=endpoint.max_completion_tokens,
            )
    except (_TooLarge, ConnectorError, openai.OpenAIError, httpx.HTTPError, ValueError) as error:
        raise _unavailable(error) from None  # the library's own sentence may quote the request or the key
    text = found.choices[0].message.content if found.choices else None
    if not text:
        raise LlmUnavailable("no_answer", "The model gave no answer.")
    usage = found.usage
    return Answer(
        text=text,
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
    )


class _TooLarge(Exception):
    """The answer is longer than any answer to what is asked here."""


class _Bounded(httpx.SyncByteStream):
    """A body that ends with an error when it becomes too long or takes too long as a whole."""

    def __init__(self, stream: httpx.SyncByteStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._stream:
            size += len(chunk)
            if size > _MOST_BYTES:
                raise _TooLarge
            if time.monotonic() > self._deadline:
                raise httpx.ReadTimeout("the answer took too long")
            yield chunk

    def close(self) -> None:
        self._stream.close()


def _bound(response: httpx.Response, deadline: float) -> None:
    if isinstance(response.stream, httpx.SyncByteStream):
        response.stream = _Bounded(response.stream, deadline)


def _unavailable(error: Exception) -> LlmUnavailable:
    import openai

    cause = error.__cause__ or error
    if isinstance(error, _TooLarge) or isinstance(cause, _TooLarge):
        return LlmUnavailable("too_large", "The model's answer was longer than any answer can be.")
    if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
        return LlmUnavailable("timeout", "The model did not answer in time.")
    if isinstance(error, openai.RateLimitError):
        return LlmUnavailable("down", "The model's service has too much to do.")
    if isinstance(error, openai.APIStatusError) and error.status_code < 500:
        return LlmUnavailable("refused", f"The model's service refused the call (HTTP {error.status_code}).")
    if isinstance(cause, ConnectorError):
        return LlmUnavailable("refused", cause.message)
    if isinstance(error, ValueError):
        return LlmUnavailable("no_answer", "What the model's service sent is no answer.")
    return LlmUnavailable("down", "The model's service is out of reach.")
