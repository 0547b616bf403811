"""The table of records that could not be taken, with reason and raw text: counted, exported, never lost.

It holds what is rejected now: a record leaves it when a later version of it is accepted. Older states are in the
lake's time travel.
"""

REJECTS_SCHEMA = "canonical"
REJECTS_TABLE = "rejected_records"

REJECT_COLUMNS: dict[str, str] = {
    "connection_id": "VARCHAR",
    "stream": "VARCHAR",
    "entity": "VARCHAR",  # null when the record failed before it was mapped
    "stage": "VARCHAR",  # 'extract' or 'normalize'
    "record_id": "VARCHAR",
    "record_key": "UBIGINT",
    "origin": "VARCHAR",
    "line": "BIGINT",
    "errors": "VARCHAR",  # JSON list of {field, source, value, reason}
    "raw": "VARCHAR",  # the line as it stood, or a JSON object of source fields
    "batch_id": "VARCHAR",
    "rejected_at": "TIMESTAMPTZ",
}
