"""What the records of an invented stream know: per entity its facts, each a canonical field with a way to draw values.

Values are drawn from the generator they are given and nothing else, so a seed gives the same records on every machine.
No two records share an e-mail, a domain or a name: each is an entity of its own, and views can be compared one to one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Literal

from orchestration.demo import names

Kind = Literal["text", "choice", "count", "money", "percent", "day", "moment", "flag"]
Draw = Callable[[Random, str], Any]

_TODAY = date(2026, 10, 31)
_FIRST, _LAST = names.FIRST_NAMES.split(), names.LAST_NAMES.split()
_CORES = [start + end for start in names.CORE_STARTS.split()[:12] for end in names.CORE_ENDS.split()[:6]]
_CITIES = [place[0] for place in names.PLACES]
_COUNTRIES = sorted({place[3] for place in names.PLACES})
_STREETS = ("Harbour Road", "Mill Lane", "Station Road", "Rua Nova", "High Street", "Garden Walk", "Abbey Close")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a record knows. `target` is the canonical field it fills; `nulls` is the share of records without."""

    target: str
    kind: Kind
    draw: Draw
    nulls: float = 0.03


def _pick(*options: str) -> Draw:
    return lambda random, _: random.choice(options)


def _text(form: Callable[[Random, str], str]) -> Draw:
    return form


def _count(low: int, high: int) -> Draw:
    return lambda random, _: random.randint(low, high)


def _money(low: int, high: int) -> Draw:
    return lambda random, _: Decimal(random.randint(low * 100, high * 100)) / 100


def _day(back: int) -> Draw:
    return lambda random, _: _TODAY - timedelta(days=random.randint(0, back))


def _moment(back: int) -> Draw:
    def draw(random: Random, _: str) -> datetime:
        start = datetime(_TODAY.year, _TODAY.month, _TODAY.day, tzinfo=UTC)
        return start - timedelta(seconds=random.randint(0, back * 86_400))

    return draw


def _phone(random: Random, _: str) -> str:
    return f"+{random.randint(1, 98)} {random.randint(100, 999)} 555 {random.randint(0, 9999):04d}"


def _street(random: Random, _: str) -> str:
    return f"{random.randint(1, 240)} {random.choice(_STREETS)}"


def _person(random: Random, _: str) -> str:
    return f"{random.choice(_FIRST)} {random.choice(_LAST)}"


_CREATED = Fact("created_at", "moment", _moment(1500), 0)
FACTS: dict[str, tuple[Fact, ...]] = {
    "account": (
        Fact("name", "text", lambda r, mark: f"{r.choice(_CORES)} {mark}", 0),
        Fact("website", "text", lambda _, mark: f"https://www.{mark.lower()}.example"),
        Fact("phone", "text", _phone),
        Fact("fax", "text", _phone, 0.2),
        Fact("industry", "choice", _pick(*names.TRADES)),
        Fact("account_type", "choice", _pick("Customer", "Prospect", "Partner", "Competitor")),
        Fact("rating", "choice", _pick("Hot", "Warm", "Cold")),
        Fact("annual_revenue", "money", _money(50_000, 9_000_000)),
        Fact("number_of_employees", "count", _count(3, 9_000)),
        Fact("billing_street", "text", _street),
        Fact("billing_city", "text", _pick(*_CITIES)),
        Fact("billing_postal_code", "text", lambda r, _: f"{r.randint(501, 99950):05d}"),
        Fact("billing_country", "choice", _pick(*_COUNTRIES)),
        Fact("shipping_city", "text", _pick(*_CITIES), 0.1),
        _CREATED,
    ),
    "contact": (
        Fact("first_name", "text", _pick(*_FIRST), 0),
        Fact("last_name", "text", _pick(*_LAST), 0),
        Fact("email", "text", lambda r, mark: f"{r.choice(_FIRST).lower()}.{mark.lower()}@mail-{mark.lower()}.example"),
        Fact("phone", "text", _phone),
        Fact("mobile", "text", _phone, 0.3),
        Fact("title", "choice", _pick("CEO", "CTO", "VP Sales", "Engineer", "Buyer", "Analyst")),
        Fact("department", "choice", _pick("Sales", "Finance", "Operations", "Legal", "Research")),
        Fact("mailing_city", "text", _pick(*_CITIES)),
        Fact("mailing_country", "choice", _pick(*_COUNTRIES)),
        Fact("lead_source", "choice", _pick("Web", "Trade Show", "Partner Referral", "Phone Inquiry")),
        Fact("birth_date", "day", lambda r, _: date(1950, 1, 1) + timedelta(days=r.randint(0, 18_000))),
        _CREATED,
    ),
    "opportunity": (
        Fact("name", "text", lambda r, mark: f"{r.choice(('Renewal', 'Expansion', 'Pilot'))} {mark}", 0),
        Fact("account_name", "text", lambda r, _: f"{r.choice(_CORES)} {r.choice(_CORES)}"),
        Fact("stage", "choice", _pick("Prospecting", "Qualification", "Proposal", "Negotiation", "Closed Won")),
        Fact("amount", "money", _money(500, 900_000)),
        Fact("probability", "percent", lambda r, _: Decimal(r.randint(0, 100))),
        Fact("close_date", "day", _day(700), 0),
        Fact("lead_source", "choice", _pick("Web", "Trade Show", "Partner Referral", "Phone Inquiry")),
        Fact("next_step", "text", lambda r, _: f"{r.choice(('Call', 'Visit', 'Write'))} {r.choice(_FIRST)}", 0.15),
        Fact("owner_name", "text", _person),
        Fact("is_won", "flag", lambda r, _: r.random() < 0.4, 0),
        _CREATED,
    ),
    "usage": (
        Fact("account_name", "text", lambda r, _: f"{r.choice(_CORES)} {r.choice(_CORES)}"),
        Fact("product", "choice", _pick("Console", "API", "Warehouse", "Gateway")),
        Fact("plan", "choice", _pick("Free", "Team", "Business", "Enterprise")),
        Fact("region", "choice", _pick("eu-west-1", "us-east-1", "ap-south-1", "sa-east-1")),
        Fact("quantity", "money", _money(1, 90_000)),
        Fact("active_users", "count", _count(0, 4_000)),
        Fact("sessions", "count", _count(0, 90_000)),
        Fact("duration_seconds", "count", _count(10, 900_000)),
        Fact("date", "day", _day(400), 0),
        Fact("user_email", "text", lambda r, mark: f"{r.choice(_LAST).lower()}.{mark.lower()}@use.example"),
    ),
}
