"""AWS: the Cost and Usage Report as compressed CSV, a file a month, and a resource inventory as AWS Config records.

Column names: AWS Cost and Usage Report data dictionary (identity, bill, lineItem, product, pricing); AWS Config
ConfigurationItem. A line item id is unique within one time interval only, so both make the key.
"""

from orchestration.demo.export import Export, Layout, Mess

RESOURCES = """
SELECT kind[1] AS "resourceType", kind[2] || substr(md5('resource ' || number), 1, 17) AS "resourceId",
    'arn:aws:' || kind[3] || ':' || region || ':' || account || ':' || kind[4] || '/' || "resourceId" AS arn,
    pick(['api', 'worker', 'ledger', 'search', 'edge'], 'role', number) || '-' || number AS "resourceName",
    account AS "accountId", region AS "awsRegion",
    region || pick(['a', 'b', 'c'], 'zone', number) AS "availabilityZone",
    'OK' AS "configurationItemStatus", iso_ms(some_time('launched', number, 800)) AS "resourceCreationTime",
    iso_ms(TIMESTAMP '2026-10-31 04:00:00') AS "configurationItemCaptureTime",
    {Team: pick(['platform', 'data', 'payments'], 'team', number), Environment: pick(['prod', 'stage'], 'env', number)}
        AS tags, 'resource ' || number AS __truth,
FROM (
    SELECT number, pick(['us-east-1', 'eu-central-1', 'eu-west-1'], 'region', number) AS region,
        pick(['210000000001', '210000000002', '210000000003'], 'payer', number) AS account,
        pick([['AWS::EC2::Instance', 'i-0', 'ec2', 'instance'], ['AWS::EC2::Volume', 'vol-0', 'ec2', 'volume'],
            ['AWS::RDS::DBInstance', 'db-', 'rds', 'db']], 'kind', number) AS kind
    FROM range(1400) numbers(number)) ORDER BY number
"""
COSTS = """
SELECT substr(md5('{month} line ' || number), 1, 26) AS "identity/LineItemId",
    iso_s(day) || '/' || iso_s(day + INTERVAL 1 DAY) AS "identity/TimeInterval", NULL AS "bill/InvoiceId",
    'AWS' AS "bill/BillingEntity", 'Anniversary' AS "bill/BillType", '210000000001' AS "bill/PayerAccountId",
    '{month}-01T00:00:00Z' AS "bill/BillingPeriodStartDate",
    pick(['210000000001', '210000000002', '210000000003'], 'payer', resource) AS "lineItem/UsageAccountId",
    'Usage' AS "lineItem/LineItemType", iso_s(day) AS "lineItem/UsageStartDate",
    iso_s(day + INTERVAL 1 DAY) AS "lineItem/UsageEndDate", kind[1] AS "lineItem/ProductCode",
    kind[2] AS "lineItem/UsageType", kind[3] AS "lineItem/Operation",
    kind[4] || substr(md5('resource ' || resource), 1, 17) AS "lineItem/ResourceId",
    '24.0000000000' AS "lineItem/UsageAmount",
    'USD' AS "lineItem/CurrencyCode", '0.' || lpad(between_n(80, 9000, 'rate', resource)::VARCHAR, 5, '0') || '00000'
        AS "lineItem/UnblendedRate",
    (24 * "lineItem/UnblendedRate"::DECIMAL(18, 10))::VARCHAR AS "lineItem/UnblendedCost",
    kind[1] || ' usage, per hour' AS "lineItem/LineItemDescription",
    pick(['us-east-1', 'eu-central-1', 'eu-west-1'], 'region', resource) AS "product/region", 'Hrs' AS "pricing/unit",
    pick(['platform', 'data', 'payments'], 'team', resource) AS "resourceTags/user:Team",
    'cost {month} ' || number AS __truth,
FROM (
    SELECT number, number % 1400 AS resource, pick([['AmazonEC2', 'BoxUsage:m5.large', 'RunInstances', 'i-0'],
        ['AmazonEC2', 'EBS:VolumeUsage.gp3', 'CreateVolume-Gp3', 'vol-0'],
        ['AmazonRDS', 'InstanceUsage:db.m5.large', 'CreateDBInstance', 'db-']], 'kind', resource) AS kind,
        TIMESTAMP '{month}-01' + to_days((number // 1400)::INTEGER) AS day
    FROM range(11200) numbers(number)) ORDER BY number
"""


def _costs(month: str, mess: Mess) -> Export:
    return Export(
        *("aws-billing", "cost_and_usage", "cost_report", f"cost-and-usage-{month}.csv.gz", "cost-and-usage-*.csv.gz"),
        *(("identity/LineItemId", "identity/TimeInterval"), COSTS.replace("{month}", month), Layout(), mess),
    )


EXPORTS = (
    _costs("2026-09", Mess({"lineItem/UnblendedCost": "pending"}, each=9, missing_keys=2, ragged_lines=2)),
    _costs("2026-10", Mess({"lineItem/UnblendedCost": "pending"}, each=6, duplicate_keys=8)),
    Export(
        *("aws-inventory", "resources", "aws_resource", "resources.json", "resources*.json", ("arn",)),
        *(RESOURCES, Layout("json"), Mess({"resourceCreationTime": "unknown"}, each=4, duplicate_keys=3)),
    ),
)
