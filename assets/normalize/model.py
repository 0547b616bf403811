"""The canonical entities: every field of the public views, with its type, meaning and limits.

The single source of truth: table columns, SQL predicates, mapping targets and API schemas are derived from these
models by introspection. A leaf: imports pydantic and the reading rules only, so that every stage may import it.
Bookkeeping columns (underscored) are added to every row and are no part of the models.
"""

import datetime as dt
from decimal import Decimal
from types import NoneType
from typing import Annotated, Any, ClassVar, NamedTuple, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from assets.normalize import reading

Text = Annotated[str | None, BeforeValidator(reading.read_text)]
Amount = Annotated[Decimal | None, BeforeValidator(reading.read_decimal)]
Count = Annotated[int | None, BeforeValidator(reading.read_integer)]
Flag = Annotated[bool | None, BeforeValidator(reading.read_boolean)]
Day = Annotated[dt.date | None, BeforeValidator(reading.read_date)]
Moment = Annotated[dt.datetime | None, BeforeValidator(reading.read_timestamp)]
Texts = Annotated[list[str] | None, BeforeValidator(reading.read_list)]
RequiredText = Annotated[str, BeforeValidator(reading.read_text)]
RequiredAmount = Annotated[Decimal, BeforeValidator(reading.read_decimal)]
RequiredDay = Annotated[dt.date, BeforeValidator(reading.read_date)]


class Column(NamedTuple):
    """One column of a canonical table."""

    name: str
    duckdb_type: str
    required: bool


def _field(description: str, **extra: Any) -> Any:
    """An optional field. `extra` holds JSON-schema extras (pii, unit, currency_field) and limits (ge, le)."""
    return Field(default=None, **_split(description, extra))


def _required(description: str, **extra: Any) -> Any:
    return Field(**_split(description, extra))


def _identity(description: str) -> Any:
    """The record's own id. A mapping without a rule for it takes the source record's id."""
    return Field(min_length=1, **_split(description, {"identity": True}))


def _split(description: str, extra: dict[str, Any]) -> dict[str, Any]:
    limits: dict[str, Any] = {name: extra.pop(name) for name in ("ge", "le") if name in extra}
    return {"description": description, "json_schema_extra": extra or None} | limits


class CanonicalEntity(BaseModel):
    """What all canonical entities share: text is read by the closed rules of `reading`, nothing is coerced."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    view: ClassVar[str]


class Account(CanonicalEntity):
    """A company or organisation one does business with. Required: account_id."""

    view: ClassVar[str] = "accounts"
    account_id: RequiredText = _identity("Identifier of the account in its source")
    name: Text = _field("Company or organisation name")
    legal_name: Text = _field("Registered legal name")
    domain: Text = _field("Internet domain of the company, such as example.com")
    website: Text = _field("Website URL")
    email: Text = _field("General e-mail address of the company", pii="email")
    phone: Text = _field("Main telephone number", pii="phone")
    fax: Text = _field("Fax number", pii="phone")
    industry: Text = _field("Industry or sector")
    account_type: Text = _field("Relationship: customer, prospect, partner, vendor, competitor")
    status: Text = _field("State of the account, such as active or inactive")
    lifecycle_stage: Text = _field("Stage in the customer lifecycle: lead, opportunity, customer, evangelist")
    rating: Text = _field("Rating or tier, such as hot, warm, cold or gold")
    account_number: Text = _field("Customer or account number given by the company or an ERP")
    tax_id: Text = _field("Tax or VAT registration number")
    annual_revenue: Amount = _field("Annual revenue", currency_field="currency")
    currency: Text = _field("Currency of the account's amounts, ISO 4217 code where the source gives one")
    number_of_employees: Count = _field("Number of employees; headcount", unit="people", ge=0)
    billing_street: Text = _field("Billing address: street and number", pii="address")
    billing_city: Text = _field("Billing address: city")
    billing_state: Text = _field("Billing address: state, province or region")
    billing_postal_code: Text = _field("Billing address: postal or ZIP code")
    billing_country: Text = _field("Billing address: country, as written in the source")
    shipping_street: Text = _field("Shipping address: street and number", pii="address")
    shipping_city: Text = _field("Shipping address: city")
    shipping_state: Text = _field("Shipping address: state, province or region")
    shipping_postal_code: Text = _field("Shipping address: postal or ZIP code")
    shipping_country: Text = _field("Shipping address: country, as written in the source")
    parent_account_id: Text = _field("Identifier of the parent account in the same source")
    external_id: Text = _field("Identifier of the same account in another system")
    owner_id: Text = _field("Identifier of the user who owns the account")
    owner_name: Text = _field("Name of the user who owns the account", pii="name")
    lead_source: Text = _field("Where the account came from, such as a campaign or channel")
    description: Text = _field("Free text about the account")
    tags: Texts = _field("Tags or labels")
    last_activity_at: Moment = _field("Last activity with the account")
    created_at: Moment = _field("When the account was created in its source")
    updated_at: Moment = _field("When the account was last changed in its source")


class Contact(CanonicalEntity):
    """A person at an account. Required: contact_id."""

    view: ClassVar[str] = "contacts"
    contact_id: RequiredText = _identity("Identifier of the contact in its source")
    account_id: Text = _field("Identifier of the contact's account in the same source")
    account_name: Text = _field("Name of the contact's company, where the source gives it")
    first_name: Text = _field("Given name", pii="name")
    last_name: Text = _field("Family name", pii="name")
    full_name: Text = _field("Whole name of the person", pii="name")
    salutation: Text = _field("Salutation, such as Ms or Dr")
    email: Text = _field("E-mail address", pii="email")
    phone: Text = _field("Telephone number at work", pii="phone")
    mobile: Text = _field("Mobile telephone number", pii="phone")
    title: Text = _field("Job title")
    department: Text = _field("Department at the company")
    role: Text = _field("Role in the relationship, such as decision maker, or permission role in the source")
    status: Text = _field("State of the contact, such as active or inactive")
    lifecycle_stage: Text = _field("Stage in the customer lifecycle: subscriber, lead, customer")
    lead_source: Text = _field("Where the contact came from, such as a campaign or channel")
    reports_to_id: Text = _field("Identifier of the contact's superior in the same source")
    external_id: Text = _field("Identifier of the same person in another system")
    mailing_street: Text = _field("Mailing address: street and number", pii="address")
    mailing_city: Text = _field("Mailing address: city")
    mailing_state: Text = _field("Mailing address: state, province or region")
    mailing_postal_code: Text = _field("Mailing address: postal or ZIP code")
    mailing_country: Text = _field("Mailing address: country, as written in the source")
    language: Text = _field("Preferred language or locale")
    time_zone: Text = _field("Time zone of the person")
    birth_date: Day = _field("Date of birth", pii="birth_date")
    email_opt_out: Flag = _field("Whether the person refused marketing e-mail")
    do_not_call: Flag = _field("Whether the person refused telephone calls")
    owner_id: Text = _field("Identifier of the user who owns the contact")
    owner_name: Text = _field("Name of the user who owns the contact", pii="name")
    description: Text = _field("Free text about the person", pii="text")
    tags: Texts = _field("Tags or labels")
    last_activity_at: Moment = _field("Last activity with, or last sign-in of, the person")
    created_at: Moment = _field("When the contact was created in its source")
    updated_at: Moment = _field("When the contact was last changed in its source")


class Opportunity(CanonicalEntity):
    """A possible sale (deal). Required: opportunity_id."""

    view: ClassVar[str] = "opportunities"
    opportunity_id: RequiredText = _identity("Identifier of the opportunity or deal in its source")
    account_id: Text = _field("Identifier of the opportunity's account in the same source")
    account_name: Text = _field("Name of the opportunity's company, where the source gives it")
    contact_id: Text = _field("Identifier of the main contact in the same source")
    name: Text = _field("Name or subject of the opportunity")
    stage: Text = _field("Stage in the sales pipeline")
    status: Text = _field("State: open, won, lost")
    pipeline: Text = _field("Pipeline or sales process the opportunity is in")
    amount: Amount = _field("Value of the opportunity; may be negative for credits", currency_field="currency")
    expected_revenue: Amount = _field("Amount weighted by probability", currency_field="currency")
    currency: Text = _field("Currency of the amounts, ISO 4217 code where the source gives one")
    quantity: Amount = _field("Total quantity of products")
    probability: Amount = _field("Probability of winning, 0 to 100", unit="percent", ge=Decimal(0), le=Decimal(100))
    forecast_category: Text = _field("Forecast category: pipeline, best case, commit, closed")
    close_date: Day = _field("Date the opportunity closed or is expected to close")
    is_won: Flag = _field("Whether it was won")
    is_closed: Flag = _field("Whether it is closed, won or lost")
    opportunity_type: Text = _field("Kind of sale: new business, renewal, expansion")
    lead_source: Text = _field("Where the opportunity came from")
    campaign_id: Text = _field("Identifier of the campaign it came from")
    loss_reason: Text = _field("Why it was lost")
    next_step: Text = _field("Next step agreed")
    external_id: Text = _field("Identifier of the same opportunity in another system")
    owner_id: Text = _field("Identifier of the user who owns the opportunity")
    owner_name: Text = _field("Name of the user who owns the opportunity", pii="name")
    description: Text = _field("Free text about the opportunity")
    tags: Texts = _field("Tags or labels")
    last_activity_at: Moment = _field("Last activity on the opportunity")
    closed_at: Moment = _field("Moment it was won or lost")
    created_at: Moment = _field("When the opportunity was created in its source")
    updated_at: Moment = _field("When the opportunity was last changed in its source")


class AwsResource(CanonicalEntity):
    """A cloud resource of an AWS account. Required: resource_id."""

    view: ClassVar[str] = "aws_resources"
    resource_id: RequiredText = _identity("Identifier of the resource, such as i-0abc or a bucket name")
    arn: Text = _field("Amazon Resource Name")
    name: Text = _field("Name of the resource, often its Name tag")
    resource_type: Text = _field("Type of resource, such as AWS::EC2::Instance")
    service: Text = _field("AWS service, such as EC2, S3 or RDS")
    region: Text = _field("AWS region, such as eu-west-1")
    availability_zone: Text = _field("Availability zone")
    aws_account_id: Text = _field("AWS account number that holds the resource")
    account_id: Text = _field("Identifier of the business account the resource serves")
    state: Text = _field("State, such as running, stopped or available")
    instance_type: Text = _field("Instance type or class, such as m5.large")
    engine: Text = _field("Database or cache engine")
    engine_version: Text = _field("Version of the engine")
    platform: Text = _field("Operating system or platform")
    image_id: Text = _field("Machine image the instance was launched from")
    vpc_id: Text = _field("Virtual private cloud")
    subnet_id: Text = _field("Subnet")
    private_ip: Text = _field("Private IP address")
    public_ip: Text = _field("Public IP address")
    vcpus: Count = _field("Number of virtual processors", ge=0)
    memory_gb: Amount = _field("Memory", unit="gigabyte", ge=Decimal(0))
    storage_gb: Amount = _field("Storage allocated or used", unit="gigabyte", ge=Decimal(0))
    storage_class: Text = _field("Storage class or volume type")
    cpu_utilization: Amount = _field("Mean processor utilisation", unit="percent")
    memory_utilization: Amount = _field("Mean memory utilisation", unit="percent")
    monthly_cost: Amount = _field("Cost a month", currency_field="currency")
    currency: Text = _field("Currency of the cost, ISO 4217 code where the source gives one")
    environment: Text = _field("Environment, such as production or staging")
    owner: Text = _field("Team or person responsible")
    cost_center: Text = _field("Cost centre the resource is charged to")
    tags: Text = _field("Tags of the resource as JSON text, kept as in the source")
    launched_at: Moment = _field("When the resource was launched")
    created_at: Moment = _field("When the resource was created")
    updated_at: Moment = _field("When the record of the resource was last changed")


class CostReport(CanonicalEntity):
    """One line of cost: cloud usage cost, an invoice or an invoice line. Required: cost_id, date, cost."""

    view: ClassVar[str] = "cost_reports"
    cost_id: RequiredText = _identity("Identifier of the cost line, invoice or invoice line in its source")
    date: RequiredDay = _required("Day the cost belongs to: usage day, posting date or invoice date")
    cost: RequiredAmount = _required("Cost; negative for credits and refunds", currency_field="currency")
    currency: Text = _field("Currency of the cost, ISO 4217 code where the source gives one")
    tax_amount: Amount = _field("Tax included in or added to the cost", currency_field="currency")
    net_amount: Amount = _field("Amount without tax", currency_field="currency")
    amount_paid: Amount = _field("Amount already paid", currency_field="currency")
    amount_due: Amount = _field("Amount still to pay", currency_field="currency")
    provider: Text = _field("Cloud provider or system the cost comes from")
    service: Text = _field("Service or product billed, such as AmazonEC2")
    account_id: Text = _field("Account billed: cloud account number, customer or subscription")
    account_name: Text = _field("Name of the account billed")
    payer_account_id: Text = _field("Account that pays the bill")
    region: Text = _field("Region of the usage")
    resource_id: Text = _field("Resource that caused the cost")
    charge_type: Text = _field("Kind of line: usage, tax, credit, refund, fee, discount")
    usage_type: Text = _field("Usage type, such as BoxUsage:m5.large")
    operation: Text = _field("Operation, such as RunInstances")
    usage_quantity: Amount = _field("Quantity used or invoiced")
    unit: Text = _field("Unit of the quantity, such as Hrs or GB-Mo")
    unit_price: Amount = _field("Price of one unit", currency_field="currency")
    category: Text = _field("Cost category or expense account")
    cost_center: Text = _field("Cost centre charged")
    company_code: Text = _field("Company code or subsidiary that books the cost")
    project: Text = _field("Project charged")
    department: Text = _field("Department charged")
    invoice_id: Text = _field("Invoice or document number")
    invoice_line: Text = _field("Line of the invoice or document")
    document_type: Text = _field("Document type, such as invoice, credit memo or vendor bill")
    vendor: Text = _field("Name of the vendor or supplier")
    vendor_id: Text = _field("Identifier of the vendor or supplier")
    purchase_order: Text = _field("Purchase order the invoice refers to")
    payment_terms: Text = _field("Payment terms")
    status: Text = _field("State of the invoice, such as open, paid or void")
    due_date: Day = _field("Date payment is due")
    paid_date: Day = _field("Date it was paid or cleared")
    period_start: Moment = _field("Start of the usage or billing period")
    period_end: Moment = _field("End of the usage or billing period")
    description: Text = _field("Text of the line")
    tags: Text = _field("Tags as JSON text, kept as in the source")
    created_at: Moment = _field("When the line was created in its source")
    updated_at: Moment = _field("When the line was last changed in its source")


class Health(CanonicalEntity):
    """One measurement of how well a customer, service or resource does. Required: health_id."""

    view: ClassVar[str] = "health"
    health_id: RequiredText = _identity("Identifier of the measurement in its source")
    account_id: Text = _field("Identifier of the customer account measured")
    account_name: Text = _field("Name of the customer measured")
    resource_id: Text = _field("Identifier of the resource or system measured")
    service: Text = _field("Service or product measured")
    score: Amount = _field("Health score, on the source's scale")
    previous_score: Amount = _field("Score before this one")
    max_score: Amount = _field("Highest score of the source's scale")
    status: Text = _field("State, such as healthy, green, at risk or critical")
    risk_level: Text = _field("Risk of losing the customer or the service: low, medium, high")
    trend: Text = _field("Direction: up, down, stable")
    metric: Text = _field("Name of what is measured")
    value: Amount = _field("Value of the metric")
    unit: Text = _field("Unit of the value")
    nps_score: Amount = _field("Net promoter score given", ge=Decimal(-100), le=Decimal(100))
    csat_score: Amount = _field("Customer satisfaction score")
    uptime_percent: Amount = _field("Share of time available", unit="percent")
    response_time_ms: Amount = _field("Response time or latency", unit="millisecond")
    error_rate: Amount = _field("Share of failed requests, on the source's scale")
    open_tickets: Count = _field("Open support tickets or incidents", ge=0)
    reason: Text = _field("Why the score or status is what it is")
    owner_id: Text = _field("Identifier of the customer success manager or responsible user")
    owner_name: Text = _field("Name of the customer success manager or responsible user", pii="name")
    measured_at: Moment = _field("When it was measured")
    renewal_date: Day = _field("Date the contract renews")
    created_at: Moment = _field("When the record was created in its source")
    updated_at: Moment = _field("When the record was last changed in its source")


class Usage(CanonicalEntity):
    """How much of a product or feature was used over a period. Required: usage_id."""

    view: ClassVar[str] = "usage"
    usage_id: RequiredText = _identity("Identifier of the usage record in its source")
    account_id: Text = _field("Identifier of the account that used it")
    account_name: Text = _field("Name of the account that used it")
    user_id: Text = _field("Identifier of the user who used it")
    user_email: Text = _field("E-mail address of the user who used it", pii="email")
    subscription_id: Text = _field("Subscription or contract the usage counts against")
    product: Text = _field("Product used")
    feature: Text = _field("Feature or module used")
    event: Text = _field("Event or action recorded")
    metric: Text = _field("Name of what is counted, such as api_calls or logins")
    quantity: Amount = _field("Quantity used")
    unit: Text = _field("Unit of the quantity")
    quota: Amount = _field("Quantity included or allowed")
    active_users: Count = _field("Users active in the period", unit="people", ge=0)
    sessions: Count = _field("Sessions in the period", ge=0)
    duration_seconds: Amount = _field("Time spent", unit="second")
    plan: Text = _field("Plan or edition")
    region: Text = _field("Region of the usage")
    resource_id: Text = _field("Resource used")
    device: Text = _field("Device, browser or client used")
    date: Day = _field("Day of the usage")
    period_start: Moment = _field("Start of the period")
    period_end: Moment = _field("End of the period")
    measured_at: Moment = _field("When it was measured or happened")
    last_used_at: Moment = _field("Last use in the period")
    created_at: Moment = _field("When the record was created in its source")
    updated_at: Moment = _field("When the record was last changed in its source")


ENTITIES: dict[str, type[CanonicalEntity]] = {
    "account": Account,
    "contact": Contact,
    "opportunity": Opportunity,
    "aws_resource": AwsResource,
    "cost_report": CostReport,
    "health": Health,
    "usage": Usage,
}
VIEWS: dict[str, str] = {entity: model.view for entity, model in ENTITIES.items()}

BOOKKEEPING: tuple[Column, ...] = (
    Column("_connection_id", "VARCHAR", True),
    Column("_source_record_id", "VARCHAR", True),
    Column("_source_updated_at", "TIMESTAMPTZ", False),
    Column("_deleted", "BOOLEAN", True),
    Column("_mapping_version", "INTEGER", True),
    Column("_batch_id", "VARCHAR", True),
    Column("_raw", "VARCHAR", True),
    Column("_unmapped", "VARCHAR", False),
    Column("_key", "UBIGINT", True),
)
BOOKKEEPING_TARGETS: dict[str, str] = {"_deleted": "BOOLEAN", "_source_updated_at": "TIMESTAMPTZ"}

DUCKDB_TYPES: dict[object, str] = {
    str: "VARCHAR", Decimal: reading.DECIMAL_TYPE, int: "BIGINT", bool: "BOOLEAN", dt.date: "DATE",
    dt.datetime: "TIMESTAMPTZ", list[str]: "VARCHAR[]",
}  # fmt: skip


def columns_of(model: type[CanonicalEntity]) -> tuple[Column, ...]:
    """Columns of a model's fields, in its order. A field whose name Python cannot have has it as its alias."""
    fields = model.model_fields.items()
    return tuple(Column(f.alias or name, _duckdb_type(f.annotation), f.is_required()) for name, f in fields)


def canonical_columns(entity: str) -> tuple[Column, ...]:
    """Columns of the entity's own fields, in model order; bookkeeping columns follow them in the table."""
    return columns_of(ENTITIES[entity])


def table_columns(entity: str) -> tuple[Column, ...]:
    """Every column of the table `canonical.{entity}`."""
    return canonical_columns(entity) + BOOKKEEPING


def identity_fields(entity: str) -> tuple[str, ...]:
    """The fields that name a record within its connection; taken from the record's id when no rule fills them."""
    return (next(iter(ENTITIES[entity].model_fields)),)  # every entity opens with it


def required_fields(entity: str) -> tuple[str, ...]:
    """Fields without which a row is rejected. Those that are no identity need a rule in the mapping."""
    return tuple(column.name for column in canonical_columns(entity) if column.required)


def _duckdb_type(annotation: object) -> str:
    inner = [part for part in get_args(annotation) if part is not NoneType]
    return DUCKDB_TYPES[inner[0] if inner and NoneType in get_args(annotation) else annotation]
