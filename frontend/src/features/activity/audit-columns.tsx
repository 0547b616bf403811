/** Columns of the history. */
import { Code, Text } from "@mantine/core";

import type { AuditEvent } from "@/features/activity/audit-query";
import type { Column } from "@/ui/data-table";
import { When } from "@/ui/when";

export const auditColumns: Column<AuditEvent>[] = [
  {
    key: "seq",
    header: "No.",
    width: "76px",
    cell: ({ seq }) => (
      <Text size="sm" c="dimmed">
        {seq}
      </Text>
    ),
  },
  { key: "at", header: "When", width: "140px", cell: ({ at }) => <When at={at} size="sm" /> },
  {
    key: "actor",
    header: "Who",
    width: "220px",
    cell: ({ actor }) => (
      <Text size="sm" truncate title={actor}>
        {actor}
      </Text>
    ),
  },
  {
    key: "action",
    header: "Did",
    width: "230px",
    cell: ({ action }) => (
      <Text size="sm" fw={600} truncate title={action}>
        {action}
      </Text>
    ),
  },
  { key: "subject", header: "To", cell: ({ subject, data }) => <Subject subject={subject} name={data["name"]} /> },
];

function Subject({ subject, name }: { subject: string; name: unknown }) {
  const [thing, id] = [subject.slice(0, subject.indexOf(":")), subject.slice(subject.indexOf(":") + 1)];
  return (
    <Text size="sm" truncate title={subject}>
      {thing}{" "}
      {typeof name === "string" ? (
        <Text span fw={600}>
          {name}
        </Text>
      ) : (
        <Code fz={12}>{id}</Code>
      )}
    </Text>
  );
}
