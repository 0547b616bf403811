/** That a connection reads samples alone, and how that ends. */
import { Alert, Button, Group, Text } from "@mantine/core";
import { IconShieldHalfFilled } from "@tabler/icons-react";

import { useMay } from "@/api/queries/me-query";
import type { Connection } from "@/api/types";
import { useDecideConnection } from "@/features/connections/use-decide-connection";

export function SafeModeNote({ connection }: { connection: Connection }) {
  const mayLift = useMay()("approvals.decide");
  const decide = useDecideConnection();
  if (!connection.safe_mode) return null;
  return (
    <Alert color="orange" variant="light" icon={<IconShieldHalfFilled size={18} />} title="Safe Mode: samples alone">
      <Group justify="space-between" gap="sm">
        <Text size="sm" flex="1 1 18rem">
          {connection.risk_level === "low"
            ? "Its syncs read a few records of each stream. Policy lifts that when the samples are sound, or you do."
            : `Its risk is ${connection.risk_level}, so a person has to lift it: until then its syncs read a few records of each stream.`}
        </Text>
        {mayLift && (
          <Button
            size="xs"
            variant="default"
            loading={decide.isPending}
            onClick={() => decide.mutate({ connection, verdict: "lift" })}
          >
            Lift it: read everything
          </Button>
        )}
      </Group>
    </Alert>
  );
}
