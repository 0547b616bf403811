/** What stands in for a view while it is loaded: its tools and its rows, as high as they will be. */
import { Box, Group, Skeleton, Stack } from "@mantine/core";

const ROWS = 14;

export function ViewSkeleton() {
  return (
    <Stack gap="sm" aria-busy data-state="loading">
      <Group justify="space-between">
        <Group gap="xs">
          <Skeleton height={36} width={240} radius="md" />
          <Skeleton height={36} width={100} radius="md" />
        </Group>
        <Skeleton height={36} width={360} radius="md" visibleFrom="sm" />
      </Group>
      <Skeleton height={16} width={260} radius="sm" my={6} />
      <Box
        style={{ border: "1px solid var(--mantine-color-default-border)", borderRadius: "var(--mantine-radius-md)" }}
      >
        <Box h={40} bg="var(--surface-raised)" />
        {Array.from({ length: ROWS }, (_, row) => (
          <Box key={row} h={38} px={12} pt={13}>
            <Skeleton height={12} width={`${88 - ((row * 13) % 37)}%`} radius="sm" />
          </Box>
        ))}
      </Box>
    </Stack>
  );
}
