/** What fills one column of a view: source fields, how they are read, and how sure that is. */
import { Code, Skeleton, Text } from "@mantine/core";
import { IconGitBranch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { ProblemError } from "@/api/problem";
import { Beside } from "@/features/lineage/beside";
import { columnLineageQuery, type ColumnSource } from "@/features/lineage/column-lineage-query";
import { columnPicture } from "@/features/lineage/column-picture";
import { LineagePicture } from "@/features/lineage/lineage-picture";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import { formatCount } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";
import { Probability } from "@/ui/probability";
import { transformInWords } from "@/ui/transform-words";
import { Unknown } from "@/ui/unknown";

const COLUMNS: Column<ColumnSource>[] = [
  {
    key: "stream",
    header: "Stream",
    cell: ({ connection, connection_id, stream }) => (
      <Text size="sm" truncate>
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
      source_fields.length === 0 ? "none" : source_fields.map((name) => <Code key={name}>{name}</Code>),
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
    cell: ({ mapping_version, decided_by }) => `${mapping_version}, by ${decided_by}`,
  },
  {
    key: "records",
    header: "With a value",
    width: "120px",
    align: "right",
    cell: ({ records }) => (records === null ? <Unknown why="Nothing is published yet" /> : formatCount(records)),
  },
  { key: "which", header: "Which records", width: "150px", cell: whichRecords },
];

interface ColumnPanelProps {
  view: string;
  entity: string;
  column: string;
}

export function ColumnPanel({ view, entity, column }: ColumnPanelProps) {
  const { data, error, refetch } = useQuery(columnLineageQuery(view, column));
  const picture = useMemo(() => data && columnPicture(data, entity), [data, entity]);

  if (error instanceof ProblemError && error.status === 404) {
    return <Empty title={`The view ${view} has no column “${column}”`}>Choose another one above.</Empty>;
  }
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data?.sources.length === 0) {
    return (
      <Empty title={`No source field fills ${column}`} icon={<IconGitBranch size={24} stroke={1.6} />}>
        {data.description ?? "Nobody described it."}. It stays empty until a stream with a fitting field is mapped onto
        it.
      </Empty>
    );
  }
  return (
    <>
      {data?.description !== null && (
        <Text size="sm" c="dimmed" mih={20}>
          {data?.description}
        </Text>
      )}
      <Beside
        picture={
          picture === undefined ? (
            <Skeleton height={230} radius="md" />
          ) : (
            <LineagePicture
              label={`Source fields of ${column}; the table lists them`}
              cards={picture.cards}
              flows={picture.flows}
            />
          )
        }
        table={
          <DataTable
            label={`Source fields of ${column}`}
            columns={COLUMNS}
            rows={data?.sources}
            rowKey={(source) =>
              JSON.stringify([source.connection_id, source.stream, source.source_fields, source.since])
            }
            minWidth={980}
            likely={2}
          />
        }
      />
    </>
  );
}

/** A rule may hold for a part of the records: those that landed before or after its source changed. */
function whichRecords({ since, until }: ColumnSource): string {
  if (until !== null) return since === 0 ? `up to commit ${until}` : `commits ${since} to ${until}`;
  return since === 0 ? "all" : `from commit ${since} on`;
}
