"""Salesforce as its Data Loader exports it: API field names, every cell quoted, ISO timestamps with milliseconds.

Field names: Object Reference for the Salesforce Platform, objects Account, Contact and Opportunity.
"""

from orchestration.demo.export import Export, Layout, Mess

LAYOUT = Layout(quote_all=True)

# One account in fifty was entered twice, and one in a hundred lies in the recycle bin.
ACCOUNTS = """
SELECT salesforce_id('001', 'account' || copy, company_id) AS Id,
    (unit('sf bin', company_id) < 0.01 AND copy = '')::VARCHAR AS IsDeleted,
    spelled('salesforce' || copy, name, legal, company_id) AS Name,
    pick(['Customer - Direct', 'Customer - Channel', 'Prospect', 'Partner'], 'sf type', company_id) AS Type,
    NULL AS ParentId, street || chr(10) || 'Attn: Accounts Payable' AS BillingStreet, city AS BillingCity,
    state AS BillingState, postal_code AS BillingPostalCode, country AS BillingCountry, phone AS Phone,
    CASE draw('sf site', company_id) % 3
        WHEN 0 THEN 'https://www.' || domain WHEN 1 THEN 'http://' || domain || '/' ELSE domain END AS Website,
    industry AS Industry, revenue::VARCHAR AS AnnualRevenue, employees::VARCHAR AS NumberOfEmployees,
    salesforce_id('005', 'owner', draw('sf owner', company_id) % 12) AS OwnerId, iso_ms(created_at) AS CreatedDate,
    iso_ms(updated_at) AS LastModifiedDate, iso_ms(updated_at) AS SystemModstamp,
    CASE IsDeleted WHEN 'true' THEN 'deleted' ELSE 'company ' || company_id END AS __truth,
FROM company, unnest(['', ' again']) copies(copy)
WHERE uses('salesforce', 0.75, company_id) AND (copy = '' OR unit('sf twice', company_id) < 0.02)
ORDER BY copy, company_id
"""
CONTACTS = """
SELECT salesforce_id('003', 'contact', person_id) AS Id, 'false' AS IsDeleted,
    CASE WHEN unit('sf orphan', person_id) >= 0.04 THEN salesforce_id('001', 'account', company_id) END AS AccountId,
    last_name AS LastName, first_name AS FirstName, first_name || ' ' || last_name AS Name, phone AS Phone,
    NULL AS MobilePhone, mailed('salesforce', email, person_id) AS Email, title AS Title, department AS Department,
    pick(['Web', 'Trade Show', 'Partner Referral', NULL], 'sf lead', person_id) AS LeadSource,
    salesforce_id('005', 'owner', draw('sf owner', company_id) % 12) AS OwnerId, iso_ms(created_at) AS CreatedDate,
    iso_ms(created_at + INTERVAL 9 DAY) AS LastModifiedDate, iso_ms(created_at + INTERVAL 9 DAY) AS SystemModstamp,
    known_person('salesforce', email, person_id) AS __truth,
FROM person WHERE uses('salesforce', 0.75, company_id) AND uses('salesforce as a person', 0.85, person_id)
ORDER BY person_id
"""
OPPORTUNITIES = """
SELECT salesforce_id('006', 'opportunity', number) AS Id, 'false' AS IsDeleted,
    salesforce_id('001', 'account', company_id) AS AccountId,
    name || ' - ' || pick(['Renewal', 'Expansion', 'New Site', 'Pilot'], 'sf deal', number) AS Name,
    step[1] AS StageName, money(2000, 400000, 'sf amount', number) AS Amount, step[2] AS Probability,
    strftime(some_time('sf close', number, 900)::DATE + 60, '%Y-%m-%d') AS CloseDate,
    pick(['New Business', 'Existing Business'], 'sf kind', number) AS Type, 'Follow up, then "confirm"' AS NextStep,
    (step[2] IN ('0', '100'))::VARCHAR AS IsClosed, (step[2] = '100')::VARCHAR AS IsWon,
    pick(['USD', 'USD', 'EUR'], 'sf money', number) AS CurrencyIsoCode,
    salesforce_id('005', 'owner', draw('sf owner', company_id) % 12) AS OwnerId,
    iso_ms(some_time('sf opened', number, 900)) AS CreatedDate,
    iso_ms(some_time('sf opened', number, 450)) AS SystemModstamp, 'salesforce ' || Id AS __truth,
FROM (
    SELECT number, buyer('sf buyer', number) AS company_id, pick([['Prospecting', '10'], ['Qualification', '20'],
        ['Proposal/Price Quote', '75'], ['Negotiation/Review', '90'], ['Closed Won', '100'], ['Closed Lost', '0']],
        'sf stage', number) AS step
    FROM range(7000) numbers(number)) JOIN company USING (company_id)
WHERE uses('salesforce', 0.75, company_id) ORDER BY number
"""

EXPORTS = (
    Export(
        *("salesforce", "account", "account", "Account.csv", "Account*.csv", ("Id",), ACCOUNTS, LAYOUT),
        Mess({"AnnualRevenue": "n/a", "NumberOfEmployees": "about 40"}, duplicate_keys=4, ragged_lines=3),
    ),
    Export(
        *("salesforce", "contact", "contact", "Contact.csv", "Contact*.csv", ("Id",), CONTACTS, LAYOUT),
        Mess({"CreatedDate": "yesterday"}, each=5, missing_keys=3, duplicate_keys=6, ragged_lines=2),
    ),
    Export(
        *("salesforce", "opportunity", "opportunity", "Opportunity.csv", "Opportunity*.csv", ("Id",)),
        *(OPPORTUNITIES, LAYOUT),
        Mess({"CloseDate": "2026-02-30", "Amount": "12,5OO.00", "Probability": "likely"}, each=6, ragged_lines=4),
    ),
)
