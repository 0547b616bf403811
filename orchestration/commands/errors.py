"""What a command says when it cannot do what was asked: one sentence, with what to do about it.

`explain` turns every error that may reach the command line into that sentence; only `--debug` shows a traceback.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

FAILED = 1
USAGE = 2
UNEXPECTED = 70  # EX_SOFTWARE of sysexits.h


class CommandFailed(Exception):
    """The command cannot go on; `str()` is the sentence to show."""

    def __init__(self, message: str, *, code: str = "failed", hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.code = code


@dataclass(frozen=True, slots=True)
class Explanation:
    """An error as the command line shows it."""

    code: str
    sentence: str
    exit_status: int = FAILED


def did_you_mean(wanted: str, known: Iterable[str]) -> str:
    """A sentence with the nearest known name, or all of them when there are few, or nothing."""
    names = sorted(known)
    folded = {name.casefold(): name for name in names}
    close = get_close_matches(wanted.casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {folded[close[0]]!r}?"
    if 0 < len(names) <= 12:
        return f"There is: {', '.join(names)}."
    return ""


def explain(error: BaseException) -> Explanation:
    """The sentence for an error."""
    # Imported late: a command that works never needs these.
    from connectors.errors import ConnectorError
    from orchestration.control_plane.errors import ControlPlaneError
    from orchestration.embedded.errors import StackError
    from orchestration.resources.publishing import NothingPublished
    from orchestration.resources.secrets import SecretsUnreadable
    from orchestration.resources.settings import SettingsInvalid

    if isinstance(error, CommandFailed):
        return Explanation(error.code, str(error))
    if isinstance(error, ConnectorError):
        return Explanation(error.code, _sentence(str(error)))
    known = (ControlPlaneError, StackError, SettingsInvalid, SecretsUnreadable, NothingPublished)
    if isinstance(error, known):
        return Explanation(_code(error), _sentence(str(error)))
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return Explanation(_code(error), _sentence(f"{error.strerror or error}{where}"))
    first_line = (str(error).splitlines() or [""])[0]
    message = f"Unexpected {type(error).__name__}: {first_line} Run the command again with --debug for the traceback."
    return Explanation("unexpected", message, UNEXPECTED)


def _code(error: BaseException) -> str:
    """`StartFailed` -> `start_failed`."""
    name = type(error).__name__
    return "".join(f"_{char.lower()}" if char.isupper() and at else char.lower() for at, char in enumerate(name))


def _sentence(text: str) -> str:
    text = text.strip()
    return (text[:1].upper() + text[1:]) + ("" if text.endswith((".", "!", "?")) else ".")
