"""The words of the OpenAPI document that belong to no single route."""

from typing import Any

SUMMARY = "Keeps many companies' business data connected, and repairs itself when sources change"
DESCRIPTION = """
**Who you are.** Log in (`POST /api/v1/auth/login`) and send the access token as `Authorization: Bearer ...`, or send an
API key as `X-API-Key`. Your organisation is in the token, never in an address: what belongs to another organisation and
what does not exist answer the same 404.

**Problems** are `application/problem+json` (RFC 9457). Decide by `type`; each has a page under `/problems`.

**Repeating a request.** Send `Idempotency-Key` with what changes something, and send the same request again if you
did not see the answer: it has one effect, and the answer comes again with `Idempotency-Replayed: true`. A failed
request had no effect, so its key is free. Keys are kept for 24 hours. An answer that shows a secret is not kept: then
the second one is a 409.

**Changing what somebody else may have changed.** Read it, and send its `ETag` back in `If-Match`: 412 says that it is
another one by now. `If-None-Match` on a read answers 304 while nothing changed.

**Lists** come in pages: `limit`, and `cursor` with `next_cursor` of the page before. Rows that come or go in between
shift nothing.

**Work that takes time** answers 202 and names where to follow it. **Rates** are in `RateLimit-Policy` and `RateLimit`;
429 says in `Retry-After` when to come back. **Traces**: send `traceparent` or `X-Request-Id`; `X-Trace-Id` in every
answer finds the request in logs, events and runs.
""".strip()
TAGS: list[dict[str, Any]] = [
    {"name": "auth", "description": "Who you are: organisations, log-ins, members and roles, invitations, API keys."},
    {
        "name": "aam",
        "description": "Adaptive API Mesh: connections to sources, the shapes they arrive in, drift, and its repair.",
    },
    {
        "name": "dcl",
        "description": "Data Connection Layer: views over all sources, where each value comes from, the ontology.",
    },
    {
        "name": "aoa",
        "description": "Agentic Orchestration Architecture: syncs, rebuilds and other tasks, and how they are doing.",
    },
    {"name": "events", "description": "What happens, as it happens: server-sent events, WebSocket, history."},
    {
        "name": "debug",
        "description": "How the platform is doing. For operators; others find nothing here.",
    },
    {"name": "admin", "description": "Features, usage of language models, and the history that nobody can change."},
    {"name": "operations", "description": "For machines: is the process alive and able to work; what problems mean."},
]
SECURITY_SCHEMES: dict[str, Any] = {
    "accessToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access token of a log-in; good for 10 minutes.",
    },
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "An API key of your organisation, with the permissions it was given; also taken as a bearer.",
    },
}
PARAMETERS: dict[str, Any] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "A name of your own for this request, such as a UUID: sent again with the same name, it has no"
        " second effect and gets the same answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        "example": "5f0c1c9e-54a5-4f9e-9d3c-0d1a4f0f6f1b",
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "`ETag` of what was read: change it only if it is still that.",
        "schema": {"type": "string", "maxLength": 2000},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "`ETag` of what was read: send it again only if it is another one by now.",
        "schema": {"type": "string", "maxLength": 2000},
    },
}
HEADERS: dict[str, Any] = {
    "X-Trace-Id": {
        "description": "Finds this request in logs, events and runs.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    },
    "RateLimit": {
        "description": "How many requests are left of each policy (`r`), and in how many seconds all are back (`t`).",
        "schema": {"type": "string"},
        "example": '"tenant";r=29999;t=1, "actor";r=5999;t=1',
    },
    "RateLimit-Policy": {
        "description": "How many requests (`q`) may come in how many seconds (`w`).",
        "schema": {"type": "string"},
        "example": '"tenant";q=30000;w=60, "actor";q=6000;w=60',
    },
}
