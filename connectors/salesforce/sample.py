"""A few records of a stream for a first look: one small query, never a bulk job."""

import pyarrow as pa

from connectors.protocol import Batch, Stream
from connectors.salesforce.client import Org
from connectors.salesforce.soql import column_groups, columns_of, records_query, sample_query
from connectors.salesforce.values import canonical, table_of_records


def sample(org: Org, stream: Stream, limit: int) -> Batch:
    """At most `limit` records. More columns than a URL holds are asked for group by group. Raises ConnectorError."""
    columns = columns_of(stream, frozenset(field.name for field in stream.fields) | {"Id"})
    groups = column_groups(columns)
    records = org.get("query", stream.name, {"q": sample_query(stream, groups[0], limit)})["records"][:limit]
    ids = [str(record["Id"]) for record in records]
    by_id = {str(record["Id"]): dict(record) for record in records}
    for group in groups[1:] if ids else []:
        for record in org.get("query", stream.name, {"q": records_query(stream, group, ids)})["records"]:
            by_id.get(str(record["Id"]), {}).update(record)
    table: pa.Table = canonical(table_of_records([by_id[one] for one in ids], columns), stream, False)
    return Batch(stream, "", {}, None, arrow=table.to_reader(), delta=True)
