/** A figure that nobody measured: shown as such, never as nought. */
import { Text, Tooltip } from "@mantine/core";

export function Unknown({ why = "Not measured yet" }: { why?: string }) {
  return (
    <Tooltip label={why} withArrow>
      <Text span c="dimmed" aria-label={`unknown: ${why}`} tabIndex={0}>
        –
      </Text>
    </Tooltip>
  );
}
