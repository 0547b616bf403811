"""Pipedrive: organizations and persons as semicolon CSV, deals as the JSON that its API returns.

Field names: Pipedrive API reference, deals, organizations and persons; times are UTC without a zone.
"""

from orchestration.demo.export import Export, Layout, Mess

LAYOUT = Layout(delimiter=";", newline="\r\n", encoding="utf-8-sig")

ORGANIZATIONS = """
SELECT (1000 + company_id)::VARCHAR AS id, spelled('pipedrive', name, legal, company_id) AS name,
    street || ', ' || postal_code || ' ' || city AS address, 'www.' || domain AS website,
    employees::VARCHAR AS employee_count, (11 + draw('pd owner', company_id) % 5)::VARCHAR AS owner_id,
    strftime(created_at, '%Y-%m-%d %H:%M:%S') AS add_time, strftime(updated_at, '%Y-%m-%d %H:%M:%S') AS update_time,
    'company ' || company_id AS __truth,
FROM company WHERE uses('pipedrive', 0.3, company_id) ORDER BY company_id
"""
PERSONS = """
SELECT (70000 + person_id)::VARCHAR AS id, first_name || ' ' || last_name AS name, first_name, last_name,
    mailed('pipedrive', email, person_id) AS email, phone, (1000 + company_id)::VARCHAR AS org_id,
    title AS job_title, strftime(created_at, '%Y-%m-%d %H:%M:%S') AS add_time,
    strftime(created_at + INTERVAL 3 DAY, '%Y-%m-%d %H:%M:%S') AS update_time,
    known_person('pipedrive', email, person_id) AS __truth,
FROM person WHERE uses('pipedrive', 0.3, company_id) ORDER BY person_id
"""
DEALS = """
SELECT 500 + number AS id, name || ' deal' AS title, between_n(500, 60000, 'pd value', number) AS value,
    pick(['USD', 'EUR', 'GBP'], 'pd money', number) AS currency,
    pick(['open', 'open', 'won', 'lost'], 'pd status', number) AS status,
    1 + draw('pd stage', number) % 4 AS stage_id,
    ['Lead In', 'Contact Made', 'Proposal Made', 'Negotiations Started'][stage_id::BIGINT] AS stage_name,
    25 * (stage_id - 1) AS probability, 1000 + company_id AS org_id, name AS org_name,
    strftime(some_time('pd close', number, 300)::DATE + 45, '%Y-%m-%d') AS expected_close_date,
    CASE WHEN status = 'won' THEN strftime(some_time('pd won', number, 200), '%Y-%m-%d %H:%M:%S') END AS won_time,
    strftime(some_time('pd added', number, 700), '%Y-%m-%d %H:%M:%S') AS add_time,
    strftime(some_time('pd added', number, 350), '%Y-%m-%d %H:%M:%S') AS update_time, 'pipedrive ' || number AS __truth,
FROM (SELECT number, buyer('pd buyer', number) AS company_id FROM range(5500) numbers(number))
JOIN company USING (company_id) WHERE uses('pipedrive', 0.3, company_id) ORDER BY number
"""

EXPORTS = (
    Export(
        *("pipedrive", "organizations", "account", "organizations.csv", "organizations*.csv", ("id",)),
        *(ORGANIZATIONS, LAYOUT, Mess({"add_time": "0000-00-00 00:00:00"}, ragged_lines=2)),
    ),
    Export(
        *("pipedrive", "persons", "contact", "persons.csv", "persons*.csv", ("id",), PERSONS, LAYOUT),
        Mess({"update_time": "n/a"}, duplicate_keys=4, ragged_lines=3),
    ),
    Export(
        *("pipedrive", "deals", "opportunity", "deals.json", "deals*.json", ("id",), DEALS, Layout("json")),
        Mess({"expected_close_date": "2026-13-01"}, each=5, duplicate_keys=2),
    ),
)
