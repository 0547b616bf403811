/** A source that refused: why, and what helps. */
import { Stack, Text } from "@mantine/core";

import { ProblemError } from "@/api/problem";
import { Failure } from "@/ui/failure";

export function RefusalFailure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const hint = hintOf(error);
  return (
    <Stack gap={6}>
      <Failure error={error} onRetry={onRetry} />
      {hint !== "" && (
        <Text size="sm" px="xs">
          <b>What helps:</b> {hint}
        </Text>
      )}
    </Stack>
  );
}

/** Problems of a source have a hint beside the fields that every problem has. */
function hintOf(error: unknown): string {
  if (!(error instanceof ProblemError) || !("hint" in error.body)) return "";
  return typeof error.body.hint === "string" ? error.body.hint : "";
}
