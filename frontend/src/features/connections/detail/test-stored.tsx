/** Tries the source as it is stored. */
import { Button, Stack, Text } from "@mantine/core";
import { IconTestPipe } from "@tabler/icons-react";

import { TrialResult } from "@/features/connections/trial-result";
import { useTestConnection } from "@/features/connections/use-test-connection";

export function TestStored({ connectionId, isDirty }: { connectionId: string; isDirty: boolean }) {
  const test = useTestConnection();
  return (
    <Stack gap="sm" align="flex-start">
      <Button
        variant="default"
        leftSection={<IconTestPipe size={16} />}
        loading={test.isPending}
        onClick={() => test.mutate(connectionId)}
      >
        Test as it is stored
      </Button>
      {isDirty && (
        <Text size="xs" c="dimmed">
          What is typed above is tried when it is saved.
        </Text>
      )}
      <TrialResult trial={test.data} error={test.error} isTesting={test.isPending} />
    </Stack>
  );
}
