/** Repairs of one state or of all, newest first; more come as one scrolls. */
import { Box, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { itemsOf } from "@/api/queries/infinite";
import { repairSettingsQuery } from "@/api/queries/repair-settings-query";
import { approvalsQuery } from "@/features/approvals/approvals-query";
import { decidedColumns } from "@/features/approvals/decided-columns";
import { isWithin } from "@/features/approvals/queue";
import { QUEUE_FIELDS } from "@/features/approvals/queue-fields";
import { useRowKeys } from "@/features/approvals/use-row-keys";
import type { RepairStatus } from "@/ui/change-words";
import { DataTable } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { LoadMore } from "@/ui/load-more";
import { useUrlState } from "@/ui/use-url-state";
import { When } from "@/ui/when";

export function DecidedTable({ status }: { status?: RepairStatus }) {
  const [{ state, kind, connection, since, until }] = useUrlState(QUEUE_FIELDS);
  const wanted = { status: status ?? state, kind, connectionId: connection === "" ? null : connection };
  const found = useInfiniteQuery(approvalsQuery(wanted));
  const applyAt = useQuery(repairSettingsQuery()).data?.value.apply_at;
  const navigate = useNavigate();
  const around = useRowKeys();
  const all = itemsOf(found.data);
  const rows = all?.filter((repair) => isWithin(repair, since, until));
  const isOlder = all?.some((repair) => !isWithin(repair, since, "")) ?? false;
  // Within one state the newest come first: one that is older than the moment asked for ends the list.
  const hasMore = found.hasNextPage && !(wanted.status !== null && isOlder);
  const more = () => void (hasMore && !found.isFetchingNextPage && found.fetchNextPage());

  return (
    <Box ref={around}>
      {since !== "" && (
        <Text size="sm" c="dimmed" mb="xs" component="div">
          Proposed since <When at={since} size="sm" />
          {until !== "" && (
            <>
              {" "}
              and before <When at={until} size="sm" />
            </>
          )}
          .
        </Text>
      )}
      <DataTable
        label="Repairs"
        columns={decidedColumns(applyAt)}
        rows={rows}
        rowKey={(repair) => repair.id}
        error={found.error}
        onRetry={() => void found.refetch()}
        onOpen={({ id }) => void navigate({ to: `/approvals/${id}` })}
        onEnd={more}
        rowHeight={60}
        minWidth={980}
        phoneWidth={330}
        empty={
          <Empty title={status === "refused" ? "No repair was too unsure to ask for" : "No repair fits"}>
            {status === "refused"
              ? "What is below the lower threshold of the settings comes here; it can be decided all the same."
              : "Repairs come here once a source changes its shape."}
          </Empty>
        }
      />
      {rows !== undefined && <LoadMore hasMore={hasMore} isLoading={found.isFetchingNextPage} onMore={more} />}
    </Box>
  );
}
