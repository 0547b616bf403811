"""The exports people bring: every vendor's header, and what of it must be mapped without asking."""

import pytest

from assets.mapping.policy import held_back, to_mapping
from assets.mapping.proposal import propose_mapping

# name: (stream, header, vendor, entity, "source>target" pairs that must be applied, fields that must stay unmapped)
SHAPES = {
    "salesforce account": (
        "Account",
        "Id; IsDeleted@boolean; Name; Type; ParentId@-; BillingStreet; BillingCity; BillingState; BillingPostalCode;"
        "BillingCountry; Phone; Website@url+domain; Industry; AnnualRevenue@decimal; NumberOfEmployees@integer;"
        "OwnerId;"
        "CreatedDate@timestamp; LastModifiedDate@timestamp; SystemModstamp@timestamp; Jigsaw; Region_Code__c@integer",
        "salesforce",
        "account",
        "Id>account_id; Name>name; Type>account_type; Website>website; AnnualRevenue>annual_revenue; Industry>industry;"
        "SystemModstamp>updated_at; SystemModstamp>_source_updated_at; IsDeleted>_deleted; OwnerId>owner_id;"
        "BillingPostalCode>billing_postal_code; ParentId>parent_account_id; CreatedDate>created_at",
        {"Jigsaw", "Region_Code__c"},
    ),
    "salesforce contact": (
        "Contact",
        "Id; AccountId; LastName; FirstName; Salutation; Name; MailingCity; MailingCountry; Phone; MobilePhone;"
        "Email@email; Title; Department; LeadSource; HasOptedOutOfEmail@boolean; SystemModstamp@timestamp;"
        "IsDeleted@boolean",
        "salesforce",
        "contact",
        "Id>contact_id; AccountId>account_id; Name>full_name; FirstName>first_name; LastName>last_name; Email>email;"
        "Title>title; HasOptedOutOfEmail>email_opt_out; MailingCity>mailing_city; MobilePhone>mobile;"
        "IsDeleted>_deleted",
        set(),
    ),
    "salesforce opportunity under any file name": (
        "export_2025_03",
        "Id; AccountId; Name; StageName; Amount@decimal; Probability@integer; CloseDate@date; Type; NextStep;"
        "IsClosed@boolean; IsWon@boolean; ForecastCategoryName; CurrencyIsoCode@code3; OwnerId; IsDeleted@boolean;"
        "SystemModstamp@timestamp; FiscalYear@integer",
        "salesforce",
        "opportunity",
        "Id>opportunity_id; AccountId>account_id; StageName>stage; Amount>amount; Probability>probability;"
        "CloseDate>close_date; IsWon>is_won; IsClosed>is_closed; CurrencyIsoCode>currency; Type>opportunity_type",
        {"FiscalYear"},
    ),
    "hubspot deals": (
        "deals",
        "hs_object_id@integer; dealname; pipeline; dealstage; amount@decimal; deal_currency_code@code3; closedate@date;"
        "createdate@timestamp; hs_lastmodifieddate@timestamp; associatedcompanyid@integer; hubspot_owner_id@integer;"
        "hs_deal_stage_probability@decimal; hs_is_closed_won@boolean; dealtype",
        "hubspot",
        "opportunity",
        "hs_object_id>opportunity_id; dealname>name; dealstage>stage; pipeline>pipeline; amount>amount;"
        "closedate>close_date; associatedcompanyid>account_id; hs_lastmodifieddate>_source_updated_at;"
        "hs_lastmodifieddate>updated_at; hs_deal_stage_probability>probability; deal_currency_code>currency;"
        "hs_is_closed_won>is_won; dealtype>opportunity_type; hubspot_owner_id>owner_id",
        set(),
    ),
    "hubspot companies, nested": (
        "companies",
        "id@integer; properties.hs_object_id@integer; properties.name; properties.domain@domain;"
        "properties.lifecyclestage; properties.annualrevenue@decimal; properties.numberofemployees@integer;"
        "properties.hs_lastmodifieddate@timestamp; properties.createdate@timestamp; archived@boolean",
        "hubspot",
        "account",
        "properties.name>name; properties.domain>domain; properties.lifecyclestage>lifecycle_stage;"
        "archived>_deleted; properties.annualrevenue>annual_revenue; properties.hs_lastmodifieddate>updated_at",
        set(),
    ),
    "hubspot contacts": (
        "hubspot_contacts",
        "hs_object_id@integer; email@email; firstname; lastname; jobtitle; phone; mobilephone; company; lifecyclestage;"
        "associatedcompanyid@integer; lastmodifieddate@epoch_ms; createdate@epoch_ms",
        "hubspot",
        "contact",
        "hs_object_id>contact_id; email>email; firstname>first_name; jobtitle>title; associatedcompanyid>account_id;"
        "lifecyclestage>lifecycle_stage; lastmodifieddate>updated_at; createdate>created_at; mobilephone>mobile",
        set(),
    ),
    "dynamics accounts": (
        "accounts",
        "accountid; name; accountnumber; telephone1; emailaddress1@email; websiteurl@url; address1_line1;"
        "address1_city;"
        "address1_postalcode; address1_country; industrycode@integer; customertypecode@integer; revenue@decimal;"
        "numberofemployees@integer; _parentaccountid_value@-; _ownerid_value; statecode@zero_one; statuscode@integer;"
        "createdon@timestamp; modifiedon@timestamp; versionnumber@integer",
        "dynamics365",
        "account",
        "accountid>account_id; name>name; telephone1>phone; industrycode>industry; customertypecode>account_type;"
        "statecode>status; revenue>annual_revenue; modifiedon>_source_updated_at; modifiedon>updated_at;"
        "address1_line1>billing_street; _ownerid_value>owner_id; websiteurl>website",
        {"versionnumber", "statuscode"},
    ),
    "dynamics contacts": (
        "contacts",
        "contactid; _parentcustomerid_value; firstname; lastname; fullname; emailaddress1@email; telephone1;"
        "mobilephone;"
        "jobtitle; donotbulkemail@zero_one; statecode@zero_one; modifiedon@timestamp; createdon@timestamp",
        "dynamics365",
        "contact",
        "contactid>contact_id; _parentcustomerid_value>account_id; emailaddress1>email; statecode>status;"
        "donotbulkemail>email_opt_out; jobtitle>title; fullname>full_name",
        set(),
    ),
    "dynamics opportunities": (
        "opportunities",
        "opportunityid; name; _parentaccountid_value; estimatedvalue@decimal; closeprobability@integer;"
        "estimatedclosedate@date; actualclosedate@-; salesstage@integer; statecode@integer+zero_one;"
        "statuscode@integer;"
        "createdon@timestamp; modifiedon@timestamp",
        "dynamics365",
        "opportunity",
        "opportunityid>opportunity_id; _parentaccountid_value>account_id; estimatedvalue>amount; salesstage>stage;"
        "closeprobability>probability; estimatedclosedate>close_date; statecode>status; statecode>is_won;"
        "statecode>is_closed; modifiedon>_source_updated_at",
        set(),
    ),
    "pipedrive deals": (
        "pipedrive_deals",
        "id@integer; title; value@decimal; currency@code3; org_id@integer; org_name; person_id@integer;"
        "stage_id@integer;"
        "stage_name; status; probability@-; add_time@timestamp; update_time@timestamp; won_time@timestamp;"
        "expected_close_date@date; owner_name; lost_reason@-",
        "pipedrive",
        "opportunity",
        "id>opportunity_id; title>name; value>amount; currency>currency; org_id>account_id; person_id>contact_id;"
        "stage_name>stage; add_time>created_at; update_time>_source_updated_at; won_time>closed_at; status>is_won;"
        "expected_close_date>close_date; owner_name>owner_name",
        {"stage_id"},
    ),
    "zendesk organizations": (
        "organizations",
        "id@integer; url@url; name; domain_names@domain; shared_tickets@boolean; shared_comments@boolean; details;"
        "notes;"
        "group_id@-; tags@text+list_pipe; external_id; created_at@timestamp; updated_at@timestamp",
        "zendesk",
        "account",
        "id>account_id; name>name; tags>tags; domain_names>domain; external_id>external_id;"
        "updated_at>_source_updated_at",
        {"url", "group_id", "shared_tickets", "shared_comments"},
    ),
    "zendesk users": (
        "users",
        "id@integer; url@url; name; email@email; phone; organization_id@integer; role; tags@text+list_pipe;"
        "time_zone; locale; verified@boolean; active@boolean; suspended@boolean; created_at@timestamp;"
        "updated_at@timestamp; last_login_at@timestamp; ticket_restriction",
        "zendesk",
        "contact",
        "id>contact_id; name>full_name; name>first_name; name>last_name; email>email; organization_id>account_id;"
        "tags>tags; active>_deleted; last_login_at>last_activity_at",
        {"url", "verified", "suspended", "ticket_restriction"},
    ),
    "sap vendor items": (
        "BSIK",
        "MANDT@integer; BUKRS@integer; LIFNR; GJAHR@integer; BELNR@integer; BUZEI; BUDAT@compact_date;"
        "BLDAT@compact_date; WAERS@code3; XBLNR; BLART; WRBTR@decimal_comma; DMBTR@decimal_comma; SHKZG; SGTXT;"
        "KOSTL; ZTERM",
        "sap",
        "cost_report",
        "BELNR>invoice_id; BUKRS>company_code; LIFNR>vendor_id; WRBTR>cost; WAERS>currency; BUDAT>date;"
        "SGTXT>description; BLART>document_type; KOSTL>cost_center; ZTERM>payment_terms",
        {"MANDT", "GJAHR", "DMBTR", "SHKZG", "XBLNR"},
    ),
    "netsuite vendor bills": (
        "vendor_bills",
        "internalid@integer; tranid; trandate@slash_month_first+slash_ambiguous; entity; currency@code3;"
        "amount@decimal;"
        "duedate@slash_month_first+slash_ambiguous; status; memo; subsidiary; department; lastmodifieddate@timestamp",
        "netsuite",
        "cost_report",
        "internalid>cost_id; tranid>invoice_id; trandate>date; entity>vendor; currency>currency; amount>cost;"
        "duedate>due_date; memo>description; subsidiary>company_code",
        set(),
    ),
    "aws cost and usage, csv": (
        "cur-00001",
        "identity/LineItemId; identity/TimeInterval; bill/InvoiceId; bill/PayerAccountId@integer;"
        "lineItem/UsageAccountId@integer; lineItem/LineItemType; lineItem/UsageStartDate@timestamp;"
        "lineItem/UsageEndDate@timestamp; lineItem/ProductCode; lineItem/UsageType; lineItem/Operation;"
        "lineItem/ResourceId; lineItem/UsageAmount@decimal; lineItem/CurrencyCode@code3;"
        "lineItem/UnblendedCost@decimal+double; lineItem/BlendedCost@decimal; product/region; pricing/unit;"
        "resourceTags/user:Name",
        "aws_cur",
        "cost_report",
        "lineItem/UnblendedCost>cost; lineItem/UsageStartDate>date; lineItem/UsageStartDate>period_start;"
        "product/region>region; lineItem/ProductCode>service; lineItem/UsageAccountId>account_id;"
        "lineItem/CurrencyCode>currency; lineItem/UsageAmount>usage_quantity; lineItem/LineItemType>charge_type;"
        "pricing/unit>unit; lineItem/ResourceId>resource_id",
        {"lineItem/BlendedCost", "identity/LineItemId", "resourceTags/user:Name"},
    ),
    "aws cost and usage, data exports": (
        "data",
        "bill_payer_account_id@integer; line_item_usage_account_id@integer; line_item_line_item_type;"
        "line_item_usage_start_date@timestamp; line_item_product_code; line_item_usage_type; line_item_resource_id;"
        "line_item_usage_amount@decimal; line_item_currency_code@code3; line_item_unblended_cost@decimal;"
        "product_region_code; resource_tags@json",
        "aws_cur",
        "cost_report",
        "line_item_unblended_cost>cost; line_item_usage_start_date>date; line_item_line_item_type>charge_type;"
        "product_region_code>region; resource_tags>tags; line_item_currency_code>currency",
        set(),
    ),
    "ec2 instances": (
        "ec2_instances",
        "InstanceId; InstanceType; State; LaunchTime@timestamp; ImageId; VpcId; SubnetId; PrivateIpAddress;"
        "PublicIpAddress@-; AvailabilityZone; Tags@json; OwnerId@integer; KeyName",
        "aws_ec2",
        "aws_resource",
        "InstanceId>resource_id; InstanceType>instance_type; State>state; LaunchTime>launched_at; VpcId>vpc_id;"
        "Tags>tags; OwnerId>aws_account_id; InstanceId>service",
        {"KeyName"},
    ),
    "aws config": (
        "config_snapshot",
        "resourceId; resourceType; resourceName; arn@arn; awsRegion; awsAccountId@integer; availabilityZone;"
        "configurationItemCaptureTime@timestamp; configurationItemStatus; resourceCreationTime@timestamp; tags@json;"
        "configuration@json",
        "aws_config",
        "aws_resource",
        "resourceId>resource_id; resourceType>resource_type; arn>arn; awsRegion>region;"
        "awsAccountId>aws_account_id; resourceCreationTime>created_at; configurationItemStatus>_deleted",
        {"configuration"},
    ),
    "health scores": (
        "customer_health",
        "customer_id; customer_name; health_score@integer; risk_level; nps@integer; open_tickets@integer;"
        "measured_at@timestamp; csm; reason",
        None,
        "health",
        "customer_id>account_id; customer_name>account_name; health_score>score; risk_level>risk_level;"
        "measured_at>measured_at; csm>owner_name; nps>nps_score; open_tickets>open_tickets",
        set(),
    ),
    "product usage": (
        "product_usage_daily",
        "account_id; user_email@email; feature_name; event_count@integer; usage_date@date; active_users@integer; plan",
        None,
        "usage",
        "account_id>account_id; user_email>user_email; feature_name>feature; event_count>quantity; usage_date>date;"
        "active_users>active_users; plan>plan",
        set(),
    ),
    "spreadsheet of companies": (
        "Companies 2025",
        "Company Name; E-mail@email; Web Site@url; Sector; No. of Employees@integer;"
        "Annual Turnover (EUR)@decimal_comma;"
        "Town; Post Code; Country; Created On@day_month_dot; Lieblingsfarbe",
        None,
        "account",
        "Company Name>name; E-mail>email; Web Site>website; Sector>industry; No. of Employees>number_of_employees;"
        "Annual Turnover (EUR)>annual_revenue; Annual Turnover (EUR)>currency; Town>billing_city;"
        "Post Code>billing_postal_code; Country>billing_country; Created On>created_at",
        {"Lieblingsfarbe"},
    ),
    "spreadsheet of deals": (
        "sales pipeline",
        "Deal Name; Client; Deal Value (EUR)@decimal_grouped+integer; Sales Stage; Win Probability (%)@integer;"
        "Expected Close@slash_day_first+slash_ambiguous; Account Manager; Next Step",
        None,
        "opportunity",
        "Deal Name>name; Client>account_name; Deal Value (EUR)>amount; Deal Value (EUR)>currency; Sales Stage>stage;"
        "Win Probability (%)>probability; Expected Close>close_date; Account Manager>owner_name; Next Step>next_step",
        set(),
    ),
    "spreadsheet of people": (
        "Ansprechpartner",
        "Full Name; E-Mail Address@email; Job Title; Company; Mobile No.; Date of Birth@date; Preferred Language",
        None,
        "contact",
        "Full Name>full_name; E-Mail Address>email; Job Title>title; Company>account_name; Mobile No.>mobile;"
        "Date of Birth>birth_date; Preferred Language>language; Full Name>first_name",
        set(),
    ),
    "salesforce report, labels": (
        "report1699",
        "Opportunity Name; Account Name; Stage; Amount@decimal; Probability (%)@integer; Close Date@slash_month_first;"
        "Opportunity Owner; Lead Source; Created Date@slash_month_first; Opportunity ID",
        None,
        "opportunity",
        "Opportunity Name>name; Account Name>account_name; Stage>stage; Amount>amount; Probability (%)>probability;"
        "Close Date>close_date; Opportunity Owner>owner_name; Opportunity ID>opportunity_id",
        set(),
    ),
    "pipedrive export, labels": (
        "deals-12345",
        "Deal - ID@integer; Deal - Title; Deal - Value@decimal; Deal - Stage; Deal - Status;"
        "Deal - Expected close date@date; Deal - Deal created@timestamp; Deal - Owner",
        None,
        "opportunity",
        "Deal - ID>opportunity_id; Deal - Title>name; Deal - Value>amount; Deal - Stage>stage; Deal - Status>status;"
        "Deal - Expected close date>close_date; Deal - Owner>owner_name",
        set(),
    ),
    "invoice list": (
        "invoices",
        "Invoice Number; Supplier; Invoice Date@date; Due Date@date; Total Amount@decimal; Currency@code3; VAT@decimal;"
        "PO Number; Status; Cost Centre",
        None,
        "cost_report",
        "Invoice Number>invoice_id; Supplier>vendor; Invoice Date>date; Due Date>due_date; Total Amount>cost;"
        "Currency>currency; VAT>tax_amount; PO Number>purchase_order; Status>status; Cost Centre>cost_center",
        set(),
    ),
    "server inventory": (
        "cloud_inventory",
        "ResourceID; Resource Type; Region; AWS Account ID@integer; Environment; Owner; vCPUs@integer;"
        "Memory GB@integer;"
        "Monthly Cost (USD)@decimal; Launch Time@timestamp",
        None,
        "aws_resource",
        "ResourceID>resource_id; Resource Type>resource_type; Region>region; AWS Account ID>aws_account_id;"
        "Environment>environment; vCPUs>vcpus; Monthly Cost (USD)>monthly_cost; Launch Time>launched_at",
        set(),
    ),
}


@pytest.mark.parametrize("case", SHAPES)
def test_a_known_shape_is_mapped_without_asking(case: str, shape) -> None:
    name, header, vendor, entity, expected, unmapped = SHAPES[case]
    proposal = propose_mapping(shape(name, header))
    mapping = to_mapping(proposal)
    applied = {(rule.source, rule.target) for rule in mapping.rules}
    wanted = {tuple(pair.strip().split(">")) for pair in expected.split(";")}
    assert (proposal.vendor, mapping.entity) == (vendor, entity), proposal.evidence
    assert wanted <= applied, f"missing {sorted(wanted - applied)}"
    assert unmapped <= set(held_back(proposal, mapping))


@pytest.mark.parametrize("case", SHAPES)
def test_the_order_of_fields_never_changes_the_outcome(case: str, shape) -> None:
    name, header, *_ = SHAPES[case]
    forward = propose_mapping(shape(name, header))
    backward = propose_mapping(shape(name, ";".join(reversed(header.split(";")))))
    assert forward.rules == backward.rules
    assert forward.entity_probability == backward.entity_probability
    assert forward.candidates == backward.candidates
    assert set(forward.unmapped) == set(backward.unmapped)
