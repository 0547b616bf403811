"""What a company measures itself: usage as Parquet and JSON lines, health scores as a spreadsheet.

Usage comes as the warehouse unloads it, health as the customer success team keeps it.
"""

from orchestration.demo.export import Export, Layout, Mess

USAGE = """
SELECT 'u-' || company_id || '-' || day::VARCHAR || '-' || feature AS usage_id,
    salesforce_id('001', 'account', company_id) AS account_id, 'Fleet Console' AS product, feature,
    'events' AS metric, between_n(0, 900, 'events ' || feature || day, company_id) AS quantity, 'count' AS unit,
    between_n(0, 40, 'users ' || feature || day, company_id) AS active_users, day AS usage_date,
    day::TIMESTAMP AS period_start, (day + 7)::TIMESTAMP AS period_end, 'usage ' || usage_id AS __truth,
FROM company, unnest(['dashboards', 'alerts', 'api']) features(feature),
    (SELECT DATE '2026-09-06' + 7 * week::INTEGER AS day FROM range(7) weeks(week))
WHERE uses('salesforce', 0.75, company_id) AND unit('active customer', company_id) < 0.3
ORDER BY day, company_id, feature
"""
HEALTH = """
SELECT 'H' || lpad(company_id::VARCHAR, 6, '0') AS health_id, salesforce_id('001', 'account', company_id) AS account_id,
    name AS account_name, between_n(5, 100, 'score', company_id)::VARCHAR AS health_score,
    CASE WHEN health_score::INTEGER < 40 THEN 'at risk' WHEN health_score::INTEGER < 70 THEN 'neutral'
        ELSE 'healthy' END AS health_status, between_n(-60, 90, 'nps', company_id)::VARCHAR AS nps_score,
    strftime(some_time('measured', company_id, 45), '%Y-%m-%d') AS measured_at, 'health ' || health_id AS __truth,
FROM company WHERE uses('salesforce', 0.75, company_id) ORDER BY company_id
"""
API_CALLS = """
SELECT 'm-' || company_id || '-' || strftime(day, '%Y%m%d') AS usage_id, guid('dyn account', company_id) AS account_id,
    'Ingest API' AS product, 'api_calls' AS metric, between_n(100, 90000, 'calls ' || day, company_id) AS quantity,
    'requests' AS unit, pick(['eu-central-1', 'us-east-1'], 'home', company_id) AS region,
    iso_s(day::TIMESTAMP) AS period_start, iso_s(day::TIMESTAMP + INTERVAL 1 DAY) AS period_end,
    'metering ' || usage_id AS __truth,
FROM company, (SELECT DATE '2026-10-21' + number::INTEGER AS day FROM range(10) days(number))
WHERE uses('dynamics', 0.8, company_id) AND unit('meters', company_id) < 0.4 ORDER BY day, company_id
"""

METERING = Export(
    *("metering", "api_usage", "usage", "api-usage.jsonl", "api-usage*.jsonl", ("usage_id",), API_CALLS),
    *(Layout("jsonl"), Mess({"period_start": "2026-10-99"}, duplicate_keys=3)),
)
EXPORTS = (
    Export(
        *("product-usage", "usage", "usage", "usage-2026-q3.parquet", "usage*.parquet", ("usage_id",)),
        *(USAGE, Layout("parquet"), Mess(duplicate_keys=5)),
    ),
    Export(
        *("customer-success", "health_scores", "health", "health-scores.xlsx", "health*.xlsx", ("health_id",)),
        *(HEALTH, Layout("xlsx"), Mess({"health_score": "see notes", "measured_at": "last week"}, each=4)),
    ),
)
