/** Repairs that need a person, those too unsure to ask for, and what became of the others. */
import { Badge, Stack, Tabs } from "@mantine/core";
import { useQuery, type QueryClient } from "@tanstack/react-query";

import { openApprovalsQuery } from "@/api/queries/open-approvals-query";
import { DecidedTable } from "@/features/approvals/decided-table";
import { QueueFilters } from "@/features/approvals/queue-filters";
import { QUEUE_FIELDS } from "@/features/approvals/queue-fields";
import { QueueTable } from "@/features/approvals/queue-table";
import { ReplayCard } from "@/features/approvals/replay-card";
import { formatCount } from "@/ui/numbers";
import { Page } from "@/ui/page";
import { useUrlState } from "@/ui/use-url-state";

/** Begun, not waited for: the table has a state of its own while it loads. */
export const loader = (client: QueryClient): void => void client.prefetchQuery(openApprovalsQuery());

export default function ApprovalsPage() {
  const [{ tab, replay }, set] = useUrlState(QUEUE_FIELDS);
  const waiting = useQuery(openApprovalsQuery()).data;
  return (
    <Page title="Approvals" subtitle="Repairs of mappings that policy would not apply alone">
      {replay !== "" && <ReplayCard syncId={replay} onClose={() => set({ replay: "" })} />}
      <Tabs
        value={tab}
        onChange={(next) => set({ tab: (next ?? "open") as typeof tab, state: null })}
        keepMounted={false}
      >
        <Tabs.List mb="md" mih={42}>
          <Tabs.Tab value="open" rightSection={<Waiting count={waiting?.length} />}>
            To decide
          </Tabs.Tab>
          <Tabs.Tab value="refused">Too unsure to ask</Tabs.Tab>
          <Tabs.Tab value="all">All repairs</Tabs.Tab>
        </Tabs.List>
        <Stack gap="md">
          <QueueFilters />
          <Tabs.Panel value="open">
            <QueueTable />
          </Tabs.Panel>
          <Tabs.Panel value="refused">
            <DecidedTable status="refused" />
          </Tabs.Panel>
          <Tabs.Panel value="all">
            <DecidedTable />
          </Tabs.Panel>
        </Stack>
      </Tabs>
    </Page>
  );
}

/** Its place is kept while it is counted. */
function Waiting({ count }: { count: number | undefined }) {
  if (count === 0) return null;
  return (
    <Badge
      size="sm"
      variant="light"
      color="insight"
      circle={count === undefined || count < 10}
      style={count === undefined ? { visibility: "hidden" } : undefined}
      aria-hidden={count === undefined}
    >
      {count === undefined ? "" : formatCount(count)}
    </Badge>
  );
}
