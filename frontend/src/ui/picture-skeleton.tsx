/**
 * What stands in for a picture of things and lines: as high as the window is. What is below comes when it is known how
 * much room the picture takes, so that nothing jumps.
 */
import { Box, Group, Skeleton, Stack } from "@mantine/core";

const COLUMNS = [5, 3, 3];

export function PictureSkeleton() {
  return (
    <Box
      h="max(420px, calc(100dvh - 250px))"
      p="lg"
      bg="var(--surface-raised)"
      style={{
        border: "1px solid var(--mantine-color-default-border)",
        borderRadius: "var(--mantine-radius-md)",
        overflow: "hidden",
      }}
      aria-busy
      data-state="loading"
    >
      <Group justify="space-between" wrap="nowrap" h="100%">
        {COLUMNS.map((count, column) => (
          <Stack key={column} gap={28} w="22%" justify="center">
            {Array.from({ length: count }, (_, each) => (
              <Skeleton key={each} height={64} radius="md" />
            ))}
          </Stack>
        ))}
      </Group>
    </Box>
  );
}
