"""What `connect` is told, turned into an intent: single options, and a document for all of it at once."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.commands.errors import CommandFailed

if TYPE_CHECKING:
    from orchestration.control_plane.intent import Intent
    from orchestration.control_plane.schedule import Schedule


def read_config(text: str, where: str = "--config") -> dict[str, Any]:
    """A JSON object from the command line: JSON, or @FILE with JSON."""
    if text.startswith("@"):
        path = Path(text[1:]).expanduser()
        where = str(path)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise CommandFailed(
                f"The configuration file {path} cannot be read: {reason}.", code="config_unreadable"
            ) from None
    try:
        config = json.loads(text)
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        raise CommandFailed(
            f"{where} is not JSON: {error.msg} at {at}.",
            code="config_not_json",
            hint="""Write it like '{"path": "/data/exports"}' or name a file with @FILE.""",
        ) from None
    if not isinstance(config, dict):
        raise CommandFailed(f"{where} must be a JSON object, such as {{...}}.", code="config_not_json")
    return config


def read_schedule(text: str | None) -> "Schedule | None":
    """`every 15m`, `15m`, or cron fields."""
    from orchestration.control_plane.schedule import Schedule

    return None if text is None else Schedule.parse(text.strip().removeprefix("every ").strip())


def read_intent(document: str | None, options: dict[str, Any]) -> "Intent":
    """The intent of a document, with the options that were given put over it.

    Raises:
        CommandFailed: something is missing or cannot be; the sentence names it.
        LocatorInvalid: the credentials are not a locator of a secret.
    """
    from pydantic import ValidationError

    from orchestration.control_plane.intent import Intent

    told = read_config(document, "--intent") if document is not None else {}
    told |= {name: value for name, value in options.items() if value is not None}
    missing = [f"--{name}" for name in ("name", "kind") if name not in told]
    if missing:
        raise CommandFailed(
            f"{' and '.join(missing)} must be given.", code="usage", hint="See 'autonomos connect --help'."
        )
    if "config" not in told and "credential_locator" not in told:
        raise CommandFailed(
            "--config must be given.", code="usage", hint="Or --credentials, when a secret holds all of it."
        )
    try:
        return Intent.model_validate(told)
    except ValidationError as error:
        # Never the value given: it may be a credential in the wrong place.
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        wrong = "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems)
        raise CommandFailed(f"The intent is wrong: {wrong}.", code="intent_invalid") from None
