/** Something could not be had: the reason as the API gave it, and a way to try again. */
import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconRefresh } from "@tabler/icons-react";

import { describeProblem } from "@/api/problem";

interface FailureProps {
  error: unknown;
  onRetry?: () => void;
}

export function Failure({ error, onRetry }: FailureProps) {
  const { title, detail, traceId } = describeProblem(error);
  return (
    <Alert
      color="red"
      variant="light"
      title={title}
      icon={<IconAlertTriangle size={18} />}
      data-state="error"
      role="alert"
    >
      <Group justify="space-between" align="center" gap="sm">
        <div>
          {detail !== "" && <Text size="sm">{detail}</Text>}
          {traceId !== null && (
            <Text size="xs" c="dimmed" mt={4}>
              Trace {traceId}
            </Text>
          )}
        </div>
        {onRetry !== undefined && (
          <Button size="xs" variant="default" leftSection={<IconRefresh size={14} />} onClick={onRetry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
}
