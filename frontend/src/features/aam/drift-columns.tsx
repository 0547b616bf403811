/** How a change of a source is told in a row. */
import { Stack, Text } from "@mantine/core";

import type { Drift } from "@/features/aam/drift-since-query";
import { changeTitle, kindName, SEVERITY_LOOK } from "@/ui/change-words";
import type { Column } from "@/ui/data-table";
import { Probability } from "@/ui/probability";
import { StatusBadge } from "@/ui/status-badge";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";

export const DRIFT_COLUMNS: Column<Drift>[] = [
  {
    key: "change",
    header: "Change",
    cell: (event) => (
      <Stack gap={0}>
        <Text size="sm" fw={650} truncate>
          {changeTitle(event.fields_before, event.fields_after) || event.names || kindName(event.kind)}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {kindName(event.kind)} in {event.connection ?? "a deleted connection"} · {event.stream}
        </Text>
      </Stack>
    ),
  },
  {
    key: "severity",
    from: "sm",
    header: "Severity",
    width: "125px",
    cell: ({ severity }) => (
      <StatusBadge size="sm" tone={SEVERITY_LOOK[severity].tone}>
        {SEVERITY_LOOK[severity].word}
      </StatusBadge>
    ),
  },
  {
    key: "breaks",
    from: "sm",
    header: "Breaks",
    width: "190px",
    cell: ({ breaks_fields: fields }) => (
      <Text size="sm" truncate title={fields.join(", ")}>
        {fields.length === 0 ? "no view" : fields.join(", ")}
      </Text>
    ),
  },
  {
    key: "probability",
    from: "sm",
    header: "How sure",
    width: "140px",
    cell: ({ probability }) =>
      probability === null ? <Unknown why="It was not weighed" /> : <Probability value={probability} />,
  },
  {
    key: "state",
    header: "State",
    width: "130px",
    cell: ({ status, resolution }) => (
      <StatusBadge size="sm" tone={status === "open" ? "waiting" : "good"} hint={resolution}>
        {status}
      </StatusBadge>
    ),
  },
  {
    key: "seen",
    from: "sm",
    header: "First seen",
    width: "130px",
    cell: (event) => <When at={event.first_seen_at} size="sm" />,
  },
];
