"""The customers and people of one invented tenant, as they are: what every export shows a part of.

Every value is drawn from MD5 of seed, salt and number, so a value depends on nothing but its own place: the same seed
gives the same world on every machine, and adding a column changes no other.
"""

from collections.abc import Sequence

import duckdb

from orchestration.demo import names

TODAY = "DATE '2026-10-31'"  # fixed, since exports that age would differ from run to run

MACROS = """
CREATE MACRO draw(salt, i) AS md5_number_lower(concat_ws(':', getvariable('seed'), salt, i));
CREATE MACRO unit(salt, i) AS (draw(salt, i) % 1000000) / 1000000.0;
CREATE MACRO between_n(low, high, salt, i) AS low + (draw(salt, i) % (high - low + 1))::BIGINT;
CREATE MACRO pick(options, salt, i) AS options[1 + (draw(salt, i) % len(options))::BIGINT];
CREATE MACRO buyer(salt, i) AS {first} + (draw(salt, i) % {count})::BIGINT;
CREATE MACRO money(low, high, salt, i) AS
    between_n(low, high, salt, i) || '.' || lpad((draw(salt || ' cents', i) % 100)::VARCHAR, 2, '0');
CREATE MACRO guid(salt, i) AS md5(concat_ws(':', getvariable('seed'), salt, i))::UUID::VARCHAR;
CREATE MACRO salesforce_id(prefix, salt, i) AS
    prefix || 'Qy0' || upper(substr(md5(concat_ws(':', getvariable('seed'), salt, i)), 1, 9)) || 'AAK';
CREATE MACRO uses(system_name, share, i) AS unit('uses ' || system_name, i) < share;
CREATE MACRO some_time(salt, i, days) AS
    ({today}::TIMESTAMP - to_seconds((unit(salt, i) * days * 86400)::BIGINT));
CREATE MACRO iso_ms(t) AS strftime(t, '%Y-%m-%dT%H:%M:%S.') || lpad((epoch_ms(t) % 1000)::VARCHAR, 3, '0') || 'Z';
CREATE MACRO iso_s(t) AS strftime(t, '%Y-%m-%dT%H:%M:%SZ');
"""

# The name written differently by different people: as registered, without the legal form, shouted, without punctuation.
SPELLING = """
CREATE MACRO spelled(system_name, name, legal, i) AS CASE draw('spelling ' || system_name, i) % 5
    WHEN 0 THEN name || ', ' || legal
    WHEN 1 THEN name || ' ' || legal
    WHEN 2 THEN name
    WHEN 3 THEN upper(name)
    ELSE name || ' ' || replace(legal, '.', '') END;
CREATE MACRO mailed(system_name, email, i) AS CASE
    WHEN unit('mail missing ' || system_name, i) < 0.03 THEN NULL
    WHEN unit('mail case ' || system_name, i) < 0.20 THEN upper(substr(email, 1, 1)) || substr(email, 2)
    WHEN unit('mail case ' || system_name, i) < 0.25 THEN upper(email)
    ELSE email END;
-- A person without an e-mail in some system cannot be told to be the same as elsewhere.
CREATE MACRO known_person(system_name, email, i) AS
    CASE WHEN mailed(system_name, email, i) IS NULL THEN system_name || ' ' ELSE 'person ' END || i;
"""

COMPANIES = """
CREATE TABLE company AS
WITH named AS (
    SELECT company_id,
        getvariable('starts')[1 + company_id % len(getvariable('starts'))]
            || getvariable('ends')[1 + (company_id // len(getvariable('starts')) + company_id)
                % len(getvariable('ends'))] AS core,
        pick(map_keys(getvariable('trades')), 'industry', company_id) AS industry,
        pick(getvariable('places'), 'place', company_id) AS place,
        (exp(2.2 + 6.5 * unit('size', company_id)))::BIGINT AS employees,
        some_time('company created', company_id, 2200) AS created_at,
    FROM range({first}, {first} + {count}) numbers(company_id))
SELECT company_id, core || ' ' || pick(getvariable('trades')[industry], 'trade', company_id) AS name,
    pick(getvariable('legal_forms'), 'legal', company_id) AS legal,
    lower(strip_accents(core)) || '.example' AS domain, industry, employees,
    employees * between_n(60000, 240000, 'revenue', company_id) AS revenue,
    between_n(1, 240, 'house', company_id) || ' '
        || pick(['Harbour Road', 'Mill Lane', 'Station Road', 'Rua Nova', 'Am Markt'], 'street', company_id) AS street,
    place[1] AS city, place[2] AS state, place[3] AS postal_code, place[4] AS country,
    place[5] || ' 555 ' || lpad((draw('phone', company_id) % 10000)::VARCHAR, 4, '0') AS phone,
    created_at, created_at + to_seconds((unit('company updated', company_id)
        * date_diff('second', created_at, {today}::TIMESTAMP))::BIGINT) AS updated_at,
FROM named ORDER BY company_id
"""

PEOPLE = """
CREATE TABLE person AS
WITH named AS (
    SELECT person_id, {first} + (draw('employer', person_id) % {count})::BIGINT AS company_id,
        pick(getvariable('first_names'), 'first name', person_id) AS first_name,
        pick(getvariable('last_names'), 'last name', person_id) AS last_name,
        pick(map_keys(getvariable('titles')), 'department', person_id) AS department,
    FROM range({people}) numbers(person_id)),
numbered AS (
    SELECT *, row_number() OVER (PARTITION BY company_id, first_name, last_name ORDER BY person_id) AS namesake
    FROM named)
SELECT person_id, company_id, first_name, last_name, department,
    pick(getvariable('titles')[department], 'title', person_id) AS title,
    replace(lower(strip_accents(first_name || '.' || last_name)), 'ø', 'o')
        || CASE WHEN namesake > 1 THEN namesake::VARCHAR ELSE '' END || '@' || domain AS email,
    company.phone || '-' || between_n(10, 99, 'extension', person_id) AS phone,
    greatest(company.created_at, some_time('person created', person_id, 1500)) AS created_at,
FROM numbered JOIN company USING (company_id) ORDER BY person_id
"""


def build_world(seed: str, first_company: int, companies: int, people: int) -> duckdb.DuckDBPyConnection:
    """A database in memory with tables `company` and `person` and the macros that vendors' queries use."""
    world = duckdb.connect(config={"threads": 2})
    world.execute("SET TimeZone = 'UTC'")  # the same instants on every machine
    variables = {
        "seed": literal(seed),
        "starts": literal(names.CORE_STARTS.split()),
        "ends": literal(names.CORE_ENDS.split()),
        "places": literal(names.PLACES),
        "legal_forms": literal(names.LEGAL_FORMS),
        "first_names": literal(names.FIRST_NAMES.split()),
        "last_names": literal(names.LAST_NAMES.split()),
        "trades": f"map({literal(tuple(names.TRADES))}, {literal(tuple(names.TRADES.values()))})",
        "titles": f"map({literal(tuple(names.TITLES))}, {literal(tuple(names.TITLES.values()))})",
    }
    for name, value in variables.items():
        world.execute(f"SET VARIABLE {name} = {value}")
    sizes = {"{today}": TODAY, "{first}": str(first_company), "{count}": str(companies), "{people}": str(people)}
    script = MACROS + SPELLING + COMPANIES + ";" + PEOPLE
    for placeholder, value in sizes.items():
        script = script.replace(placeholder, value)
    world.execute(script)
    return world


def literal(value: str | Sequence[object]) -> str:
    """The value as SQL text. Bound parameters would make DuckDB import pandas first: 2 s for nothing."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "[" + ", ".join(literal(item) for item in value if isinstance(item, str | Sequence)) + "]"
