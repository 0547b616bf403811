"""The grammar of `reading` as DuckDB expressions: one function a type, from a text expression to a value or NULL.

Each is a cast behind a guard, since DuckDB's casts take more than the grammar does ("1_000", "2026-2-3", "epoch").
Results do not depend on the session's time zone. Seconds of one core for a million values (DuckDB 1.5): text 0.02,
decimal 0.08, integer 0.06, timestamp 0.2.
"""

from collections.abc import Callable

from assets.normalize.reading import DECIMAL_TYPE, INTEGER_MAX, INTEGER_MIN, JSON_TEXTS, WHITESPACE

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]+)?)?"
_OFFSET = "[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?"
_UTC_MOMENT = f"{_DAY}([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]+)?(Z|[+-]00(:?00)?)?)?)?"
_MOMENT = f"{_DAY}([T ]{_TIME}(Z| UTC|{_OFFSET})?)?"

_EXPONENT = "([+-]?)([0-9]*)\\.?([0-9]*)[eE]([+-]?[0-9]{1,3})"

FIRST_DAY = "0001-01-01"
_MOMENTS = "TIMESTAMPTZ '0001-01-01 00:00:00+00' AND TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'"


def literal(text: str) -> str:
    """The text as a SQL string."""
    # A NUL would end the statement's text inside a quoted string, so it is spelled.
    return "||chr(0)||".join("'" + part.replace("'", "''") + "'" for part in text.split("\x00"))


def identifier(name: str) -> str:
    """The name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def trimmed(x: str) -> str:
    """The text without the white space that readings ignore."""
    return f"trim({x}, {literal(WHITESPACE)})"


def is_filled(x: str) -> str:
    """Whether the text is neither NULL nor blank; never NULL itself."""
    # What starts above the space is filled: decides nearly all texts by their first byte.
    return f"coalesce(CASE WHEN {x} >= '!' THEN true ELSE {trimmed(x)} <> '' END, false)"


def text_sql(x: str) -> str:
    """See `reading.read_text`."""
    return f"CASE WHEN {x} >= '!' OR {trimmed(x)} <> '' THEN {x} END"


def decimal_sql(x: str) -> str:
    """See `reading.read_decimal`."""
    odd = f"contains({x}, 'e') OR contains({x}, 'E') OR contains({x}, '_')"
    return f"CASE WHEN {odd} THEN {_exponent_sql(x)} ELSE {plain_decimal_sql(x)} END"


def plain_decimal_sql(x: str) -> str:
    """A decimal without exponent; the text is known to hold no underscore and no letter e."""
    # A cast to 38 digits costs 100 times the cast to 18 (128-bit steps): it is for what does not fit otherwise.
    # What starts below "0" is trimmed first: the cast reads "- " as zero.
    x = f"CASE WHEN {x} >= '0' THEN {x} ELSE {trimmed(x)} END"
    few_decimals = f"regexp_full_match({trimmed(x)}, '[+-]?[0-9]{{1,14}}(\\.[0-9]{{0,4}})?')"
    return (
        f"coalesce(CAST(try_cast({x} AS DECIMAL(18,9)) AS {DECIMAL_TYPE}),"
        f" CASE WHEN {few_decimals} THEN CAST(try_cast({x} AS DECIMAL(18,4)) AS {DECIMAL_TYPE}) END,"
        f" try_cast({x} AS {DECIMAL_TYPE}))"
    )


def integer_sql(x: str) -> str:
    """See `reading.read_integer`."""
    # The plain cast would round "5.5", so it is for digits only.
    digits = f"regexp_full_match({x}, '[0-9]{{1,18}}')"
    return f"CASE WHEN {digits} THEN try_cast({x} AS BIGINT) ELSE {whole_sql(decimal_sql(x))} END"


def whole_sql(number: str) -> str:
    """See `reading.whole`, over a decimal expression."""
    # The expression is long, and once for each mention it took a stream of 300 integers eight seconds to plan.
    fits = f"whole = trunc(whole) AND whole BETWEEN {INTEGER_MIN} AND {INTEGER_MAX}"
    return f"list_transform([{number}], lambda whole: CASE WHEN {fits} THEN CAST(whole AS BIGINT) END)[1]"


def boolean_sql(x: str) -> str:
    """See `reading.read_boolean`."""
    return f"CASE lower({trimmed(x)}) WHEN 'true' THEN true WHEN 'false' THEN false END"


def timestamp_sql(x: str) -> str:
    """See `reading.read_timestamp`."""
    # Zone-less and Z texts read as UTC whatever the session's zone is: make_timestamptz counts from the epoch.
    fast = f"make_timestamptz(epoch_us(try_cast({x} AS TIMESTAMP)))"
    is_utc = f"regexp_full_match({x}, {literal(_UTC_MOMENT)}) AND {x} >= '{FIRST_DAY}'"
    return f"CASE WHEN {is_utc} THEN {fast} ELSE {_any_moment(trimmed(x))} END"


def date_sql(x: str) -> str:
    """See `reading.read_date`."""
    # The cast to DATE takes trailing rubbish and the one to TIMESTAMP does not.
    day = f"CAST(try_cast(left({trimmed(x)}, 10) AS TIMESTAMP) AS DATE)"
    return (
        f"CASE WHEN regexp_full_match({x}, '{_DAY}') AND {x} >= '{FIRST_DAY}'"
        f" THEN CAST(try_cast({x} AS TIMESTAMP) AS DATE)"
        f" WHEN {_any_moment(trimmed(x))} IS NOT NULL THEN {day} END"
    )


def list_sql(x: str) -> str:
    """See `reading.read_list`."""
    text = trimmed(x)
    is_json = f"regexp_full_match({text}, {literal(JSON_TEXTS)})"
    return f"""CASE WHEN {is_json} THEN from_json({text}, '["VARCHAR"]') WHEN {is_filled(x)} THEN [{x}] END"""


def _exponent_sql(x: str) -> str:
    """A decimal with an exponent, its point moved in the text: DuckDB's own cast reads 9e-20 as 1e-9."""
    text = trimmed(x)
    whole, fraction, exponent = (f"regexp_extract({text}, {literal(_EXPONENT)}, {group})" for group in (2, 3, 4))
    digits = f"({whole} || {fraction})"
    point = f"CAST(length({whole}) + CAST({exponent} AS INTEGER) AS INTEGER)"
    before = f"rpad(left({digits}, {point}), {point}, '0') || '.' || substr({digits}, {point} + 1)"
    after = f"'0.' || repeat('0', -{point}) || {digits}"
    sign = f"CASE WHEN {text} LIKE '-%' THEN '-' ELSE '' END"
    plain = f"{sign} || CASE WHEN {point} > 0 THEN {before} ELSE {after} END"
    return (
        f"CASE WHEN regexp_full_match({text}, {literal(_EXPONENT)}) AND {digits} <> ''"
        f" THEN try_cast({plain} AS {DECIMAL_TYPE}) END"
    )


def _any_moment(text: str) -> str:
    """Every text of the grammar, spelled out with seconds and zone before the cast."""
    lacking = f"left({text}, 16) || ':00' || substr({text}, 17)"
    seconds = f"CASE WHEN substr({text}, 17, 1) = ':' THEN {text} ELSE {lacking} END"
    has_zone = f"regexp_matches({text}, '(Z|UTC|[+-][0-9:]+)$')"
    full = (
        f"CASE WHEN strlen({text}) = 10 THEN {text} || ' 00:00:00Z'"
        f" WHEN {has_zone} THEN {seconds} ELSE ({seconds}) || 'Z' END"
    )
    moment = f"try_cast({full} AS TIMESTAMPTZ)"
    guard = f"regexp_full_match({text}, {literal(_MOMENT)}) AND {text} >= '{FIRST_DAY}'"
    return f"CASE WHEN {guard} THEN CASE WHEN {moment} BETWEEN {_MOMENTS} THEN {moment} END END"


READERS: dict[str, Callable[[str], str]] = {
    "VARCHAR": text_sql,
    DECIMAL_TYPE: decimal_sql,
    "BIGINT": integer_sql,
    "BOOLEAN": boolean_sql,
    "DATE": date_sql,
    "TIMESTAMPTZ": timestamp_sql,
    "VARCHAR[]": list_sql,
}
