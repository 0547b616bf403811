"""Names of columns: how vendors style them, and what they are called after somebody renamed them."""

from random import Random
from typing import Literal

Style = Literal["pascal", "snake", "camel", "title"]
NewName = Literal["subtle", "total", "short", "foreign"]

_SHORT = {
    "name": "nm", "website": "web", "phone": "tel_no", "fax": "fx", "industry": "ind", "account_type": "acct_typ",
    "rating": "rtg", "annual_revenue": "ann_rev", "number_of_employees": "no_empl", "billing_street": "bil_str",
    "billing_city": "bil_cty", "billing_postal_code": "bil_zip", "billing_country": "bil_ctry",
    "shipping_city": "shp_cty", "created_at": "crt_dt", "first_name": "fname", "last_name": "lname", "email": "eml",
    "mobile": "mob", "title": "ttl", "department": "dept", "mailing_city": "ml_cty", "mailing_country": "ml_ctry",
    "lead_source": "ld_src", "birth_date": "dob", "account_name": "acct_nm", "stage": "stg", "amount": "amt",
    "probability": "prob", "close_date": "cls_dt", "next_step": "nxt_stp", "owner_name": "ownr", "is_won": "won_flg",
    "product": "prd", "plan": "pln", "region": "rgn", "quantity": "qty", "active_users": "act_usr",
    "sessions": "sess", "duration_seconds": "dur_s", "date": "dt", "user_email": "usr_eml",
}  # fmt: skip
_FOREIGN = {
    "name": "bezeichnung", "website": "webseite", "phone": "telefon", "fax": "telefax", "industry": "branche",
    "account_type": "kundenart", "rating": "einstufung", "annual_revenue": "jahresumsatz",
    "number_of_employees": "mitarbeiterzahl", "billing_street": "rechnung_strasse", "billing_city": "rechnung_ort",
    "billing_postal_code": "rechnung_plz", "billing_country": "rechnung_land", "shipping_city": "lieferort",
    "created_at": "angelegt_am", "first_name": "vorname", "last_name": "nachname", "email": "correo",
    "mobile": "portable", "title": "fonction", "department": "abteilung", "mailing_city": "ville",
    "mailing_country": "pays", "lead_source": "herkunft", "birth_date": "geburtstag", "account_name": "firma",
    "stage": "etapa", "amount": "montant", "probability": "wahrscheinlichkeit", "close_date": "abschlussdatum",
    "next_step": "naechster_schritt", "owner_name": "responsable", "is_won": "gewonnen", "product": "produkt",
    "plan": "tarif", "region": "gebiet", "quantity": "menge", "active_users": "aktive_nutzer",
    "sessions": "sitzungen", "duration_seconds": "dauer", "date": "datum", "user_email": "nutzer_mail",
}  # fmt: skip
_SUBTLE = ("{}_new", "{}_value", "{}_v2", "the_{}", "{}_txt", "main_{}")
_VENDORS = ("kx_{}", "cust_{}", "x1_{}_f")


def styled(name: str, style: Style) -> str:
    """A snake-case name as a vendor writes it."""
    words = name.split("_")
    if style == "snake":
        return name
    if style == "title":
        return " ".join(word.capitalize() for word in words)
    joined = "".join(word.capitalize() for word in words)
    return joined if style == "pascal" else joined[0].lower() + joined[1:]


def renamed(random: Random, target: str, style: Style, how: NewName, taken: set[str]) -> str:
    """A new name that no column has yet."""
    makers = {
        "subtle": lambda: random.choice(_SUBTLE).format(target),
        "short": lambda: _SHORT.get(target, target[:3]),
        "foreign": lambda: _FOREIGN.get(target, f"feld_{target[:4]}"),
        "total": lambda: f"{random.choice(('attr', 'col', 'fld', 'udf'))}_{random.randint(10, 999)}",
    }
    lower = {name.lower() for name in taken}
    name = styled(makers[how](), style)
    while name.lower() in lower:
        name = styled(f"{makers[how]()}_{random.randint(2, 99)}", style)
    return name


def vendor_name(target: str, style: Style, vendor: int) -> str:
    """What another vendor calls it: one way for all columns of a stream."""
    short = vendor % 2 == 0
    base = _SHORT.get(target, target) if short else _FOREIGN.get(target, target)
    return styled(_VENDORS[vendor % len(_VENDORS)].format(base), style)
