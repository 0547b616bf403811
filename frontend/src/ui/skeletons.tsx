/** What stands in for content that is on its way, in the size it will have. */
import { Card, SimpleGrid, Skeleton, Stack } from "@mantine/core";

export function PageSkeleton() {
  return (
    <Stack gap="lg" p="var(--page-gutter)" maw={1600} mx="auto" aria-busy aria-label="Loading" data-state="loading">
      <div>
        <Skeleton height={26} mt={4} width={180} radius="sm" />
        <Skeleton height={14} mt={12} width="min(420px, 70%)" radius="sm" />
      </div>
      <CardSkeleton lines={6} />
    </Stack>
  );
}

export function CardSkeleton({ lines = 3 }: { lines?: number }) {
  return (
    <Card withBorder aria-busy data-state="loading">
      <Stack gap="sm">
        {Array.from({ length: lines }, (_, line) => (
          <Skeleton key={line} height={14} width={`${92 - ((line * 17) % 40)}%`} radius="sm" />
        ))}
      </Stack>
    </Card>
  );
}

/** As many tiles as there will be, each as high as a `Stat`. */
export function StatSkeletons({ count }: { count: number }) {
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: count }} aria-busy data-state="loading">
      {Array.from({ length: count }, (_, each) => (
        <Skeleton key={each} height={121} radius="md" />
      ))}
    </SimpleGrid>
  );
}
