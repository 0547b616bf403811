"""HubSpot as an export with internal property names gives it: day-only dates, lower-case names, options in capitals.

Property names: HubSpot's default company, contact and deal properties.
"""

from orchestration.demo.export import Export, Mess

COMPANIES = """
SELECT (8000000000 + company_id * 37)::VARCHAR AS hs_object_id, spelled('hubspot', name, legal, company_id) AS name,
    CASE WHEN unit('hs no domain', company_id) < 0.06 THEN NULL ELSE domain END AS domain,
    'https://' || domain AS website, upper(replace(replace(industry, ' & ', '_AND_'), ' ', '_')) AS industry,
    pick(['lead', 'marketingqualifiedlead', 'opportunity', 'customer'], 'hs stage', company_id) AS lifecyclestage,
    phone, street AS address, city, state, postal_code AS zip, country, revenue::VARCHAR AS annualrevenue,
    employees::VARCHAR AS numberofemployees, (51000000 + draw('hs owner', company_id) % 9)::VARCHAR AS hubspot_owner_id,
    strftime(created_at, '%Y-%m-%d') AS createdate, strftime(updated_at, '%Y-%m-%d') AS hs_lastmodifieddate,
    'company ' || company_id AS __truth,
FROM company WHERE uses('hubspot', 0.6, company_id) ORDER BY company_id
"""
CONTACTS = """
SELECT (30000 + person_id * 11)::VARCHAR AS hs_object_id, mailed('hubspot', email, person_id) AS email,
    first_name AS firstname, last_name AS lastname, phone, NULL AS mobilephone, title AS jobtitle,
    (8000000000 + company_id * 37)::VARCHAR AS associatedcompanyid,
    pick(['subscriber', 'lead', 'opportunity', 'customer'], 'hs person stage', person_id) AS lifecyclestage,
    pick(['NEW', 'OPEN', 'IN_PROGRESS', NULL], 'hs lead', person_id) AS hs_lead_status,
    strftime(created_at, '%Y-%m-%d') AS createdate, strftime(created_at::DATE + 14, '%Y-%m-%d') AS lastmodifieddate,
    known_person('hubspot', email, person_id) AS __truth,
FROM person WHERE uses('hubspot', 0.6, company_id) ORDER BY person_id
"""
DEALS = """
SELECT (14000000000 + number * 53)::VARCHAR AS hs_object_id,
    name || ' → ' || pick(['Starter', 'Professional', 'Enterprise'], 'hs tier', number) AS dealname,
    money(900, 90000, 'hs amount', number) AS amount, 'EUR' AS deal_currency_code, step[1] AS dealstage,
    'default' AS pipeline, step[2] AS hs_deal_stage_probability,
    pick(['newbusiness', 'existingbusiness'], 'hs kind', number) AS dealtype,
    (8000000000 + company_id * 37)::VARCHAR AS associatedcompanyid,
    (51000000 + draw('hs owner', company_id) % 9)::VARCHAR AS hubspot_owner_id,
    strftime(some_time('hs close', number, 600)::DATE + 30, '%Y-%m-%d') AS closedate,
    strftime(some_time('hs opened', number, 600), '%Y-%m-%d') AS createdate,
    strftime(some_time('hs opened', number, 300), '%Y-%m-%d') AS hs_lastmodifieddate, 'hubspot ' || number AS __truth,
FROM (
    SELECT number, buyer('hs buyer', number) AS company_id, pick([['appointmentscheduled', '0.2'],
        ['qualifiedtobuy', '0.4'], ['contractsent', '0.9'], ['closedwon', '1.0'], ['closedlost', '0.0']],
        'hs stage', number) AS step
    FROM range(5000) numbers(number)) JOIN company USING (company_id)
WHERE uses('hubspot', 0.6, company_id) ORDER BY number
"""

EXPORTS = (
    Export(
        *("hubspot", "companies", "account", "hubspot-crm-exports-companies.csv", "*companies*.csv"),
        *(("hs_object_id",), COMPANIES),
        mess=Mess({"annualrevenue": "€ 1.2m"}, each=4, duplicate_keys=3, ragged_lines=2),
    ),
    Export(
        *("hubspot", "contacts", "contact", "hubspot-crm-exports-contacts.csv", "*contacts*.csv"),
        *(("hs_object_id",), CONTACTS),
        mess=Mess({"createdate": "31/31/2025"}, each=7, missing_keys=4, duplicate_keys=5, ragged_lines=3),
    ),
    Export(
        *("hubspot", "deals", "opportunity", "hubspot-crm-exports-deals.csv", "*deals*.csv"),
        *(("hs_object_id",), DEALS),
        mess=Mess({"amount": "TBD", "closedate": "Q4"}, each=4),
    ),
)
