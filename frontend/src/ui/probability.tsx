/** How sure something is: the number, and a bar whose length says it without reading. */
import { Box, Group, Text, Tooltip } from "@mantine/core";

import { formatProbability, formatShare } from "@/ui/numbers";

interface ProbabilityProps {
  value: number;
  /** From here on it is applied without asking; drawn as a mark on the bar. */
  applyAt?: number;
}

export function Probability({ value, applyAt }: ProbabilityProps) {
  const colour = value >= (applyAt ?? 0.85) ? "source" : value >= 0.6 ? "yellow" : "red";
  const bar = (
    <Box
      aria-hidden
      w={64}
      h={6}
      pos="relative"
      bg="var(--mantine-color-default-border)"
      style={{ borderRadius: 3, overflow: "hidden", flex: "none" }}
    >
      <Box h="100%" w={`${Math.round(value * 100)}%`} bg={`var(--mantine-color-${colour}-filled)`} />
      {applyAt !== undefined && (
        <Box pos="absolute" top={0} left={`${applyAt * 100}%`} w={1.5} h="100%" bg="var(--mantine-color-text)" />
      )}
    </Box>
  );
  return (
    <Group gap={8} wrap="nowrap" style={{ display: "inline-flex" }}>
      {applyAt === undefined ? bar : <Tooltip label={`applied alone from ${formatShare(applyAt)}`}>{bar}</Tooltip>}
      <Text size="sm" span>
        {formatProbability(value)}
      </Text>
    </Group>
  );
}
