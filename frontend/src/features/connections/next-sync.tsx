/** When a connection is synced next, and by which plan. */
import { Text } from "@mantine/core";

import type { Connection } from "@/api/types";
import { scheduleInWords } from "@/features/connections/connection-state";
import { useHasPassed } from "@/ui/clock";
import { When } from "@/ui/when";

type Planned = Pick<Connection, "status" | "schedule" | "next_due_at">;

export function NextSync({ connection, isShort = false }: { connection: Planned; isShort?: boolean }) {
  return (
    <div>
      <Text size="sm">
        <Due connection={connection} />
      </Text>
      {connection.schedule !== null && !isShort && (
        <Text size="xs" c="dimmed" truncate>
          {scheduleInWords(connection.schedule)}
        </Text>
      )}
    </div>
  );
}

function Due({ connection: { status, schedule, next_due_at: at } }: { connection: Planned }) {
  if (status === "paused") return <>not while paused</>;
  if (status === "needs_person") return <>not by itself</>;
  if (schedule === null || at === null) return <>by hand</>;
  return <DueAt at={at} />;
}

function DueAt({ at }: { at: string }) {
  return useHasPassed(at) ? <>due now</> : <When at={at} size="sm" />;
}
