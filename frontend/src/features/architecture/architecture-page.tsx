/** The platform as it is built, with the state of its parts as far as the one who looks may know it. */
import { Skeleton, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { QueryClient } from "@tanstack/react-query";
import { lazy, Suspense } from "react";

import { OperatorPanels } from "@/features/architecture/operator-panels";
import { PartDrawer } from "@/features/architecture/part-drawer";
import { PartList } from "@/features/architecture/part-list";
import { GRAPH_HEIGHT, partOf } from "@/features/architecture/parts";
import { ReadinessBanner } from "@/features/architecture/readiness-banner";
import { readyQuery } from "@/features/architecture/ready-query";
import { useKnown } from "@/features/architecture/use-known";
import { Page } from "@/ui/page";
import { text, useUrlState } from "@/ui/use-url-state";

const ArchitectureGraph = lazy(() => import("@/features/architecture/architecture-graph"));
const FIELDS = { part: text() };
const NARROW = "(max-width: 62em)";

export const loader = (client: QueryClient): void => void client.prefetchQuery(readyQuery());

export default function ArchitecturePage() {
  const [{ part: openId }, set] = useUrlState(FIELDS);
  const known = useKnown();
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  const open = (id: string) => set({ part: id }, true);
  return (
    <Page title="Architecture" subtitle="What the platform is made of, what each part does, and how it is now">
      <ReadinessBanner ready={known.ready} />
      {isNarrow ? (
        <PartList known={known} openId={openId} onOpen={open} />
      ) : (
        <Suspense fallback={<Skeleton height={GRAPH_HEIGHT} radius="md" data-state="loading" />}>
          <ArchitectureGraph known={known} openId={openId} onOpen={open} />
        </Suspense>
      )}
      {known.isOperator ? (
        <OperatorPanels />
      ) : (
        <Text size="sm" c="dimmed">
          Queues, lag and versions of the platform are shown to those who run it.
        </Text>
      )}
      <PartDrawer part={partOf(openId)} known={known} onOpen={open} onClose={() => set({ part: "" })} />
    </Page>
  );
}
