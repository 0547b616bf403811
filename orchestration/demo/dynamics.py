"""Dynamics 365 Sales: GUID keys, numeric option sets, statecode 0 = active (opportunities: 0 open, 1 won, 2 lost).

Accounts and opportunities in UTF-16 as Excel saves Unicode, contacts in the Windows code page.
Field names: Dataverse table reference, account, contact and opportunity.
"""

from orchestration.demo.export import Export, Layout, Mess

UNICODE = Layout(encoding="utf-16", newline="\r\n", delimiter="\t")
WINDOWS = Layout(encoding="cp1252", newline="\r\n", delimiter=";")

ACCOUNTS = """
SELECT guid('dyn account', company_id) AS accountid, spelled('dynamics', name, legal, company_id) AS name,
    'K-' || (20000 + company_id) AS accountnumber, 'https://www.' || domain AS websiteurl, phone AS telephone1,
    'info@' || domain AS emailaddress1, between_n(1, 33, 'industry code', company_id)::VARCHAR AS industrycode,
    pick(['3', '8', '5', '10'], 'customer type', company_id) AS customertypecode, revenue::VARCHAR AS revenue,
    employees::VARCHAR AS numberofemployees, street AS address1_line1, city AS address1_city,
    state AS address1_stateorprovince, postal_code AS address1_postalcode, country AS address1_country,
    CASE WHEN unit('dyn inactive', company_id) < 0.07 THEN '1' ELSE '0' END AS statecode,
    statecode::INTEGER + 1 AS statuscode, iso_s(created_at) AS createdon, iso_s(updated_at) AS modifiedon,
    'company ' || company_id AS __truth,
FROM company WHERE uses('dynamics', 0.8, company_id) ORDER BY company_id
"""
CONTACTS = """
SELECT guid('dyn contact', person_id) AS contactid, first_name AS firstname, last_name AS lastname,
    first_name || ' ' || last_name AS fullname, mailed('dynamics', email, person_id) AS emailaddress1,
    phone AS telephone1, title AS jobtitle, department, guid('dyn account', company_id) AS parentcustomerid,
    '0' AS statecode, '1' AS statuscode, iso_s(created_at) AS createdon,
    iso_s(created_at + INTERVAL 20 DAY) AS modifiedon,
    known_person('dynamics', email, person_id) AS __truth,
FROM person WHERE uses('dynamics', 0.8, company_id) ORDER BY person_id
"""
OPPORTUNITIES = """
SELECT guid('dyn opportunity', number) AS opportunityid, 'Ausschreibung ' || number || ' – ' || name AS name,
    guid('dyn account', company_id) AS parentaccountid, money(5000, 900000, 'dyn value', number) AS estimatedvalue,
    (10 * (draw('dyn chance', number) % 11))::VARCHAR AS closeprobability,
    strftime(some_time('dyn close', number, 500)::DATE + 90, '%Y-%m-%d') AS estimatedclosedate,
    pick(['1-Qualify', '2-Develop', '3-Propose', '4-Close'], 'dyn step', number) AS stepname,
    pick(['0', '0', '1', '2'], 'dyn state', number) AS statecode,
    iso_s(some_time('dyn opened', number, 700)) AS createdon,
    iso_s(some_time('dyn opened', number, 350)) AS modifiedon, 'dynamics ' || number AS __truth,
FROM (SELECT number, buyer('dyn buyer', number) AS company_id FROM range(2200) numbers(number))
JOIN company USING (company_id) WHERE uses('dynamics', 0.8, company_id) ORDER BY number
"""

EXPORTS = (
    Export(
        *("dynamics", "accounts", "account", "accounts.csv", "accounts*.csv", ("accountid",), ACCOUNTS, UNICODE),
        Mess({"revenue": "k. A."}, each=4, duplicate_keys=2, ragged_lines=2),
    ),
    Export(
        *("dynamics", "contacts", "contact", "contacts.csv", "contacts*.csv", ("contactid",), CONTACTS, WINDOWS),
        Mess({"createdon": "gestern"}, each=4, duplicate_keys=3, ragged_lines=3),
    ),
    Export(
        *("dynamics", "opportunities", "opportunity", "opportunities.csv", "opportunities*.csv", ("opportunityid",)),
        *(OPPORTUNITIES, UNICODE, Mess({"estimatedclosedate": "2026-06-31", "closeprobability": "hoch"}, each=4)),
    ),
)
