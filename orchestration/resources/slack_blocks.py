"""What a note says in Slack: a title, the actual difference, what waits, and a link or the command to run.

Names and values are data: they are escaped, shown as they are, and can form neither a mention nor a link. Pure: no
message is sent here. Limits: https://docs.slack.dev/reference/block-kit (texts of 3,000, titles of 150 characters).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

LONGEST_TEXT: Final = 3000
LONGEST_TITLE: Final = 150
MOST_DIFF_LINES: Final = 40
_LONGEST_LINE: Final = 300
_LONGEST_NAME: Final = 200
# Control characters, and those that turn the direction of what follows.
_INVISIBLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_SEVERITIES: Final = ("breaking", "warning", "info")
_TITLES: Final = {
    "drift": "Source changed",
    "approval": "A repair waits for a decision",
    "rollback": "A repair was rolled back",
    "failure": "A sync needs attention",
}


def slack_message(
    kind: str, payload: Mapping[str, Any], tenant: str, link: str | None = None, command: str | None = None
) -> dict[str, Any]:
    """The JSON of a webhook's body for one note.

    `payload`: connection, stream, change (the kind of drift), fields, severity, summary, reasons, diff (lines),
    probability, held, views, expires_at; each may be missing. `link` is a URL of ours; without one the message names
    the `command`.
    """
    title = _title(kind, payload)
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": _cut(_plain(title), LONGEST_TITLE), "emoji": False}},
        _section(_where(payload, tenant)),
    ]
    for text in (_told(payload), _diff(payload.get("diff")), _consequences(payload)):
        if text:
            blocks.append(_section(text))
    if link is not None:
        blocks.append(_section(f"<{link}|Look at it and decide>"))
    elif command:
        blocks.append(_section(f"To decide: {code(command, LONGEST_TEXT - 50)}"))
    fallback = f"{title} {_names(payload)}"
    return {
        "text": _cut(escaped(fallback), LONGEST_TEXT), "blocks": blocks, "mrkdwn": False,
        "unfurl_links": False, "unfurl_media": False,
    }  # fmt: skip


def escaped(text: object) -> str:
    """Data as Slack shows it literally: its three characters escaped, nothing invisible, no end of a code span."""
    return _plain(text).replace("`", "'").translate(_ESCAPES)


def code(text: object, longest: int = _LONGEST_NAME) -> str:
    """Data in a code span, in which nothing is markup."""
    return f"`{_cut(escaped(_cut(_plain(text), longest)), longest)}`"


def _title(kind: str, payload: Mapping[str, Any]) -> str:
    title = "A repair waits for a decision still" if payload.get("escalated") else _TITLES.get(kind, "Note")
    severity = str(payload.get("severity") or "")
    return f"{title}: {severity}" if severity in _SEVERITIES and kind == "drift" else title


def _where(payload: Mapping[str, Any], tenant: str) -> str:
    parts = [f"*Tenant* {code(tenant)}"]
    if payload.get("connection"):
        parts.append(f"*Connection* {code(payload['connection'])}")
    if payload.get("stream"):
        parts.append(f"*Stream* {code(payload['stream'])}")
    if payload.get("change"):
        parts.append(f"*Change* {code(payload['change'])}")
    if fields := _listed(payload.get("fields")):
        parts.append(f"*Fields* {fields}")
    return "   ".join(parts)


def _told(payload: Mapping[str, Any]) -> str:
    told = [escaped(payload["summary"])] if payload.get("summary") else []
    told += [f"• {escaped(reason)}" for reason in _texts(payload.get("reasons"))[:10]]
    return "\n".join(told)


def _diff(lines: Any) -> str:
    """Lines that start with - or +, in a code block; cut in whole lines."""
    given = _texts(lines)
    shown: list[str] = []
    room = LONGEST_TEXT - 100
    for line in given[:MOST_DIFF_LINES]:
        text = _cut(escaped(_cut(_plain(line), _LONGEST_LINE)), 2 * _LONGEST_LINE)
        if len(text) + 1 > room:
            break
        room -= len(text) + 1
        shown.append(text)
    if not shown:
        return ""
    left = len(given) - len(shown)
    more = f"\nand {left} more lines" if left else ""
    return "```" + "\n".join(shown) + "```" + more


def _consequences(payload: Mapping[str, Any]) -> str:
    lines = []
    if isinstance(payload.get("probability"), int | float):
        lines.append(f"Probability {payload['probability']:.2f}")
    if payload.get("held"):
        lines.append(f"Records held back: {escaped(payload['held'])}")
    if views := _listed(payload.get("views")):
        lines.append(f"Views that it touches: {views}")
    if payload.get("expires_at"):
        lines.append(f"Waits until {escaped(payload['expires_at'])}")
    if payload.get("hint"):
        lines.append(escaped(payload["hint"]))
    return "\n".join(lines)


def _names(payload: Mapping[str, Any]) -> str:
    return " / ".join(str(payload[name]) for name in ("connection", "stream") if payload.get(name))


def _listed(names: Any) -> str:
    found = _texts(names)
    more = f" and {len(found) - 8} more" if len(found) > 8 else ""
    return ", ".join(code(name) for name in found[:8]) + more


def _texts(given: Any) -> Sequence[str]:
    if isinstance(given, str):
        return [given]
    return [str(text) for text in given] if isinstance(given, Sequence) else []


def _section(text: str) -> dict[str, Any]:
    # verbatim: without it Slack makes links of whatever looks like one.
    return {"type": "section", "text": {"type": "mrkdwn", "text": _cut(text, LONGEST_TEXT), "verbatim": True}}


def _plain(text: object) -> str:
    return _INVISIBLE.sub(" ", str(text))


def _cut(text: str, longest: int) -> str:
    """At most so many characters, and no entity cut in the middle."""
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    entity = kept.rfind("&", len(kept) - 5)
    if entity >= 0 and ";" not in kept[entity:]:
        kept = kept[:entity]
    return f"{kept}…"
