"""Zendesk as its account export gives it: one JSON object a line, compressed; one `name` a person, tags as `a|b`.

Organizations carry the Salesforce account id as `external_id`. Field names: Zendesk API, Organizations and Users.
"""

from orchestration.demo.export import Export, Layout, Mess

ORGANIZATIONS = """
SELECT 360000000000 + company_id AS id, spelled('zendesk', name, legal, company_id) AS name,
    CASE WHEN uses('salesforce', 0.75, company_id) THEN salesforce_id('001', 'account', company_id) END AS external_id,
    [domain] AS domain_names, array_to_string([pick(['vip', 'standard'], 'zd tier', company_id), 'b2b'], '|') AS tags,
    NULL::VARCHAR AS notes, false AS shared_tickets, iso_s(created_at) AS created_at, iso_s(updated_at) AS updated_at,
    'company ' || company_id AS __truth,
FROM company WHERE uses('zendesk', 0.4, company_id) ORDER BY company_id
"""
USERS = """
SELECT 370000000000 + person_id AS id, first_name || ' ' || last_name AS name,
    mailed('zendesk', email, person_id) AS email, phone, 360000000000 + company_id AS organization_id,
    'end-user' AS role, pick(['beta|newsletter', 'newsletter', ''], 'zd tags', person_id) AS tags,
    'en-US' AS locale, unit('zd verified', person_id) < 0.9 AS verified, true AS active,
    iso_s(created_at) AS created_at, iso_s(created_at + INTERVAL 40 DAY) AS updated_at,
    known_person('zendesk', email, person_id) AS __truth,
FROM person WHERE uses('zendesk', 0.4, company_id) ORDER BY person_id
"""

EXPORTS = (
    Export(
        *("zendesk", "organizations", "account", "organizations.jsonl.gz", "organizations*.jsonl.gz", ("id",)),
        *(ORGANIZATIONS, Layout("jsonl"), Mess({"updated_at": "unknown"}, duplicate_keys=2)),
    ),
    Export(
        *("zendesk", "users", "contact", "users.jsonl.gz", "users*.jsonl.gz", ("id",), USERS, Layout("jsonl")),
        Mess({"created_at": "2025-04-31T08:00:00Z"}, each=4, missing_keys=2, duplicate_keys=3),
    ),
)
