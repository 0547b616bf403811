/** The last syncs that failed, each with why and what helps. */
import { Card, Stack, Text, Title } from "@mantine/core";

import type { Health } from "@/features/connections/health-query";
import { PageLink } from "@/ui/page-link";
import { When } from "@/ui/when";

interface LastErrorsProps {
  connectionId: string;
  errors: Health["last_errors"];
}

export function LastErrors({ connectionId, errors }: LastErrorsProps) {
  return (
    <Card withBorder padding="lg" component="section" aria-label="Last failures">
      <Title order={2} size="h5" mb="sm">
        Last failures
      </Title>
      {errors.length === 0 && (
        <Text size="sm" c="dimmed">
          No sync of it has failed.
        </Text>
      )}
      <Stack gap="sm">
        {errors.map((error) => (
          <div key={error.sync_id}>
            <Text size="sm" fw={600}>
              {error.message}
            </Text>
            <Text size="xs" c="dimmed">
              {error.hint != null && `${error.hint} `}
              {error.code}
              {error.at !== null && (
                <>
                  , <When at={error.at} size="xs" />
                </>
              )}
              .{" "}
              <PageLink to={`/connections/${connectionId}`} search={{ tab: "runs", run: error.sync_id }} inherit>
                Look at the run
              </PageLink>
            </Text>
          </div>
        ))}
      </Stack>
    </Card>
  );
}
