"""Whether a field's texts can be what a target wants, and the transform that reads them so.

Works on the counts of `fingerprint.profile`, never on values. Where two readings are possible (is 01/02 in January or
February?) it says so instead of choosing.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

from assets.fingerprint.fingerprint import READABLE_AS, ObservedField
from assets.mapping.rules import Transform
from assets.normalize.model import BOOKKEEPING_TARGETS, ENTITIES, canonical_columns

_WHOLE: Final = READABLE_AS["integer"]
_NUMERIC: Final = READABLE_AS["double"]
_TIMES: Final = frozenset(
    {"date", "timestamp", "time", "day_month_dot", "slash_day_first", "slash_month_first", "slash_ambiguous"}
)
_TRUTHS: Final = frozenset({"boolean", "yes_no"})
_YES: Final = ["yes", "Yes", "YES", "y", "Y"]
_NO: Final = ["no", "No", "NO", "n", "N"]
_YES_NO: Final = Transform("boolean_map", {"true": _YES, "false": _NO})
_ZERO_ONE: Final = Transform("boolean_map", {"true": ["1"], "false": ["0"]})
_CHOICES: Final = frozenset({
    "status", "state", "stage", "industry", "account_type", "opportunity_type", "lifecycle_stage", "lead_source",
    "rating", "role", "risk_level", "trend", "charge_type", "document_type", "forecast_category", "pipeline",
    "loss_reason",
})  # fmt: skip
_LABELS: Final = frozenset(
    {"name", "full_name", "first_name", "last_name", "legal_name", "vendor", "account_name", "owner_name"}
)

UNSEEN: Final = 0.98  # factor when no value was seen: nothing speaks against it, nothing for it


@dataclass(frozen=True, slots=True)
class Fit:
    """How to read the field as the target, and a factor 0-1 for how well its texts allow that."""

    transform: Transform
    factor: float
    evidence: str = ""


@cache
def target_type(entity: str, target: str) -> str:
    """DuckDB type of a canonical field or bookkeeping target."""
    types = {column.name: column.duckdb_type for column in canonical_columns(entity)}
    return types.get(target) or BOOKKEEPING_TARGETS[target]


def fit(field: ObservedField, entity: str, target: str) -> Fit:
    """The best reading of the field as the target."""
    if not field.non_null:
        return Fit(Transform(), UNSEEN, "no value seen")
    duckdb_type = target_type(entity, target)
    if duckdb_type == "DATE" or duckdb_type.startswith("TIMESTAMP"):
        return _as_time(field)
    if duckdb_type == "BOOLEAN":
        return _as_boolean(field)
    if duckdb_type == "VARCHAR[]":
        return _as_list(field)
    if duckdb_type == "VARCHAR":
        return _as_text(field, entity, target)
    return _as_number(field, entity, target, duckdb_type == "BIGINT")


def readable(field: ObservedField, transform: Transform, entity: str, target: str) -> Fit:
    """How well a transform that is already decided reads the field: it must not split what is nested."""
    if transform.kind in ("split", "list") and field.share("json") > 0.1:
        return Fit(Transform(), 0.5, "nested values are not separated texts")
    if transform.kind in ("constant", "enum_map", "boolean_map", "split", "list", "lower", "upper"):
        return Fit(transform, 1.0)
    best = fit(field, entity, target)
    if transform.kind == "scale" and best.transform.kind == "scale":
        return Fit(transform, 1.0)
    if transform.kind == "scale" and field.high is not None and field.high > 1:
        return Fit(best.transform, 1.0, "already in percent")
    return Fit(transform if transform.kind != "cast" else best.transform, best.factor, best.evidence)


def read_as(field: ObservedField, duckdb_type: str) -> Transform:
    """How a field's texts are read as a type that somebody chose: by the form they have, where they have one."""
    if not field.non_null:
        return Transform()
    if duckdb_type == "DATE" or duckdb_type.startswith("TIMESTAMP"):
        best = _as_time(field)
    elif duckdb_type == "BOOLEAN":
        best = _as_boolean(field)
    elif duckdb_type == "VARCHAR":
        return Transform()
    else:
        best = _read_number(field, duckdb_type == "BIGINT") or _graded(Transform(), 1.0, "numbers")
    return best.transform


def _graded(transform: Transform, share: float, reading: str) -> Fit:
    """A factor from the share of texts the transform reads. A few bad rows are rejects, many are a wrong target."""
    factor = 1.0 if share >= 0.98 else 0.97 if share >= 0.9 else 0.8 if share >= 0.7 else 0.4 if share >= 0.3 else 0.1
    return Fit(transform, factor, f"{share:.0%} of sampled texts read as {reading}")


def _as_time(field: ObservedField) -> Fit:
    forms = [
        (Transform(), field.share("date", "timestamp"), "ISO dates"),
        (Transform("date_format", {"format": "%Y%m%d"}), field.share("compact_date"), "dates without separators"),
        (Transform("date_format", {"format": "%d.%m.%Y"}), field.share("day_month_dot"), "day.month.year"),
        (Transform("epoch", {"unit": "s"}), field.share("epoch_s"), "seconds since 1970"),
        (Transform("epoch", {"unit": "ms"}), field.share("epoch_ms"), "milliseconds since 1970"),
    ]
    day, month = field.share("slash_day_first"), field.share("slash_month_first")
    either = field.share("slash_ambiguous")
    if day and not month:
        forms.append((Transform("date_format", {"format": "%d/%m/%Y"}), day + either, "day/month/year"))
    elif month and not day:
        forms.append((Transform("date_format", {"format": "%m/%d/%Y"}), month + either, "month/day/year"))
    elif day + month + either > 0.5:
        return Fit(Transform(), 0.3, "day and month cannot be told apart")
    return _graded(*max(forms, key=lambda form: form[1]))


def _as_boolean(field: ObservedField) -> Fit:
    forms = [
        (Transform(), field.share("boolean"), "true or false"),
        (_ZERO_ONE, field.share("zero_one"), "0 or 1"),
        (_YES_NO, field.share("yes_no"), "yes or no"),
    ]
    return _graded(*max(forms, key=lambda form: form[1]))


def _as_list(field: ObservedField) -> Fit:
    for class_name, separator in (("list_pipe", "|"), ("list_semicolon", ";")):
        if field.share(class_name) and not field.share("json"):
            return Fit(Transform("list", {"separator": separator}), 1.0, f"texts separated by {separator}")
    if field.share("list_comma") and not field.share("json"):
        return Fit(Transform("list", {"separator": ","}), 0.9, "texts separated by commas")
    return Fit(Transform(), 1.0 if field.share("json") >= 0.9 else 0.93, "one text each")


def _as_number(field: ObservedField, entity: str, target: str, whole: bool) -> Fit:
    marked = _read_number(field, whole)
    if marked is not None:
        return marked
    plain = field.share(*(_WHOLE if whole else _NUMERIC))
    if _unit(entity, target) == "percent":
        return _as_percent(field, plain)
    return _graded(Transform(), plain, "numbers")


def _read_number(field: ObservedField, whole: bool) -> Fit | None:
    """The reading of numbers written with commas; None for plain ones."""
    accepted = _WHOLE if whole else _NUMERIC
    plain = field.share(*accepted)
    comma, grouped, unclear = (
        field.share("decimal_comma"),
        field.share("decimal_grouped"),
        field.share("comma_ambiguous"),
    )
    if comma and not grouped:
        marks = Transform("number_format", {"decimal": ",", "group": "."})
        return _graded(marks, field.share(*_WHOLE) + comma + unclear, "numbers with a decimal comma")
    if grouped and not comma:
        marks = Transform("number_format", {"decimal": ".", "group": ","})
        return _graded(marks, plain + grouped + unclear, "numbers with grouped digits")
    if grouped or unclear > 0.1:
        return Fit(Transform(), 0.3, "comma may be a decimal or a grouping mark")
    return None


def _as_percent(field: ObservedField, plain: float) -> Fit:
    """0-1 fractions become percent; a column that holds 0 and 1 only could be either."""
    if field.high is not None and field.low is not None and field.low >= 0 and field.high <= 1:
        if field.share("decimal", "double"):
            return _graded(Transform("scale", {"factor": "100"}), plain, "fractions of one")
        return Fit(Transform(), 0.85, "only 0 and 1: percent or fraction")
    if field.high is not None and field.high > 100:
        return Fit(Transform(), 0.6, f"numbers up to {field.high:g} are no percent")
    return _graded(Transform(), plain, "numbers")


def _as_text(field: ObservedField, entity: str, target: str) -> Fit:
    factor, evidence = _text_factor(field, entity, target)
    lower = target == "currency" and field.share("code3_lower") > field.share("code3")
    return Fit(Transform("upper") if lower else Transform(), factor, evidence)


def _text_factor(field: ObservedField, entity: str, target: str) -> tuple[float, str]:
    wanted = _wanted_class(entity, target)
    if wanted is not None:
        share = field.share(*wanted[0])
        return (
            (1.0, f"{share:.0%} look like {wanted[1]}")
            if share >= 0.6
            else (wanted[2], f"only {share:.0%} look like {wanted[1]}")
        )
    numbers, truths = field.share(*_NUMERIC), field.share(*_TRUTHS)
    if field.share(*_TIMES) > 0.5:
        return 0.4, "dates where text is wanted"
    if target.endswith("_id") and field.share("decimal", "double", "boolean", "json", "email", "url") > 0.5:
        return 0.4, "values no identifier has"
    if target in _LABELS and (numbers > 0.5 or truths > 0.5):
        return 0.5, "numbers where a name is wanted"
    if target in _CHOICES and numbers > 0.5:
        return 0.85, "codes whose labels are not known"
    if target in _CHOICES | _LABELS and truths > 0.5:
        return 0.6, "true or false where a text is wanted"
    return 1.0, "text"


def _wanted_class(entity: str, target: str) -> tuple[tuple[str, ...], str, float] | None:
    """Classes of `profile` the target's texts should be in, what they are called, and the factor when they are not."""
    if _pii(entity, target) == "email":
        return ("email",), "e-mail addresses", 0.3
    if target == "website":
        return ("url", "domain"), "web addresses", 0.5
    if target == "domain":
        return ("domain",), "domain names", 0.4
    if target == "currency":
        return ("code3", "code3_lower"), "currency codes", 0.6
    return (("arn",), "ARNs", 0.4) if target == "arn" else None


@cache
def _pii(entity: str, target: str) -> object:
    return _extra(entity, target).get("pii")


@cache
def _unit(entity: str, target: str) -> object:
    return _extra(entity, target).get("unit")


def _extra(entity: str, target: str) -> dict[str, object]:
    declared = ENTITIES[entity].model_fields.get(target)
    extra = declared.json_schema_extra if declared is not None else None
    return dict(extra) if isinstance(extra, dict) else {}
