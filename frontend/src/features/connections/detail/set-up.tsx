/** How a connection is set up, for those who do not change it. */
import { Card, Stack, Text } from "@mantine/core";

import type { Connection } from "@/api/types";
import { scheduleInWords } from "@/features/connections/connection-state";
import { Facts } from "@/ui/facts";
import { JsonView } from "@/ui/json-view";

export function SetUp({ connection }: { connection: Connection }) {
  return (
    <Card withBorder padding="lg">
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          Owners and admins change these.
        </Text>
        <Facts
          facts={[
            { name: "Schedule", value: scheduleInWords(connection.schedule) },
            { name: "Owner", value: connection.owner },
            { name: "Risk", value: connection.risk_level },
          ]}
        />
        <JsonView value={connection.config} />
      </Stack>
    </Card>
  );
}
