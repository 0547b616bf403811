"""A stand-in org: small results by REST pages, and the same by the Bulk API."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pyarrow as pa

from connectors.errors import ConfigInvalid, CredentialsExpired, SourceUnavailable
from connectors.sandbox.faults import Request
from connectors.sandbox.salesforce.sandbox import SalesforceSandbox
from tests.connectors.harnesses.harness import BadConfig, Expected
from tests.connectors.harnesses.sandboxed import WORDS, SandboxHarness, closed_port

TYPED = "Typed__c"


class SalesforceHarness(SandboxHarness):
    name = "salesforce-rest"
    kind = "salesforce"
    stream = "Deal__c"
    key = "Id"
    value = "Name"
    bulk_from_records: ClassVar[int] = 10_000

    def start(self) -> None:
        self._days = 0.0
        self.sandbox = SalesforceSandbox(page_size=10, clock=self._now, bulk_polls=0)
        self.sandbox.start()
        self.fill()
        logins = self.sandbox.logins
        self.secrets = (logins.client_secret, logins.refresh_token)

    def all_secrets(self) -> tuple[str, ...]:
        return (*self.secrets, *self.sandbox.logins._tokens)

    def _now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=self._days)

    def table(self, count: int) -> pa.Table:
        return pa.table({"Id": [self.identity(n) for n in range(count)], "Name": [f"name {n}" for n in range(count)]})

    def identity(self, number: int) -> str:
        return f"a0000000{number:07d}AAA"

    def config(self, **limits: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.sandbox.config()
        return made | {"bulk_from_records": self.bulk_from_records, "limits": {**self.limits, **limits}}

    def bad_configs(self) -> list[BadConfig]:
        good = self.config(give_up_after_s=0.1)
        return [
            ({**good, "client_secret": "wrong-secret-0f3a"}, CredentialsExpired),
            ({**good, "refresh_token": "wrong-token-91bc"}, CredentialsExpired),
            ({**good, "instance_url": f"http://127.0.0.1:{closed_port()}"}, SourceUnavailable),
            ({**good, "objects": ["NoSuchObject__c"]}, ConfigInvalid),
            ({**good, "instance_url": "ftp://acme.example"}, ConfigInvalid),
            ({"instance_url": good["instance_url"], "client_id": good["client_id"]}, ConfigInvalid),
            ({**good, "passwort": "typo-secret-77"}, ConfigInvalid),
        ]

    def put_late(self, number: int, value: str, age_s: float) -> bool:
        moment = self._now() - timedelta(seconds=age_s)
        self.sandbox.upsert(self.stream, [{"Id": self.identity(number), "Name": value, "SystemModstamp": moment}])
        return True

    def outrun(self) -> str | None:
        self._days += 20
        return "history_lost"

    def writing_config(self) -> dict[str, Any]:
        self.sandbox.writes = True
        return self.config()

    def most_records(self, request: Request) -> int | None:
        if "describe" in request.path or "COUNT()" in request.query.upper().replace("%28", "(").replace("%29", ")"):
            return None
        return super().most_records(request)

    def typed(self) -> tuple[str, list[Expected]]:
        ids = ["a01000000000001AAA", "a01000000000002AAA"]
        moment = datetime(1805, 1, 2, 3, 4, 5, 678000, UTC)
        amounts = [Decimal("1234567890123456789012.12345678"), Decimal("-0.00000001")]
        columns: dict[str, tuple[pa.Array, Any, list[str | None]]] = {
            "Id": (pa.array(ids), "text", list(ids)),
            "Whole__c": (pa.array([-(2**63), 2**63 - 1]), "integer", ["-9223372036854775808", "9223372036854775807"]),
            "Amount__c": (
                pa.array(amounts, pa.decimal128(38, 8)),
                "decimal",
                ["1234567890123456789012.12345678", "-0.00000001"],
            ),
            "Ratio__c": (pa.array([0.1, 0.0000001]), "decimal", ["0.1", "0.0000001"]),
            "Flag__c": (pa.array([True, False]), "boolean", ["true", "false"]),
            "Day__c": (pa.array([date(1789, 7, 14), None]), "date", ["1789-07-14", None]),
            "Moment__c": (
                pa.array([moment, None], pa.timestamp("ms", "UTC")),
                "timestamp",
                ["1805-01-02T03:04:05.678Z", None],
            ),
            "Clock__c": (pa.array([time(23, 59, 58, 123000), None]), "time", ["23:59:58.123", None]),
            "Words__c": (pa.array([WORDS, None]), "text", [WORDS, None]),
            "Padded__c": (pa.array([" 00123 ", "no"]), "text", [" 00123 ", "no"]),
        }
        self.sandbox.load(TYPED, pa.table({name: given[0] for name, given in columns.items()}), "Id")
        return TYPED, [
            Expected(name, declared, dict(zip(ids, texts, strict=True)))
            for name, (_, declared, texts) in columns.items()
        ]


class SalesforceBulkHarness(SalesforceHarness):
    name = "salesforce-bulk"
    bulk_from_records = 1
    results_outlive_streams = True
