/** Columns of the list of rejected records; the first thing that is wrong stands for the record. */
import { Code, Text } from "@mantine/core";

import type { Reject } from "@/features/connections/rejects-query";
import type { Column } from "@/ui/data-table";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";

export interface RejectRow {
  record: Reject;
  /** Its place in the list, from 1. */
  at: number;
}

export const rejectColumns: Column<RejectRow>[] = [
  {
    key: "field",
    header: "Field",
    width: "190px",
    cell: ({ record: { errors } }) => {
      const { field, source } = errors[0] ?? {};
      return (
        <>
          <Text size="sm" fw={600} truncate>
            {field ?? "the record"}
          </Text>
          {source != null && source !== field && (
            <Text size="xs" c="dimmed" truncate>
              from {source}
            </Text>
          )}
        </>
      );
    },
  },
  {
    key: "value",
    header: "Value",
    width: "190px",
    cell: ({ record: { errors } }) => {
      const value = errors[0]?.value;
      return value == null ? <Unknown why="Empty, or not shown" /> : <Code fz={12}>{value.slice(0, 60)}</Code>;
    },
  },
  {
    key: "reason",
    header: "Reason",
    cell: ({ record: { errors } }) => (
      <Text size="sm" lineClamp={2}>
        {errors[0]?.reason}
        {errors.length > 1 && (
          <Text span size="xs" c="dimmed">
            {" "}
            and {errors.length - 1} more
          </Text>
        )}
      </Text>
    ),
  },
  {
    key: "stream",
    header: "Stream",
    width: "140px",
    cell: ({ record: { stream } }) => (
      <Text size="sm" truncate title={stream}>
        {stream}
      </Text>
    ),
  },
  {
    key: "record",
    header: "Record",
    width: "140px",
    cell: ({ record: { record_id: id, line } }) =>
      id === null ? line === null ? <Unknown why="It has no key" /> : `line ${line}` : <Code fz={12}>{id}</Code>,
  },
  { key: "at", header: "When", width: "130px", cell: ({ record }) => <When at={record.rejected_at} size="sm" /> },
];
