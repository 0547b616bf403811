/** The source fields of a column as a table: how each is read, how sure that is, and the records it holds for. */
import { Code, Group, Text } from "@mantine/core";

import type { ColumnSource } from "@/features/lineage/column-lineage-query";
import { DataTable, type Column } from "@/ui/data-table";
import { formatCount } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";
import { Probability } from "@/ui/probability";
import { transformInWords } from "@/ui/transform-words";
import { Unknown } from "@/ui/unknown";

interface ColumnTableProps {
  view: string;
  column: string;
  sources: readonly ColumnSource[];
}

export function ColumnTable({ view, column, sources }: ColumnTableProps) {
  return (
    <DataTable
      label={`Source fields of ${column}`}
      columns={columnsOf(view, column)}
      rows={sources}
      rowKey={(source) => JSON.stringify([source.connection_id, source.stream, source.source_fields, source.since])}
      minWidth={980}
    />
  );
}

function columnsOf(view: string, column: string): Column<ColumnSource>[] {
  return [
    {
      key: "stream",
      header: "Stream",
      width: "24%",
      cell: ({ connection, connection_id, stream }) => (
        <Text size="sm" truncate title={`${connection} · ${stream}`}>
          <PageLink to={`/connections/${connection_id}`} fw={600} underline="hover">
            {connection}
          </PageLink>{" "}
          · {stream}
        </Text>
      ),
    },
    {
      key: "fields",
      header: "Source fields",
      cell: ({ source_fields }) =>
        source_fields.length === 0 ? (
          "none"
        ) : (
          <Group gap={4}>
            {source_fields.map((name) => (
              <Code key={name}>{name}</Code>
            ))}
          </Group>
        ),
    },
    { key: "transform", header: "Read", cell: ({ transform }) => transformInWords(transform) },
    {
      key: "sure",
      header: "Probability",
      width: "140px",
      cell: ({ probability }) => <Probability value={probability} />,
    },
    {
      key: "by",
      header: "Mapping",
      width: "150px",
      cell: ({ mapping_version, decided_by }) => `version ${mapping_version}, ${decided_by}`,
    },
    {
      key: "records",
      header: "With a value",
      width: "120px",
      align: "right",
      cell: ({ records, connection_id }) =>
        records === null ? (
          <Unknown why="Nothing is published yet" />
        ) : (
          <PageLink
            to={`/views/${encodeURIComponent(view)}`}
            search={{ where: [`_sources:contains:${connection_id}`, `${column}:notnull`] }}
            size="sm"
            underline="hover"
            aria-label={`${formatCount(records)} records with a value: see the rows they are in`}
          >
            {formatCount(records)}
          </PageLink>
        ),
    },
    { key: "which", header: "Which records", width: "150px", cell: whichRecords },
  ];
}

/** A rule may hold for a part of the records: those that landed before or after its source changed. */
function whichRecords({ since, until }: ColumnSource): string {
  if (until !== null) return since === 0 ? `up to commit ${until}` : `commits ${since} to ${until}`;
  return since === 0 ? "all" : `from commit ${since} on`;
}
