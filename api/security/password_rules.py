"""Which passwords people may choose: NIST SP 800-63B and OWASP ASVS 5 (V6.2). Length counts, composition does not.

Refused are the ones that everybody tries first, also with other endings and with digits for letters, and what anybody
knows of the account.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

from api.problems import Invalid
from orchestration.control_plane.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD

_LIST: Final = Path(__file__).with_name("common_passwords.txt")
_DIGITS_FOR_LETTERS = str.maketrans("013457@$!", "oleastasi")
_ENDING = re.compile(r"[\d\W_]+$")
_ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb",
)
_SHORTEST_CONTEXT: Final = 4


def check_password(password: str, known: Iterable[str] = ()) -> None:
    """Raise Invalid for a password nobody should have; `known` is what belongs to the account."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(f"A password has between {SHORTEST_PASSWORD} and {LONGEST_PASSWORD} characters.")
    if "\0" in password or any("\ud800" <= char <= "\udfff" for char in password):
        raise Invalid("A password cannot have that character.")
    lowered = password.lower()
    if is_common(lowered) or len(set(lowered)) < 3:
        raise Invalid("That password is one of the first that are tried; choose another.")
    if _stem(_squeezed(lowered)) in {_stem(word) for word in _words(known)}:
        raise Invalid("That password is what everybody knows of this account; choose another.")


def is_common(password: str) -> bool:
    """Whether it is on the list, or one of its words with another ending, or a walk over the keyboard."""
    words = _common()
    return password in words or _stem(password) in words or _is_walk(password)


def _stem(word: str) -> str:
    """Without its ending of digits and signs, with letters for digits."""
    word = word.lower()
    return _ENDING.sub("", word).translate(_DIGITS_FOR_LETTERS) or word


def _words(known: Iterable[str]) -> set[str]:
    whole = [text.lower() for text in known]
    parts = [part for text in whole for part in (text, text.partition("@")[0], *re.split(r"\W+", text))]
    return {word for word in {*map(_squeezed, parts), "autonomos"} if len(word) >= _SHORTEST_CONTEXT}


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def _is_walk(password: str) -> bool:
    rows = [row * 2 for row in _ROWS] + [row[::-1] * 2 for row in _ROWS]
    half = password[: (len(password) + 1) // 2]
    twice = half * 2
    return any(password in row for row in rows) or (twice[: len(password)] == password and _is_short_walk(half, rows))


def _is_short_walk(half: str, rows: list[str]) -> bool:
    return any(half in row for row in rows)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(
        line.strip() for line in _LIST.read_text().splitlines() if line.strip() and not line.startswith("#")
    )
