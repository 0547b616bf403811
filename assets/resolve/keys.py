"""What identifies a real-world account or contact across systems, as 64-bit match keys.

Deterministic keys only: normalised e-mail for contacts; for accounts another system's id, the internet domain, and,
where no domain speaks against it, the normalised name.
"""

from dataclasses import dataclass

import duckdb

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

# Sites on which companies keep a page, a shop or a profile: the address is the site's, not the company's.
SHARED_SITES = [
    "facebook.com",
    "instagram.com",
    "linkedin.com",
    "twitter.com",
    "x.com",
    "youtube.com",
    "tiktok.com",
    "xing.com",
    "google.com",
    "github.com",
    "github.io",
    "etsy.com",
    "ebay.com",
    "myshopify.com",
    "wixsite.com",
    "wordpress.com",
    "blogspot.com",
    "linktr.ee",
]

# What people type where a name is asked for and there is none.
PLACEHOLDER_NAMES = ["unknown", "none", "null", "na", "n a", "tbd", "test", "no name", "not available", "individual"]

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

# DuckDB's hash() is quick but may change with its version: what was made with another version is made anew.
KEYS_VERSION = f"duckdb {duckdb.__version__}, keys 1"

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
    """The id's key where the id looks unique across systems, else NULL.

    It does when it is long and has a letter right after a digit, as in a UUID or a Salesforce id. CUSTOMER-00001 and
    INV-2024-0001 have none: they are words and numbers, counted up in every system that uses the same word.
    """
    # Nested, so that the pattern meets only ids that are long enough.
    return (
        f"CASE WHEN length({column}) >= {GLOBAL_ID_LENGTH} THEN CASE WHEN regexp_matches({column}, '[0-9][A-Za-z]') "
        f"THEN hash('id:' || {column}) END END"
    )


def reference_key(connection: str, identifier: str) -> str:
    """Key by which a record points at another by id: global where the id is, else within its connection."""
    scoped = f"hash('in:' || {connection} || ':' || {identifier})"
    return f"CASE WHEN {identifier} IS NULL THEN NULL ELSE coalesce({global_id(identifier)}, {scoped}) END"


def normalised_domain() -> str:
    """SQL of an account's domain: the first of `domain`, `website` and its e-mail that is the company's own."""
    return f"coalesce({_own_host('domain')}, {_own_host('website')}, {_own_host(_MAIL_HOST)})"


_MAIL_HOST = "split_part(email, '@', 2)"
_HOST_CHARACTER = "[^/:?#\\s@,;<>()"  # an open class: what follows may add to it


def _own_host(text: str) -> str:
    """SQL of the host in an address, without `www`; NULL for none and for one that many companies share."""
    found = (
        f"regexp_extract(lower(trim({text})), "
        f"'^(?:[a-z]+://)?(?:www[0-9]*\\.)?({_HOST_CHARACTER}]+\\.{_HOST_CHARACTER}.]+)', 1)"
    )
    # One pattern over one reading: asking for the host in several places reads the address several times.
    mail, sites = (
        "|".join(name.replace(".", "\\.") for name in names) for names in (SHARED_MAIL_DOMAINS, SHARED_SITES)
    )
    return f"nullif(regexp_replace({found}, '^({mail}|(.+\\.)?({sites}))$', ''), '')"


def normalised_name() -> str:
    """SQL of an account's name: case and accents folded, punctuation and trailing legal forms dropped.

    NULL when nothing is left that tells one company from another.
    """
    joined = "regexp_replace(strip_accents(lower(name)), '[.''’]', '', 'g')"  # S.A. is SA, O'Neill is ONeill
    # Letters of every script: with ASCII ones alone, all that is left of a Japanese name is its "Co Ltd".
    plain = f"trim(regexp_replace({joined}, '[^\\pL\\pM\\pN]+', ' ', 'g'))"
    bare = f"regexp_replace({plain}, '((^| )({'|'.join(LEGAL_FORMS)}))+$', '')"
    return f"nullif(regexp_replace({bare}, '^({'|'.join(PLACEHOLDER_NAMES)})$', ''), '')"


def normalised_email() -> str:
    """SQL of a contact's e-mail: trimmed and lower case; anything without an @ inside is none."""
    return "CASE WHEN email LIKE '%_@_%' THEN lower(trim(email)) END"


def _keyed(prefix: str, expression: str) -> str:
    # hash() of NULL is a number like any other: left alone, all records without a key would share one.
    return f"nullif(hash('{prefix}:' || {expression}), hash(NULL::VARCHAR))"


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
