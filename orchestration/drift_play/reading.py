"""What a mapping's rules make of a source row, read on its own: the product's readers are what is judged here.

Knows the transforms a repair may use; a rule with another one reads as `UNREADABLE`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from orchestration.drift_play.facts import Kind

UNREADABLE: Final = "<unreadable>"
Rule = Mapping[str, Any]  # as the control plane keeps it


def read_target(rules: Sequence[Rule], target: str, kind: Kind, row: Mapping[str, str | None]) -> Any:
    """The value of one target for a row that lands now; None where no rule gives one."""
    for rule in rules:
        if rule["target"] != target or rule.get("until") is not None:
            continue
        transform = rule["transform"]
        text = row.get(rule["source"])
        if transform["kind"] != "constant" and transform["kind"] != "concat" and not (text or "").strip():
            continue
        try:
            read = _apply(transform["kind"], transform.get("args") or {}, text, row)
            value = None if read is None or read == "" else canonical(kind, read)
        except (ValueError, InvalidOperation, KeyError, IndexError, OverflowError):
            return UNREADABLE
        if value is not None:
            return value
    return None


def canonical(kind: Kind, text: str) -> Any:
    """A text as the canonical value of a fact. Raises ValueError or InvalidOperation."""
    text = text.strip()
    match kind:
        case "count" | "money" | "percent":
            return Decimal(text)
        case "day":
            return date.fromisoformat(text[:10])
        case "moment":
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        case "flag":
            return {"true": True, "false": False}[text.lower()]
    return text


def same(expected: Any, found: Any) -> bool:
    """Whether a fact and a read value say the same."""
    if isinstance(expected, int | Decimal) and not isinstance(expected, bool) and isinstance(found, Decimal):
        return Decimal(expected) == found
    return bool(expected == found)


def _apply(kind: str, args: Mapping[str, Any], text: str | None, row: Mapping[str, str | None]) -> str | None:
    if kind == "concat":
        parts = [text, *(row.get(name) for name in args["fields"])]
        return str(args.get("separator", "")).join(part for part in parts if part and part.strip()) or None
    if kind == "constant":
        return str(args["value"])
    if text is None:
        return None
    if kind == "chain":
        return _chain(args["steps"], text, row)
    return _step(kind, args, text.strip())


def _chain(steps: Sequence[Rule], text: str | None, row: Mapping[str, str | None]) -> str | None:
    for step in steps:
        if text is None:
            return None
        text = _apply(step["kind"], step.get("args") or {}, text, row)
    return text


def _step(kind: str, args: Mapping[str, Any], text: str) -> str | None:
    match kind:
        case "cast" | "trim":
            return text
        case "lower":
            return text.lower()
        case "upper":
            return text.upper()
        case "scale":
            return format(Decimal(text) * Decimal(str(args["factor"])), "f")
        case "number_format":
            return text.replace(args.get("group") or "\0", "").replace(args["decimal"], ".")
        case "split":
            return _split(text, args["separator"], args["index"])
        case "enum_map":
            return _enum(text, args)
        case "boolean_map":
            return "true" if text in args["true"] else "false" if text in args["false"] else _refuse(text)
        case "date_format":
            found = datetime.strptime(text, args["format"])
            return found.isoformat()
        case "epoch":
            divisor = {"s": 1, "ms": 1000, "us": 1_000_000}[args["unit"]]
            return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(text) / divisor)).isoformat()
    return _refuse(text)


def _split(text: str, separator: str, index: Any) -> str | None:
    parts = text.split(separator)
    if index == "rest":
        return separator.join(parts[1:]).strip() or None
    return parts[int(index)].strip() or None if -len(parts) <= int(index) < len(parts) else None


def _enum(text: str, args: Mapping[str, Any]) -> str | None:
    default = args.get("default", "keep")
    if text in args["values"]:
        found: str | None = args["values"][text]
        return found
    return text if default == "keep" else None if default == "null" else _refuse(text)


def _refuse(text: str) -> str:
    raise ValueError(f"no reading of {len(text)} characters")
