"""Field rules as one readable line, for people who edit a mapping: `source -> target | step | step:arguments`.

Steps: cast, trim, lower, upper, scale:0.01, split:' ':0 (or rest), concat:last,' ', date_format:%d.%m.%Y,
number_format:',':'.', epoch:ms, enum:a=b,c=d,*=null, boolean:yes,y/no,n, list:',' and constant:x. What holds one of
| : , = / or begins or ends with a space is put in quotes. Whether steps fit their target is for whoever compiles them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from assets.mapping.rules import FieldRule, Transform, TransformKind

_QUOTES: Final = "'\""
_OPENS_AFTER: Final = frozenset("|:,=/> ")
_NEEDS_QUOTES: Final = re.compile(r"[|:,=/'\"]|->|^\s|\s$|^$")
_REST: Final = "*"  # in an enum: what becomes of every other text


class RuleUnreadable(ValueError):
    """The line is no rule; str() says what is missing or wrong."""


def parse_rule(line: str) -> FieldRule:
    """The rule a person wrote.

    Raises:
        RuleUnreadable: see there.
    """
    head, *steps = _split(line, "|")
    names = _split(head, "->")
    if len(names) != 2 or not all(_text(name) for name in names):
        raise RuleUnreadable(f"{line!r} is not of the form 'source -> target | step | step'.")
    source, target = (_text(name) for name in names)
    transforms = [_step(step) for step in steps]
    return FieldRule(source, target, _one(transforms), 1.0, "person", ("written by a person",))


def format_rule(rule: Mapping[str, Any]) -> str:
    """The line of a rule that is given as JSON; `parse_rule` reads it back."""
    transform = rule["transform"]
    steps = transform["args"].get("steps", []) if transform["kind"] == "chain" else [transform]
    parts = [f"{_quoted(rule['source'])} -> {_quoted(rule['target'])}"]
    parts += [_written(step["kind"], step.get("args") or {}) for step in steps if step["kind"] != "cast"]
    return " | ".join(parts)


def span_of(rule: Mapping[str, Any]) -> str:
    """Which landed rows the rule reads, where not all: "from commit 7", "up to commit 6"."""
    since, until = rule.get("since") or 0, rule.get("until")
    parts = [f"from commit {since}"] if since else []
    return " ".join([*parts, *([f"up to commit {until}"] if until is not None else [])])


def _one(transforms: Sequence[Transform]) -> Transform:
    """One transform of several steps; a cast beside others says nothing."""
    said = [transform for transform in transforms if transform.kind != "cast"]
    if len(said) < 2:
        return said[0] if said else Transform()
    steps = [{"kind": transform.kind, "args": dict(transform.args)} for transform in said]
    return Transform("chain", {"steps": steps})


def _step(text: str) -> Transform:
    name, colon, rest = text.strip().partition(":")
    name = name.strip()
    if name in ("cast", "trim", "lower", "upper"):
        if colon:
            raise RuleUnreadable(f"The step {name!r} takes no argument.")
        return Transform(cast(TransformKind, name))
    if name not in _READ:
        raise RuleUnreadable(f"There is no step {name!r}; steps are cast, trim, lower, upper, {', '.join(_READ)}.")
    if not rest.strip():
        raise RuleUnreadable(f"The step {name!r} needs an argument.")
    kind, read = _READ[name]
    return Transform(kind, read(rest))


def _scale(rest: str) -> dict[str, object]:
    return {"factor": _text(rest)}


def _split_step(rest: str) -> dict[str, object]:
    separator, place = _exactly(rest, ":", 2, "split:' ':0")
    if place != "rest" and not re.fullmatch(r"-?\d{1,3}", place):
        raise RuleUnreadable(f"split takes a place such as 0, -1 or rest, not {place!r}.")
    return {"separator": separator, "index": place if place == "rest" else int(place)}


def _concat(rest: str) -> dict[str, object]:
    parts = _split(rest, ",")
    has_separator = len(parts) > 1 and parts[-1].strip()[:1] in _QUOTES
    fields = [_text(part) for part in (parts[:-1] if has_separator else parts)]
    return {"fields": fields, "separator": _text(parts[-1]) if has_separator else " "}


def _date_format(rest: str) -> dict[str, object]:
    parts = _split(rest, ":")
    if rest.strip()[:1] not in _QUOTES:
        return {"format": rest.strip()}
    return {"format": _text(parts[0]), **({"zone": _text(parts[1])} if len(parts) > 1 else {})}


def _number_format(rest: str) -> dict[str, object]:
    parts = [_text(part) for part in _split(rest, ":")]
    return {"decimal": parts[0], "group": parts[1] if len(parts) > 1 else ""}


def _enum(rest: str) -> dict[str, object]:
    values: dict[str, str] = {}
    default = "keep"
    for pair in _split(rest, ","):
        sides = _split(pair, "=")
        if len(sides) != 2:
            raise RuleUnreadable(f"enum takes pairs such as a=b, not {pair.strip()!r}.")
        if sides[0].strip() == _REST:
            default = _text(sides[1])
        else:
            values[_text(sides[0])] = _text(sides[1])
    return {"values": values, "default": default}


def _boolean(rest: str) -> dict[str, object]:
    yes, no = _exactly(rest, "/", 2, "boolean:yes,y/no,n", text_of=False)
    return {"true": [_text(part) for part in _split(yes, ",")], "false": [_text(part) for part in _split(no, ",")]}


_READ: Final[dict[str, tuple[TransformKind, Callable[[str], dict[str, object]]]]] = {
    "scale": ("scale", _scale),
    "split": ("split", _split_step),
    "concat": ("concat", _concat),
    "date_format": ("date_format", _date_format),
    "number_format": ("number_format", _number_format),
    "epoch": ("epoch", lambda rest: {"unit": _text(rest)}),
    "enum": ("enum_map", _enum),
    "boolean": ("boolean_map", _boolean),
    "list": ("list", lambda rest: {"separator": _text(rest)}),
    "constant": ("constant", lambda rest: {"value": _text(rest)}),
}


def _written(kind: str, args: Mapping[str, Any]) -> str:
    match kind:
        case "scale":
            return f"scale:{args.get('factor')}"
        case "split":
            return f"split:{_always(args.get('separator'))}:{args.get('index')}"
        case "concat":
            fields = [_quoted(name) if name else "''" for name in args.get("fields", [])]
            return f"concat:{','.join([*fields, _always(args.get('separator', ' '))])}"
        case "date_format":
            zone = f":{_quoted(args['zone'])}" if args.get("zone") else ""
            return f"date_format:{_always(args.get('format'))}{zone}"
        case "number_format":
            return f"number_format:{_always(args.get('decimal', '.'))}:{_always(args.get('group', ''))}"
        case "epoch":
            return f"epoch:{args.get('unit')}"
        case "enum_map":
            pairs = [f"{_always(k) if k == _REST else _quoted(k)}={_quoted(v)}" for k, v in args["values"].items()]
            return f"enum:{','.join([*pairs, f'{_REST}=' + str(args.get('default', 'keep'))])}"
        case "boolean_map":
            sides = [",".join(map(_quoted, args.get(side, []))) for side in ("true", "false")]
            return f"boolean:{'/'.join(sides)}"
        case "list":
            return f"list:{_always(args.get('separator'))}"
        case "constant":
            return f"constant:{_always(args.get('value'))}"
    return kind


def _exactly(text: str, separator: str, count: int, example: str, *, text_of: bool = True) -> list[str]:
    parts = _split(text, separator)
    if len(parts) != count:
        raise RuleUnreadable(f"{text.strip()!r} is not complete; write it like {example}.")
    return [_text(part) for part in parts] if text_of else parts


def _split(text: str, separator: str) -> list[str]:
    """Parts between separators that stand outside of quotes."""
    parts, start, at, inside = [], 0, 0, ""
    while at < len(text):
        character = text[at]
        if inside:
            if text.startswith(inside * 2, at):  # a quote within the quotes
                at += 1
            elif character == inside:
                inside = ""
        elif character in _QUOTES and (not text[:at].strip() or text[at - 1] in _OPENS_AFTER):
            inside = character
        elif text.startswith(separator, at):
            parts.append(text[start:at])
            at += len(separator)
            start = at
            continue
        at += 1
    if inside:
        raise RuleUnreadable(f"A quote is not closed in {text.strip()!r}.")
    return [*parts, text[start:]]


def _text(part: str) -> str:
    """The text of a part: without the spaces around it, and as it stands within quotes."""
    part = part.strip()
    if len(part) > 1 and part[0] in _QUOTES and part[-1] == part[0]:
        return part[1:-1].replace(part[0] * 2, part[0])
    return part


def _quoted(text: object) -> str:
    return _always(text) if _NEEDS_QUOTES.search(str(text)) or text == _REST else str(text)


def _always(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"
