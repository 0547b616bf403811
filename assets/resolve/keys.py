"""What identifies a real-world account or contact across systems, as 64-bit match keys.

Deterministic keys only: normalised e-mail for contacts; for accounts another system's id, the internet domain, and,
where no domain speaks against it, the normalised name.
"""

from dataclasses import dataclass

from orchestration.resources.sql_text import literal

# Domains many unrelated people share: they say nothing about the company. Providers with over ten million mailboxes.
SHARED_MAIL_DOMAINS = [
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "yahoo.co.uk",
    "yahoo.de",
    "hotmail.com",
    "outlook.com",
    "live.com",
    "msn.com",
    "aol.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "gmx.de",
    "gmx.net",
    "gmx.com",
    "web.de",
    "t-online.de",
    "mail.ru",
    "yandex.ru",
    "qq.com",
    "163.com",
    "126.com",
    "naver.com",
    "proton.me",
    "protonmail.com",
    "zoho.com",
    "orange.fr",
    "wanadoo.fr",
    "free.fr",
    "libero.it",
    "comcast.net",
]

# Legal forms of companies, dropped from the end of a name (ISO 20275 lists them all; these are the frequent ones).
LEGAL_FORMS = [
    "incorporated",
    "inc",
    "corporation",
    "corp",
    "company",
    "co",
    "limited",
    "ltd",
    "llc",
    "llp",
    "lp",
    "plc",
    "gmbh",
    "ag",
    "kg",
    "ohg",
    "ug",
    "se",
    "sa",
    "sas",
    "sarl",
    "srl",
    "spa",
    "bv",
    "nv",
    "ab",
    "as",
    "aps",
    "oy",
    "oyj",
    "kk",
    "pty",
    "pte",
    "sdn",
    "bhd",
    "holdings",
    "holding",
    "group",
]

GLOBAL_ID_LENGTH = 12  # shorter ids are counted up per system and collide: 1001 is a customer in every ERP


@dataclass(frozen=True, slots=True)
class MatchKeys:
    """SQL expressions over a canonical row, each UBIGINT or NULL.

    `own` and `external` share one key space (the id here, the id there); records that share `own`/`external` or
    `strong` are one entity. `weak` joins only where no two different `strong` values contend.
    """

    own: str
    external: str
    strong: str
    weak: str

    def select_list(self) -> str:
        """The four keys as columns k_own, k_external, k_strong, k_weak."""
        return f"{self.own} AS k_own, {self.external} AS k_external, {self.strong} AS k_strong, {self.weak} AS k_weak"


def global_id(column: str) -> str:
    """The id's key where the id looks unique across systems (long, with letters and digits), else NULL."""
    return (
        f"CASE WHEN length({column}) >= {GLOBAL_ID_LENGTH} AND regexp_matches({column}, '[A-Za-z]') "
        f"AND regexp_matches({column}, '[0-9]') THEN md5_number_lower('id:' || {column}) END"
    )


def reference_key(connection: str, identifier: str) -> str:
    """Key by which a record points at another by id: global where the id is, else within its connection."""
    scoped = f"md5_number_lower('in:' || {connection} || ':' || {identifier})"
    return f"CASE WHEN {identifier} IS NULL THEN NULL ELSE coalesce({global_id(identifier)}, {scoped}) END"


def normalised_domain() -> str:
    """SQL of an account's domain: from `domain`, `website` or its e-mail; shared mail domains do not count."""
    host = (
        "regexp_extract(lower(coalesce("
        "nullif(domain, ''), nullif(website, ''), nullif(split_part(email, '@', 2), ''))), "
        "'^(?:[a-z]+://)?(?:www[0-9]*\\.)?([^/:?#\\s]+\\.[^/:?#\\s.]+)', 1)"
    )
    shared = ", ".join(literal(name) for name in SHARED_MAIL_DOMAINS)
    return f"nullif(CASE WHEN {host} IN ({shared}) THEN '' ELSE {host} END, '')"


def normalised_name() -> str:
    """SQL of an account's name: case and accents folded, punctuation and trailing legal forms dropped."""
    plain = "trim(regexp_replace(strip_accents(lower(name)), '[^[:alnum:]]+', ' ', 'g'))"
    forms = "|".join(LEGAL_FORMS)
    return f"nullif(regexp_replace({plain}, '( ({forms}))+$', ''), '')"


def normalised_email() -> str:
    """SQL of a contact's e-mail: trimmed and lower case; anything without an @ inside is none."""
    return "CASE WHEN email LIKE '%_@_%' THEN lower(trim(email)) END"


def _keyed(prefix: str, expression: str) -> str:
    return f"md5_number_lower('{prefix}:' || {expression})"


MATCH_KEYS: dict[str, MatchKeys] = {
    "account": MatchKeys(
        own=global_id("account_id"),
        external=global_id("external_id"),
        strong=_keyed("domain", normalised_domain()),
        weak=_keyed("name", normalised_name()),
    ),
    "contact": MatchKeys(
        own="NULL::UBIGINT",
        external="NULL::UBIGINT",
        strong=_keyed("email", normalised_email()),
        weak="NULL::UBIGINT",
    ),
}
