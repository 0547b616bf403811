/** Who did what, newest first, in a chain that shows if it is rewritten. */
import { Button, Group, Stack } from "@mantine/core";
import { IconDownload, IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";

import { itemsOf } from "@/api/queries/infinite";
import { auditColumns } from "@/features/activity/audit-columns";
import { AuditDrawer } from "@/features/activity/audit-drawer";
import { AuditFilters } from "@/features/activity/audit-filters";
import { auditQuery } from "@/features/activity/audit-query";
import { useExportAudit } from "@/features/activity/use-export-audit";
import { VerificationCard } from "@/features/activity/verification-card";
import { DataTable } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { LoadMore } from "@/ui/load-more";
import { text, useUrlState, whole } from "@/ui/use-url-state";

const FIELDS = { actor: text(), action: text(), subject: text(), since: text(), until: text(), event: whole(0) };

export function HistoryPanel() {
  const [{ event, ...filter }, set] = useUrlState(FIELDS);
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(auditQuery(filter));
  const exported = useExportAudit();
  const rows = itemsOf(data);
  const isFiltered = Object.values(filter).some((value) => value !== "");
  return (
    <Stack gap="md">
      <VerificationCard />
      <Group justify="space-between" gap="sm" align="flex-end">
        <AuditFilters filter={filter} onChange={set} />
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          loading={exported.isPending}
          onClick={() => exported.mutate()}
        >
          Export all
        </Button>
      </Group>
      <DataTable
        label="History"
        columns={auditColumns}
        rows={rows}
        rowKey={({ seq }) => `${seq}`}
        error={error}
        onRetry={() => void refetch()}
        onOpen={({ seq }) => set({ event: seq }, true)}
        minWidth={720}
        phoneWidth={320}
        rowHeight={46}
        likely={12}
        empty={
          <Empty
            title={isFiltered ? "Nothing of that was done" : "Nothing was done yet"}
            icon={<IconHistory size={24} stroke={1.6} />}
          >
            {isFiltered ? "Take a filter away, or write the beginning of a subject." : undefined}
          </Empty>
        }
      />
      {rows !== undefined && rows.length > 0 && (
        <LoadMore
          hasMore={hasNextPage}
          isLoading={isFetchingNextPage}
          onMore={() => void fetchNextPage()}
          end={isFiltered ? "These are all that fit." : "The history begins here."}
        />
      )}
      <AuditDrawer event={rows?.find(({ seq }) => seq === event)} onClose={() => set({ event: 0 })} />
    </Stack>
  );
}
