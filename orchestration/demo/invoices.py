"""Vendor invoices: SAP line items in Latin-1 with German numbers and dates, NetSuite bills with American ones.

Field names: SAP table BSIK/BSAK (vendor line items); NetSuite Records Browser, transaction and customer.
Vendors are companies of the same invented world, written as accountants write them: by name, without a domain.
"""

from orchestration.demo.export import Export, Layout, Mess

SAP = """
SELECT pick(['1000', '2000'], 'bukrs', number) AS BUKRS, (5100000000 + number)::VARCHAR AS BELNR, '2026' AS GJAHR,
    '001' AS BUZEI, 'KR' AS BLART, lpad((100000 + company_id)::VARCHAR, 10, '0') AS LIFNR,
    name || ' ' || legal AS NAME1, 'RE-' || (70000 + number) AS XBLNR, strftime(posted - 4, '%d.%m.%Y') AS BLDAT,
    strftime(posted, '%d.%m.%Y') AS BUDAT, strftime(posted + 30, '%d.%m.%Y') AS ZFBDT,
    translate(format('{:,.2f}', between_n(1900, 9900000, 'wrbtr', number) / 100.0), ',.', '.,') AS WRBTR,
    'EUR' AS WAERS, 'V1' AS MWSKZ, 'ZB30' AS ZTERM, '0000' || between_n(400000, 470000, 'hkont', number) AS HKONT,
    'Lieferung ' || number || ', Prüfung offen' AS SGTXT, 'sap ' || number AS __truth,
FROM (
    SELECT number, buyer('sap vendor', number) AS company_id,
        DATE '2026-01-04' + (number * 295 // 6000)::INTEGER AS posted
    FROM range(6000) numbers(number)) JOIN company USING (company_id) ORDER BY number
"""
NETSUITE = """
SELECT (880000 + number)::VARCHAR AS internalid, 'BILL' || (31000 + number) AS tranid, 'Vendor Bill' AS type,
    strftime(posted, '%-m/%-d/%Y') AS trandate, strftime(posted + 30, '%-m/%-d/%Y') AS duedate,
    upper(name) AS entity, 'USD' AS currency, money(20, 48000, 'ns amount', number) AS amount,
    pick(['Open', 'Paid In Full', 'Pending Approval'], 'ns status', number) AS status,
    pick(['Parent : US', 'Parent : Canada'], 'ns subsidiary', number) AS subsidiary,
    'PO ' || (6600 + number) || '; net 30' AS memo, 'netsuite ' || number AS __truth,
FROM (
    SELECT number, buyer('ns vendor', number) AS company_id,
        DATE '2026-02-02' + (number * 265 // 3500)::INTEGER AS posted
    FROM range(3500) numbers(number)) JOIN company USING (company_id) ORDER BY number
"""
CUSTOMERS = """
SELECT (4000 + company_id)::VARCHAR AS internalid, 'CUST' || company_id AS entityid,
    spelled('netsuite', name, legal, company_id) AS companyname, 'accounts@' || domain AS email,
    'http://www.' || upper(domain) AS url, phone, 'CUSTOMER-Closed Won' AS entitystatus, 'USD' AS currency,
    strftime(created_at, '%-m/%-d/%Y') AS datecreated, strftime(updated_at, '%-m/%-d/%Y') AS lastmodifieddate,
    'company ' || company_id AS __truth,
FROM company WHERE uses('netsuite', 0.5, company_id) ORDER BY company_id
"""

EXPORTS = (
    Export(
        *("sap", "invoices", "cost_report", "kreditoren_posten.txt", "kreditoren*.txt"),
        *(("BUKRS", "BELNR", "GJAHR", "BUZEI"), SAP, Layout(delimiter="\t", encoding="latin-1", newline="\r\n")),
        Mess({"WRBTR": "1.23A,00", "BUDAT": "31.02.2026"}, each=5, duplicate_keys=4, ragged_lines=3),
    ),
    Export(
        *("netsuite", "customers", "account", "customers.csv", "customers*.csv", ("internalid",), CUSTOMERS),
        mess=Mess(duplicate_keys=2, ragged_lines=1),
    ),
    Export(
        *("netsuite", "vendor_bills", "cost_report", "vendor-bills.csv", "vendor-bills*.csv"),
        *(("internalid",), NETSUITE),
        mess=Mess({"amount": "ERROR: Field Not Found", "trandate": "13/45/2026"}, each=4, ragged_lines=2),
    ),
)
