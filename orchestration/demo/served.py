"""What the demo's services hold: a Salesforce, a Supabase database and a MongoDB, served by the stand-ins.

Typed as each service declares its values; some of it (inspections, tickets) fits no canonical entity and lands raw.
"""

from orchestration.demo import salesforce
from orchestration.demo.export import Export, Layout, Mess

PARQUET = Layout("parquet")

# The Data Loader's texts as the API declares them; what lies in the recycle bin is not loaded.
SF_ACCOUNTS = f"""
SELECT * EXCLUDE (IsDeleted, ParentId) REPLACE (AnnualRevenue::DECIMAL(18, 2) AS AnnualRevenue,
    NumberOfEmployees::INTEGER AS NumberOfEmployees, CreatedDate::TIMESTAMPTZ AS CreatedDate,
    LastModifiedDate::TIMESTAMPTZ AS LastModifiedDate, SystemModstamp::TIMESTAMPTZ AS SystemModstamp)
FROM ({salesforce.ACCOUNTS}) WHERE IsDeleted = 'false' ORDER BY Id
"""
SF_CONTACTS = f"""
SELECT * EXCLUDE (IsDeleted, MobilePhone) REPLACE (CreatedDate::TIMESTAMPTZ AS CreatedDate,
    LastModifiedDate::TIMESTAMPTZ AS LastModifiedDate, SystemModstamp::TIMESTAMPTZ AS SystemModstamp)
FROM ({salesforce.CONTACTS}) ORDER BY Id
"""
SF_OPPORTUNITIES = f"""
SELECT * EXCLUDE (IsDeleted) REPLACE (Amount::DECIMAL(18, 2) AS Amount, Probability::DECIMAL(5, 2) AS Probability,
    CloseDate::DATE AS CloseDate, IsClosed::BOOLEAN AS IsClosed, IsWon::BOOLEAN AS IsWon,
    CreatedDate::TIMESTAMPTZ AS CreatedDate, SystemModstamp::TIMESTAMPTZ AS SystemModstamp)
FROM ({salesforce.OPPORTUNITIES}) ORDER BY Id
"""
SF_INSPECTIONS = """
SELECT salesforce_id('a01', 'inspection', company_id) AS Id, 'SI-' || lpad(company_id::VARCHAR, 5, '0') AS Name,
    pick(['North hall', 'South hall', 'Yard', 'Roof'], 'inspected', company_id) AS Place__c,
    pick(['Ada', 'Grace', 'Edsger'], 'inspector', company_id) AS Inspector__c,
    pick(['A', 'B', 'C'], 'grade', company_id) AS Grade__c,
    between_n(0, 12, 'defects', company_id)::INTEGER AS Defects__c,
    some_time('inspected', company_id, 300)::DATE AS Inspected_On__c,
    some_time('inspected', company_id, 300)::TIMESTAMPTZ AS SystemModstamp, NULL::VARCHAR AS __truth,
FROM company WHERE uses('salesforce', 0.75, company_id) AND unit('inspects', company_id) < 0.4 ORDER BY company_id
"""

SB_CUSTOMERS = """
SELECT 50000 + company_id AS id, spelled('supabase', name, legal, company_id) AS name, 'https://' || domain AS website,
    industry, employees::INTEGER AS number_of_employees, phone, city AS billing_city, country AS billing_country,
    created_at::TIMESTAMPTZ AS created_at, updated_at::TIMESTAMPTZ AS updated_at, 'company ' || company_id AS __truth,
FROM company WHERE uses('supabase', 0.5, company_id) ORDER BY company_id
"""
SB_SIGNUPS = """
SELECT 900000 + person_id AS id, 50000 + company_id AS account_id, first_name, last_name,
    mailed('supabase', email, person_id) AS email, phone, title, created_at::TIMESTAMPTZ AS created_at,
    (created_at + INTERVAL 5 DAY)::TIMESTAMPTZ AS updated_at, known_person('supabase', email, person_id) AS __truth,
FROM person WHERE uses('supabase', 0.5, company_id) AND uses('supabase as a person', 0.6, person_id) ORDER BY person_id
"""

MG_HEALTH = """
SELECT 'HC' || lpad(company_id::VARCHAR, 6, '0') AS _id, salesforce_id('001', 'account', company_id) AS account_id,
    name AS account_name, between_n(5, 100, 'check', company_id)::VARCHAR AS health_score,
    CASE WHEN health_score::INTEGER < 40 THEN 'at risk' WHEN health_score::INTEGER < 70 THEN 'neutral'
        ELSE 'healthy' END AS health_status, {'open': between_n(0, 9, 'open', company_id)::INTEGER,
        'escalated': unit('escalated', company_id) < 0.1} AS tickets,
    some_time('checked', company_id, 45)::TIMESTAMPTZ AS measured_at, 'check ' || _id AS __truth,
FROM company WHERE uses('salesforce', 0.75, company_id) AND unit('checked', company_id) < 0.5 ORDER BY company_id
"""
MG_TICKETS = """
SELECT 'T' || lpad(number::VARCHAR, 7, '0') AS _id, 'Ticket ' || number AS subject,
    pick(['open', 'pending', 'solved'], 'ticket state', number) AS state,
    pick(['low', 'normal', 'high'], 'ticket priority', number) AS priority,
    {'product': pick(['Console', 'API'], 'ticket product', number), 'version': 1 + number % 4} AS context,
    some_time('ticket', number, 400)::TIMESTAMPTZ AS updatedAt, NULL::VARCHAR AS __truth,
FROM range(6000) numbers(number) ORDER BY number
"""

SALESFORCE = (
    Export(*("crm-live", "Account", "account", "Account.parquet", "", ("Id",), SF_ACCOUNTS, PARQUET)),
    Export(*("crm-live", "Contact", "contact", "Contact.parquet", "", ("Id",), SF_CONTACTS, PARQUET)),
    Export(*("crm-live", "Opportunity", "opportunity", "Opportunity.parquet", "", ("Id",), SF_OPPORTUNITIES, PARQUET)),
    Export(*("crm-live", "Inspection__c", None, "Inspection__c.parquet", "", ("Id",), SF_INSPECTIONS, PARQUET)),
)
SUPABASE = (
    Export(*("product-database", "customers", "account", "customers.parquet", "", ("id",), SB_CUSTOMERS, PARQUET)),
    Export(*("product-database", "signups", "contact", "signups.parquet", "", ("id",), SB_SIGNUPS, PARQUET)),
)
MONGODB = (
    Export(
        *("support-platform", "health_checks", "health", "health_checks.parquet", "", ("_id",), MG_HEALTH, PARQUET),
        Mess({"health_score": "see notes"}, each=4),
    ),
    Export(*("support-platform", "tickets", None, "tickets.parquet", "", ("_id",), MG_TICKETS, PARQUET)),
)
