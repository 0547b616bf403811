/** Columns of the history. */
import { Text } from "@mantine/core";

import type { AuditEvent } from "@/features/activity/audit-query";
import { AuditSubject } from "@/features/activity/audit-subject";
import type { Column } from "@/ui/data-table";
import { When } from "@/ui/when";

export const auditColumns: Column<AuditEvent>[] = [
  {
    key: "seq",
    header: "No.",
    width: "76px",
    from: "lg",
    cell: ({ seq }) => (
      <Text size="sm" c="dimmed">
        {seq}
      </Text>
    ),
  },
  { key: "at", header: "When", width: "132px", cell: ({ at }) => <When at={at} size="sm" /> },
  { key: "actor", header: "Who", width: "220px", from: "sm", cell: ({ actor }) => <Actor actor={actor} /> },
  {
    key: "action",
    header: "Did",
    cell: ({ action, actor }) => (
      <>
        <Text size="sm" fw={600} truncate title={action}>
          {action}
        </Text>
        <Text size="xs" c="dimmed" truncate hiddenFrom="sm">
          {actor}
        </Text>
      </>
    ),
  },
  { key: "subject", header: "To", from: "sm", cell: (event) => <AuditSubject event={event} /> },
];

function Actor({ actor }: { actor: string }) {
  return (
    <Text size="sm" truncate title={actor}>
      {actor}
    </Text>
  );
}
