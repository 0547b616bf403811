"""One line of JSON an entry, and nothing in it that lets anybody in.

Requests are logged by route template, never by path or query: signed links and stream tickets are in those. Whatever
else is logged, tracebacks included, goes through `redact_secrets` first.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from api.requests.tracing import current_trace_id

REDACTED: Final = "[redacted]"
_LONGEST: Final = 8000  # characters of a message or a traceback; the end of a traceback tells most
_LONGEST_READ: Final = 100_000
# Attribute of a record that holds more fields: `log.info("...", extra={FIELDS: {...}})`
FIELDS: Final = "fields"

# Every pattern is linear in the text: repeats are bounded, or take the text to its end.
_NAMES = (
    r"(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|private[_-]?key|master[_-]?key|credential|cookie"
    r"|authorization|ticket|session[_-]?id|signature)[\w-]{0,40}"
)
_QUOTED = r"\"[^\"]{0,4000}(?:\"|$)|'[^']{0,4000}(?:'|$)"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # SQLAlchemy and Pydantic repeat what was sent to them; Postgres names the row that broke a rule.
    (re.compile(r"\[parameters: .*?(?:\](?=\n|\Z)|\Z)", re.DOTALL), f"[parameters: {REDACTED}]"),
    (re.compile(r"input_value=.*?(?:, input_type=|\Z)", re.DOTALL), f"input_value={REDACTED}, input_type="),
    (re.compile(r"(DETAIL: {1,2}Key [^\n]{0,400}?=\()[^\n]*"), rf"\1{REDACTED})"),
    (re.compile(r"(DETAIL: {1,2}Failing row contains )[^\n]*"), rf"\1{REDACTED}"),
    (re.compile(r"\b(Bearer|Basic|Digest)\s+[^\s'\",;]+", re.IGNORECASE), rf"\1 {REDACTED}"),
    (re.compile(r"(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{0,30}://)[^\s/@'\"]{0,1000}@", re.IGNORECASE), rf"\1{REDACTED}@"),
    (re.compile(r"-----BEGIN [^-\n]{1,60}-----.*?(?:-----END [^-\n]{1,60}-----|\Z)", re.DOTALL), REDACTED),
    (
        re.compile(
            rf"({_NAMES}['\"]?(?:\s{{0,4}}(?:=>|[:=])|\s{{1,4}}is\b)\s{{0,4}})(?:{_QUOTED}|[^\s,;&)}}\]]+)",
            re.IGNORECASE,
        ),
        rf"\1{REDACTED}",
    ),
    (re.compile(rf"({_NAMES}\s{{1,4}})(?:{_QUOTED})", re.IGNORECASE), rf"\1{REDACTED}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){1,4}"), REDACTED),
    (re.compile(r"\b(?:sk|pk|ak|rk|ghp|gho|xox[abp]|AKIA|ASIA)[-_A-Za-z0-9]{16,}"), REDACTED),
)
# What else is long and looks drawn by lot. Hashes, UUIDs and words joined by underscores are not.
_LOT = re.compile(r"(?<![\w/.+-])[A-Za-z0-9_+/-]{28,}={0,2}(?![\w+/-])")


def redact_secrets(text: str) -> str:
    """The text without anything that looks like a token, password, key, cookie, or login in a URL."""
    text = text[:_LONGEST_READ]
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return _LOT.sub(lambda found: REDACTED if _is_drawn_by_lot(found.group()) else found.group(), text)


def _is_drawn_by_lot(word: str) -> bool:
    classes = (any(c.isdigit() for c in word), any(c.islower() for c in word), any(c.isupper() for c in word))
    return all(classes)


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, redacted."""
        entry: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact_secrets(record.getMessage())[:_LONGEST],
        }
        if trace_id := current_trace_id():
            entry["trace_id"] = trace_id
        fields: Mapping[str, Any] = getattr(record, FIELDS, {})
        entry |= {name: redact_secrets(value) if isinstance(value, str) else value for name, value in fields.items()}
        if record.exc_info and record.exc_info[0] is not None:
            entry["error"] = record.exc_info[0].__name__
            entry["traceback"] = redact_secrets(self.formatException(record.exc_info))[-_LONGEST:]
        return json.dumps(entry, ensure_ascii=False, default=str)


def configure(level: str, stream: TextIO | None = None) -> None:
    """Everything this process logs goes out as lines of JSON; uvicorn keeps no log of its own."""
    output = logging.StreamHandler(stream or sys.stderr)
    output.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [output]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"  # it would print paths
    # These tell of every request they make, with its address.
    for name in ("httpx", "httpcore", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
